import { z } from "zod";

const probability = z.number().min(0).max(1);

/** Random changes of the training pictures. A field that is left out changes nothing. */
export const augmentationSchema = z.strictObject({
  /** Probability of a mirror image. */
  flip: probability.default(0),
  /** Largest turn to either side, degrees. */
  rotate: z.number().min(0).max(180).default(0),
  /** Largest change of size, as a share: 0.2 draws a factor between 1/1.2 and 1.2, even in its logarithm. */
  scale: z.number().min(0).max(1).default(0),
  /** Largest move in x and in y, as a share of the picture's side. */
  shift: z.number().min(0).max(0.5).default(0),
  /** Largest change of brightness, as a share of white. */
  brightness: z.number().min(0).max(1).default(0),
  /** Largest change of contrast around middle grey, as a share. */
  contrast: z.number().min(0).max(1).default(0),
  /** Largest change of saturation, as a share; nothing for pictures of one channel. */
  saturation: z.number().min(0).max(1).default(0),
  /** Largest change of the balance between the channels, as a share. */
  tint: z.number().min(0).max(1).default(0),
  /** Probability that a colour picture turns grey; all that `tint` then gives it is one cast. */
  grey: probability.default(0),
  /** Gaussian blur; `sigma` is the largest deviation, pixels. */
  blur: z.strictObject({ probability, sigma: z.number().positive().max(5) }).optional(),
  /** Gaussian noise, independent for every pixel and channel; `deviation` is the largest one, in units of 0..255. */
  noise: z.strictObject({ probability, deviation: z.number().positive().max(128) }).optional(),
  /** Loss of resolution: down to a side drawn between `minimum` (a share of the side) and the whole, and up again. */
  downscale: z.strictObject({ probability, minimum: z.number().min(0.1).max(1) }).optional(),
  /** JPEG's loss at a quality drawn between `quality` and 95. */
  jpeg: z.strictObject({ probability, quality: z.int().min(5).max(95) }).optional(),
  /** Random erasing (Zhong et al., AAAI 2020): one rectangle of noise, of at most `area` (a share of the picture). */
  erase: z.strictObject({ probability, area: z.number().positive().max(0.8) }).optional(),
  /** Mixup (Zhang et al., ICLR 2018) of a whole batch; `alpha` is both parameters of the Beta distribution. */
  mixup: z.strictObject({ probability, alpha: z.number().positive() }).optional(),
  /** CutMix (Yun et al., ICCV 2019) of a whole batch, where mixup did not happen. */
  cutmix: z.strictObject({ probability, alpha: z.number().positive() }).optional(),
});

export type AugmentationOptions = z.output<typeof augmentationSchema>;

/** Pictures as they are: what validation uses. */
export const noAugmentation: AugmentationOptions = augmentationSchema.parse({});
