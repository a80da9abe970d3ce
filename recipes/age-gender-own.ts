import { defineTraining } from "tensorface/train";
import own96 from "./age-gender-own-96.ts";

/**
 * Apparent age and gender on five sets, the last part of the way: 128 pixels, while the rate falls. No weight comes from another
 * engine but the public trunk's first ones. What it makes does not ship: it tells FairFace and UTKFace worse than `age-gender-five-sets.ts` (docs/lab/experiments.md).
 *
 *     npm run make-model -- age-gender-own
 */
export default defineTraining({
  ...own96,
  name: "age-gender-own",
  description:
    "Apparent age as a distribution over 101 years and gender, a face trunk at 128 pixels that goes on from 64 and 96, five sets together.",
  seed: 4,
  picture: { ...own96.picture!, side: 128 },
  initial: { weights: ".runs/age-gender-own-96/best.safetensors" },
  schedule: { kind: "cosine", peak: 0.0007, warmUp: 0.02 },
  epochs: 20,
  averageDecay: 0.998,
  validation: { ...own96.validation, every: 4 },
});
