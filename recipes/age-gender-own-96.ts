import { defineTraining } from "tensorface/train";
import own64 from "./age-gender-own-64.ts";

/**
 * Apparent age and gender on five sets, the last part of the way: 96 pixels, while the rate falls. No weight comes from another
 * engine but the public trunk's first ones.
 *
 *     npm run make-model -- age-gender-own
 *
 * Validation: what the import holds out by hash, 5 % of FairFace and UTKFace and a tenth of the others, near-copies together.
 */
export default defineTraining({
  ...own64,
  name: "age-gender-own-96",
  description:
    "Apparent age as a distribution over 101 years and gender, a face trunk at 96 pixels that goes on from 64, five sets together.",
  seed: 2,
  picture: { ...own64.picture!, side: 96 },
  initial: { weights: ".runs/age-gender-own-64/best.safetensors" },
  schedule: { kind: "cosine", peak: 0.0006, warmUp: 0.02 },
  epochs: 10,
  averageDecay: 0.998,
  validation: { ...own64.validation, every: 5 },
});
