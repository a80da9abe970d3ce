import type { Random } from "../../core/index.ts";
import type { AugmentationOptions } from "./options.ts";

/** What will happen to one picture: every random choice, drawn before any pixel is touched. */
export interface PicturePlan {
  readonly flip: boolean;
  /** Radians. */
  readonly angle: number;
  /** Above 1 the picture grows. */
  readonly scale: number;
  /** Shares of the side. */
  readonly shiftX: number;
  readonly shiftY: number;
  /** Share of white that is added. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Factors of the three channels. */
  readonly tint: readonly [number, number, number];
  /** Pixels; 0 for none. */
  readonly blurSigma: number;
  /** Units of 0..255; 0 for none. */
  readonly noiseDeviation: number;
  /** Side after the loss of resolution, as a share; 1 for none. */
  readonly downscale: number;
  /** JPEG quality, 0 for none. */
  readonly jpegQuality: number;
  /** Rectangle to erase, shares of the side. */
  readonly erase: Rectangle | undefined;
  /** Where in the table of noise this picture's noise begins. */
  readonly noiseOffset: number;
}

/** Shares of the side. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const highestJpegQuality = 95;

/** Uniform in `[-limit, limit]`. */
function spread(random: Random, limit: number): number {
  return limit === 0 ? 0 : (2 * random.uniform() - 1) * limit;
}

function happens(random: Random, probability: number | undefined): boolean {
  return probability !== undefined && probability > 0 && random.uniform() < probability;
}

/** A rectangle of at most `area` of the picture, sides between 1 : 3 and 3 : 1, wholly inside. */
function drawRectangle(random: Random, area: number): Rectangle {
  const share = area * (0.1 + 0.9 * random.uniform());
  const aspect = Math.exp(spread(random, Math.log(3)));
  const width = Math.min(1, Math.sqrt(share * aspect));
  const height = Math.min(1, Math.sqrt(share / aspect));
  return { x: random.uniform() * (1 - width), y: random.uniform() * (1 - height), width, height };
}

/** Draws what happens to one picture. The same options and stream give the same plan. */
export function drawPicturePlan(options: AugmentationOptions, random: Random): PicturePlan {
  const { blur, noise, downscale, jpeg, erase } = options;
  const tint = (): number => 1 + spread(random, options.tint);
  return {
    flip: happens(random, options.flip),
    angle: (spread(random, options.rotate) * Math.PI) / 180,
    scale: Math.exp(spread(random, Math.log1p(options.scale))),
    shiftX: spread(random, options.shift),
    shiftY: spread(random, options.shift),
    brightness: spread(random, options.brightness),
    contrast: 1 + spread(random, options.contrast),
    saturation: happens(random, options.grey) ? 0 : 1 + spread(random, options.saturation),
    tint: [tint(), tint(), tint()],
    blurSigma: happens(random, blur?.probability) ? blur!.sigma * random.uniform() : 0,
    noiseDeviation: happens(random, noise?.probability) ? noise!.deviation * random.uniform() : 0,
    downscale: happens(random, downscale?.probability) ? downscale!.minimum + (1 - downscale!.minimum) * random.uniform() : 1,
    jpegQuality: happens(random, jpeg?.probability) ? jpeg!.quality + random.integer(highestJpegQuality - jpeg!.quality + 1) : 0,
    erase: happens(random, erase?.probability) ? drawRectangle(random, erase!.area) : undefined,
    noiseOffset: random.integer(0x10000),
  };
}

/**
 * How a batch mixes with itself: picture `i` becomes `kept` of itself and the rest of picture `partner(i)`.
 * The same shares hold for the targets.
 */
export interface MixPlan {
  readonly kind: "mixup" | "cutmix";
  /** Share of the first picture, 0..1. */
  readonly kept: number;
  /** Picture `i` mixes with picture `(i + rotation) % batch`. */
  readonly rotation: number;
  /** CutMix: the rectangle that comes from the partner, in pixels. */
  readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number } | undefined;
}

/** Gamma with shape `alpha`, scale 1 (Marsaglia and Tsang, 2000; their boost for `alpha < 1`). */
function drawGamma(random: Random, alpha: number): number {
  if (alpha < 1) return drawGamma(random, alpha + 1) * (1 - random.uniform()) ** (1 / alpha);
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = random.normal();
    const v = (1 + c * normal) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Beta(alpha, alpha), 0..1. */
export function drawBeta(random: Random, alpha: number): number {
  const first = drawGamma(random, alpha);
  const second = drawGamma(random, alpha);
  return first + second === 0 ? 0.5 : first / (first + second);
}

/** Draws whether and how a batch of `batch` pictures of `side` pixels mixes; undefined for not at all. */
export function drawMixPlan(options: AugmentationOptions, random: Random, batch: number, side: number): MixPlan | undefined {
  if (batch < 2) return undefined;
  const rotation = 1 + random.integer(batch - 1);
  if (happens(random, options.mixup?.probability)) {
    return { kind: "mixup", kept: drawBeta(random, options.mixup!.alpha), rotation, box: undefined };
  }
  if (!happens(random, options.cutmix?.probability)) return undefined;
  const extent = Math.round(side * Math.sqrt(1 - drawBeta(random, options.cutmix!.alpha)));
  const left = random.integer(side - extent + 1);
  const top = random.integer(side - extent + 1);
  const kept = 1 - (extent * extent) / (side * side);
  return { kind: "cutmix", kept, rotation, box: { left, top, right: left + extent, bottom: top + extent } };
}
