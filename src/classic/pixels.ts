import type { NetworkInput } from "../models/index.ts";
import type { Random } from "../core/index.ts";

/** Pixels from the top left, R G B in turn, 0..255, whole or not. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]`. */
  readonly data: Uint8Array | Uint8ClampedArray | Float32Array;
}

/** How a training picture is changed each time that it is drawn, in percent; 0 does nothing. */
export interface Distortions {
  readonly flipLeftRight: boolean;
  /** How much larger than the network's input the picture is made before the input is cut out of it. */
  readonly randomCrop: number;
  /** How much further it may be enlarged. */
  readonly randomScale: number;
  /** How much brighter or darker it may become. */
  readonly randomBrightness: number;
}

export function isDistorting({ flipLeftRight, randomCrop, randomScale, randomBrightness }: Distortions): boolean {
  return flipLeftRight || randomCrop !== 0 || randomScale !== 0 || randomBrightness !== 0;
}

/** One drawn change of a picture. */
export interface DrawnDistortion {
  /** Size that the whole picture is brought to, and the corner of what is cut out of it. */
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly isFlipped: boolean;
  readonly brightness: number;
}

type Size = Pick<NetworkInput, "width" | "height">;

/** The picture as it is, pressed into the input's size. */
function plain({ width, height }: Size): DrawnDistortion {
  return { width, height, left: 0, top: 0, isFlipped: false, brightness: 1 };
}

/**
 * Draws a change as the script does: the margin for the crop is always there, the scale is drawn from none to all of it, the place of the
 * crop, the mirror image and the brightness are drawn for each picture.
 */
export function drawDistortion({ width, height }: Size, distortions: Distortions, random: Random): DrawnDistortion {
  const { flipLeftRight, randomCrop, randomScale, randomBrightness } = distortions;
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const scale = (1 + randomCrop / 100) * between(1, 1 + randomScale / 100);
  const [wide, high] = [Math.trunc(scale * width), Math.trunc(scale * height)];
  return {
    width: wide,
    height: high,
    left: random.integer(wide - width + 1),
    top: random.integer(high - height + 1),
    isFlipped: flipLeftRight && random.uniform() < 0.5,
    brightness: between(1 - randomBrightness / 100, 1 + randomBrightness / 100),
  };
}

/** For each output place, the pixel before it, the one behind, and the share of the latter. */
interface Taps {
  readonly before: Int32Array;
  readonly behind: Int32Array;
  readonly share: Float32Array;
}

/**
 * TensorFlow 1's bilinear places: the corners of the pixels meet, not their middles, and nothing is averaged where the picture shrinks.
 * What the script computed was computed so.
 */
function taps(from: number, to: number, start: number, count: number, isFlipped: boolean): Taps {
  const result = { before: new Int32Array(count), behind: new Int32Array(count), share: new Float32Array(count) };
  for (let index = 0; index < count; index++) {
    const place = (start + (isFlipped ? count - 1 - index : index)) * (from / to);
    const before = Math.min(from - 1, Math.floor(place));
    result.before[index] = before;
    result.behind[index] = Math.min(from - 1, before + 1);
    result.share[index] = place - before;
  }
  return result;
}

/** Weights of red, green and blue in grey (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114] as const;

/**
 * Writes a picture as a network wants it, `[channels, height, width]`, from `offset` on.
 * @param drawn how it is changed. @default not at all
 */
export function writeInput(
  { width, height, data }: Pixels,
  input: NetworkInput,
  target: Float32Array,
  offset: number,
  drawn: DrawnDistortion = plain(input),
): void {
  const columns = taps(width, drawn.width, drawn.left, input.width, drawn.isFlipped);
  const rows = taps(height, drawn.height, drawn.top, input.height, false);
  const plane = input.width * input.height;
  const write = channelWriter(input, target, offset, plane);
  const colour = new Float32Array(3);
  for (let y = 0; y < input.height; y++) {
    const [above, below, down] = [rows.before[y]! * width, rows.behind[y]! * width, rows.share[y]!];
    for (let x = 0; x < input.width; x++) {
      const [left, right, across] = [columns.before[x]!, columns.behind[x]!, columns.share[x]!];
      for (let channel = 0; channel < 3; channel++) {
        const at = (pixel: number): number => data[pixel * 3 + channel]!;
        const top = at(above + left) + (at(above + right) - at(above + left)) * across;
        const bottom = at(below + left) + (at(below + right) - at(below + left)) * across;
        colour[channel] = (top + (bottom - top) * down) * drawn.brightness;
      }
      write(colour, y * input.width + x);
    }
  }
}

function channelWriter(
  { colour: order, mean, standardDeviation }: NetworkInput,
  target: Float32Array,
  offset: number,
  plane: number,
): (colour: Float32Array, pixel: number) => void {
  const scaled = (value: number, channel: number): number =>
    (value - (mean[channel] ?? mean[0]!)) / (standardDeviation[channel] ?? standardDeviation[0]!);
  if (order === "grey") {
    return ([red, green, blue], pixel) => {
      target[offset + pixel] = scaled(luma[0] * red! + luma[1] * green! + luma[2] * blue!, 0);
    };
  }
  return (colour, pixel) => {
    for (let channel = 0; channel < 3; channel++) {
      target[offset + channel * plane + pixel] = scaled(colour[order === "bgr" ? 2 - channel : channel]!, channel);
    }
  };
}
