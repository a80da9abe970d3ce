import { createToneMap, type HdrTransfer } from "./hdr.ts";
import { createRasterImage, type RasterImage } from "../image/index.ts";

/** Where a plane of a frame begins in its bytes, and how far apart its rows are. */
export interface PlaneLayout {
  readonly offset: number;
  readonly stride: number;
}

/** How a frame's brightness and colours are written. */
export interface ColourCoding {
  /** ITU-R BT.601, BT.709 or BT.2020. */
  readonly matrix: keyof typeof shares;
  /** Whether brightness takes 0..255; else 16..235. */
  readonly fullRange: boolean;
  /** Where light is coded for a high dynamic range, in the colours of BT.2020. @default as on ordinary displays */
  readonly transfer?: HdrTransfer | undefined;
}

export interface PlanarFrame {
  readonly width: number;
  readonly height: number;
  /** Brightness, blue, red; of the interleaved kind, brightness and both others. */
  readonly planes: readonly PlaneLayout[];
  readonly bytes: Uint8Array;
  /** Chroma samples: half as many in both directions (420), across alone (422), or as many as pixels (444). */
  readonly chroma: 420 | 422 | 444;
  readonly isInterleaved: boolean;
  /** 8, 10 or 12; more than 8 take two bytes, the low one first, and lose what is below 8. */
  readonly bits: number;
  readonly coding: ColourCoding;
}

/** Shares of red and blue in brightness. */
const shares = {
  bt601: { red: 0.299, blue: 0.114 },
  bt709: { red: 0.2126, blue: 0.0722 },
  bt2020: { red: 0.2627, blue: 0.0593 },
} as const;

/** What a film that does not say means: BT.709 from 720 lines on, as players take it. */
export function assumedCoding(height: number): ColourCoding {
  return { matrix: height >= 720 ? "bt709" : "bt601", fullRange: false };
}

/** The frame as RGB, by the matrix that it was written with; 8 bits, and an ordinary dynamic range. */
export function rgbOfPlanes(frame: PlanarFrame): RasterImage {
  const { width, height, coding } = frame;
  const data = new Uint8Array(width * height * 3);
  if (coding.transfer === undefined) fillByTables(frame.bits > 8 ? withoutLowBits(frame) : frame, data);
  else fillToneMapped(frame, coding.transfer, data);
  return createRasterImage(width, height, data);
}

/** How far blue and red reach into each colour. */
function chromaShares({ matrix }: ColourCoding): Record<"toRed" | "toBlue" | "greenOfRed" | "greenOfBlue", number> {
  const { red, blue } = shares[matrix];
  const [toRed, toBlue] = [2 * (1 - red), 2 * (1 - blue)];
  const green = 1 - red - blue;
  return { toRed, toBlue, greenOfRed: (toRed * red) / green, greenOfBlue: (toBlue * blue) / green };
}

/** Where the samples of a row begin, in samples; chroma's step from one to the next; how many pixels share one. */
function rowsOf({ planes, isInterleaved, chroma, bits }: PlanarFrame) {
  const wide = bits > 8 ? 2 : 1;
  const [bright, first, other = first] = [planes[0]!, planes[1]!, planes[2]];
  const second = isInterleaved ? { ...first, offset: first.offset + wide } : other;
  const downShift = chroma === 420 ? 1 : 0;
  const rowOf = ({ offset, stride }: PlaneLayout, y: number): number => (offset + y * stride) / wide;
  return {
    acrossShift: chroma === 444 ? 0 : 1,
    step: isInterleaved ? 2 : 1,
    starts: (y: number) => [rowOf(bright, y), rowOf(first, y >> downShift), rowOf(second, y >> downShift)] as const,
  };
}

/** Fractions that the tables keep. */
const fraction = 16;
/** No colour is farther below or above 0..255 than that. */
const beyond = 512;
const clamped = Uint8Array.from({ length: 256 + 2 * beyond }, (_, index) => Math.min(255, Math.max(0, index - beyond)));

/** A multiplication and a rounding for each of three colours is most of the time that a film takes: all products stand in tables. */
function fillByTables(frame: PlanarFrame, data: Uint8Array): void {
  const { width, height, bytes, coding } = frame;
  const { toRed, toBlue, greenOfRed, greenOfBlue } = chromaShares(coding);
  const [yScale, cScale, black] = coding.fullRange ? [1, 1, 0] : [255 / 219, 255 / 224, 16];
  const table = (value: (code: number) => number): Int32Array =>
    Int32Array.from({ length: 256 }, (_, code) => Math.round(value(code) * 2 ** fraction));
  const brightness = table((code) => (code - black) * yScale + 0.5 + beyond);
  const redOf = table((code) => (code - 128) * cScale * toRed);
  const greenOfFirst = table((code) => (code - 128) * cScale * -greenOfBlue);
  const greenOfSecond = table((code) => (code - 128) * cScale * -greenOfRed);
  const blueOf = table((code) => (code - 128) * cScale * toBlue);
  const { acrossShift, step, starts } = rowsOf(frame);
  for (let y = 0, to = 0; y < height; y++) {
    const [brightRow, firstRow, secondRow] = starts(y);
    for (let x = 0; x < width; x++, to += 3) {
      const light = brightness[bytes[brightRow + x]!]!;
      const at = (x >> acrossShift) * step;
      const cb = bytes[firstRow + at]!;
      const cr = bytes[secondRow + at]!;
      data[to] = clamped[(light + redOf[cr]!) >> fraction]!;
      data[to + 1] = clamped[(light + greenOfFirst[cb]! + greenOfSecond[cr]!) >> fraction]!;
      data[to + 2] = clamped[(light + blueOf[cb]!) >> fraction]!;
    }
  }
}

/** Two bytes each, the low one first; as in memory on all machines that run this. */
function samplesOf({ bytes }: PlanarFrame): Uint16Array {
  const even = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(even.buffer, even.byteOffset, even.byteLength >> 1);
}

function withoutLowBits(frame: PlanarFrame): PlanarFrame {
  const shift = frame.bits - 8;
  const bytes = Uint8Array.from(samplesOf(frame), (sample) => sample >> shift);
  const planes = frame.planes.map(({ offset, stride }) => ({ offset: offset / 2, stride: stride / 2 }));
  return { ...frame, bytes, planes, bits: 8 };
}

function fillToneMapped(frame: PlanarFrame, transfer: HdrTransfer, data: Uint8Array): void {
  const { width, height, bits, coding } = frame;
  const { toRed, toBlue, greenOfRed, greenOfBlue } = chromaShares(coding);
  const samples = bits > 8 ? samplesOf(frame) : frame.bytes;
  // From codes to 0..1.
  const unit = 2 ** (8 - bits);
  const [yScale, cScale, black] = coding.fullRange ? [unit / 255, unit / 255, 0] : [unit / 219, unit / 224, 16 / unit];
  const grey = 128 / unit;
  const { acrossShift, step, starts } = rowsOf(frame);
  const map = createToneMap(transfer);
  const colour = new Float64Array(3);
  for (let y = 0, to = 0; y < height; y++) {
    const [brightRow, firstRow, secondRow] = starts(y);
    for (let x = 0; x < width; x++, to += 3) {
      const light = (samples[brightRow + x]! - black) * yScale;
      const at = (x >> acrossShift) * step;
      const [cb, cr] = [(samples[firstRow + at]! - grey) * cScale, (samples[secondRow + at]! - grey) * cScale];
      colour[0] = light + toRed * cr;
      colour[1] = light - greenOfBlue * cb - greenOfRed * cr;
      colour[2] = light + toBlue * cb;
      map(colour);
      for (let channel = 0; channel < 3; channel++) data[to + channel] = Math.round(colour[channel]!);
    }
  }
}

/** A picture as a frame of 4:2:0, with even sides: one row or column of an odd picture is repeated. */
export function planesOfRgb(
  image: RasterImage,
  coding: ColourCoding,
): { readonly bytes: Uint8Array; readonly width: number; readonly height: number } {
  const { red, blue } = shares[coding.matrix];
  const green = 1 - red - blue;
  const [width, height] = [image.width + (image.width & 1), image.height + (image.height & 1)];
  const [yScale, cScale, black] = coding.fullRange ? [1, 1, 0] : [219 / 255, 224 / 255, 16];
  const bytes = new Uint8ClampedArray((width * height * 3) / 2);
  const chromaWidth = width / 2;
  const [cbAt, crAt] = [width * height, width * height * 1.25];
  const { data } = image;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      let [sumRed, sumGreen, sumBlue] = [0, 0, 0];
      for (let part = 0; part < 4; part++) {
        const [column, row] = [x + (part & 1), y + (part >> 1)];
        const from = (Math.min(row, image.height - 1) * image.width + Math.min(column, image.width - 1)) * 3;
        const [r, g, b] = [data[from]!, data[from + 1]!, data[from + 2]!];
        bytes[row * width + column] = black + yScale * (red * r + green * g + blue * b);
        sumRed += r;
        sumGreen += g;
        sumBlue += b;
      }
      const light = (red * sumRed + green * sumGreen + blue * sumBlue) / 4;
      const at = (y / 2) * chromaWidth + x / 2;
      bytes[cbAt + at] = 128 + ((sumBlue / 4 - light) * cScale) / (2 * (1 - blue));
      bytes[crAt + at] = 128 + ((sumRed / 4 - light) * cScale) / (2 * (1 - red));
    }
  }
  return { bytes: new Uint8Array(bytes.buffer), width, height };
}
