import { createRasterImage, type RasterImage } from "../image/index.ts";

/** Where a plane of a frame begins in its bytes, and how far apart its rows are. */
export interface PlaneLayout {
  readonly offset: number;
  readonly stride: number;
}

/** How a frame's brightness and colours are written. */
export interface ColourCoding {
  /** ITU-R BT.601 or BT.709. */
  readonly matrix: "bt601" | "bt709";
  /** Whether brightness takes 0..255; else 16..235. */
  readonly fullRange: boolean;
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
const shares = { bt601: { red: 0.299, blue: 0.114 }, bt709: { red: 0.2126, blue: 0.0722 } } as const;

/** What a film that does not say means: BT.709 from 720 lines on, as players take it. */
export function assumedCoding(height: number): ColourCoding {
  return { matrix: height >= 720 ? "bt709" : "bt601", fullRange: false };
}

/** The frame as RGB, by the matrix that it was written with. */
export function rgbOfPlanes({ width, height, planes, bytes, chroma, isInterleaved, bits, coding }: PlanarFrame): RasterImage {
  const { red, blue } = shares[coding.matrix];
  const [yScale, cScale, black] = coding.fullRange ? [1, 1, 0] : [255 / 219, 255 / 224, 16];
  const toRed = 2 * (1 - red) * cScale;
  const toBlue = 2 * (1 - blue) * cScale;
  const greenOfRed = (toRed * red) / (1 - red - blue);
  const greenOfBlue = (toBlue * blue) / (1 - red - blue);
  const wide = bits > 8 ? 2 : 1;
  const sample = bits > 8 ? (at: number): number => (bytes[at]! | (bytes[at + 1]! << 8)) >> (bits - 8) : (at: number): number => bytes[at]!;
  const [acrossShift, downShift] = [chroma === 444 ? 0 : 1, chroma === 420 ? 1 : 0];
  const [bright, first, second = first] = [planes[0]!, planes[1]!, planes[2]];
  const step = isInterleaved ? 2 * wide : wide;
  const secondOffset = isInterleaved ? first.offset + wide : second.offset;
  const data = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    const brightRow = bright.offset + y * bright.stride;
    const firstRow = first.offset + (y >> downShift) * first.stride;
    const secondRow = secondOffset + (y >> downShift) * second.stride;
    for (let x = 0; x < width; x++, to += 3) {
      const light = (sample(brightRow + x * wide) - black) * yScale;
      const at = (x >> acrossShift) * step;
      const cb = sample(firstRow + at) - 128;
      const cr = sample(secondRow + at) - 128;
      data[to] = light + toRed * cr;
      data[to + 1] = light - greenOfBlue * cb - greenOfRed * cr;
      data[to + 2] = light + toBlue * cb;
    }
  }
  return createRasterImage(width, height, data);
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
