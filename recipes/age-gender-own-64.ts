import { defineTraining } from "tensorface/train";
import photographs from "./age-gender-photographs.ts";

/**
 * Apparent age and gender on five sets from the public face trunk, at 64 pixels: the first part of the way to `age-gender-own.ts`, for less than half of the work
 * a picture. Every picture is seen about four times, so that little is learnt by heart and pictures are changed less.
 *
 *     npm run make-model -- age-gender-own
 */
export default defineTraining({
  ...photographs,
  name: "age-gender-own-64",
  description: "Apparent age as a distribution over 101 years and gender, a face trunk at 64 pixels, five sets together.",
  picture: { ...photographs.picture!, side: 64 },
  // Stays at its peak: the next recipe lets the rate fall.
  schedule: { kind: "constant", peak: 0.0009, warmUp: 0.03 },
  epochs: 24,
  sampling: { balance: { task: "age", strength: 0.25 }, epochLength: 12_800 },
  augmentation: {
    ...photographs.augmentation,
    rotate: 10,
    contrast: 0.2,
    noise: { probability: 0.05, deviation: 6 },
    downscale: { probability: 0.15, minimum: 0.5 },
    erase: { probability: 0.05, area: 0.1 },
  },
  averageDecay: 0.995,
  validation: { ...photographs.validation, every: 6 },
});
