import { defineTraining } from "tensorface/train";
import open64 from "./age-gender-own-open-64.ts";
import own96 from "./age-gender-own-96.ts";

/**
 * Apparent age and gender on FairFace alone (CC BY 4.0), for whoever may not use pictures that are for research alone: goes on from `age-gender-own-open-64.ts` at 96
 * pixels, while the rate falls. A short way of 90,000 pictures; more epochs of both stages would bring more.
 *
 *     npm run make-model -- age-gender-own-open
 */
export default defineTraining({
  ...open64,
  name: "age-gender-own-open",
  description: "Apparent age as a distribution over 101 years and gender, a face trunk at 96 pixels that goes on from 64, FairFace alone.",
  seed: 2,
  picture: { ...own96.picture!, side: 96 },
  initial: { weights: ".runs/age-gender-own-open-64/best.safetensors" },
  schedule: { kind: "cosine", peak: 0.0006, warmUp: 0.05 },
  epochs: 3,
  averageDecay: 0.998,
  validation: { ...open64.validation, every: 1 },
});
