import { TensorFaceError } from "../core/index.ts";
import type { ForeignInput } from "./foreign-network.ts";

/** Means and deviations in units of 0..255, by the names that people know them under. */
const scales: Readonly<Record<string, Pick<ForeignInput, "mean" | "standardDeviation">>> = {
  "0..1": { mean: [0], standardDeviation: [255] },
  "-1..1": { mean: [127.5], standardDeviation: [127.5] },
  "0..255": { mean: [0], standardDeviation: [1] },
  // Means and deviations of ImageNet's pictures, as torchvision and timm use them.
  imagenet: { mean: [123.675, 116.28, 103.53], standardDeviation: [58.395, 57.12, 57.375] },
};

/** How a network wants its pictures, in the words that people type. */
export interface PixelWords {
  /** `224`, or width and height as `224x192`. */
  readonly size?: string | undefined;
  /** `0..1`, `-1..1`, `0..255`, `imagenet`, or `MEAN:DEVIATION` in units of 0..255, each one number or three with commas. */
  readonly scale?: string | undefined;
}

/** What is told beside a network's files; nothing of what is not. @throws {TF_INVALID_ARGUMENT} naming the words that say nothing */
export function readPixelWords({ size, scale }: PixelWords): Pick<ForeignInput, "width" | "height" | "mean" | "standardDeviation"> {
  return { ...readSize(size), ...readScale(scale) };
}

function readSize(text: string | undefined): Pick<ForeignInput, "width" | "height"> {
  if (text === undefined) return {};
  const match = /^(\d{1,4})(?:x(\d{1,4}))?$/.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match === null || width === 0 || height === 0)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `--size expects 224 or 224x192, got "${text}"`);
  return { width, height };
}

function readScale(text: string | undefined): Pick<ForeignInput, "mean" | "standardDeviation"> {
  if (text === undefined) return {};
  if (Object.hasOwn(scales, text)) return scales[text]!;
  const [mean, deviation, ...others] = text
    .split(":")
    .map((part) => part.split(",").map((word) => (word.trim() === "" ? Number.NaN : Number(word))));
  const areNumbers = [mean, deviation].every((list) => list?.every(Number.isFinite));
  if (mean === undefined || deviation === undefined || others.length > 0 || !areNumbers || deviation.some((value) => value <= 0)) {
    const known = Object.keys(scales).join(", ");
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `--scale expects ${known} or MEAN:DEVIATION such as 127.5:127.5, got "${text}"`);
  }
  return { mean, standardDeviation: deviation };
}
