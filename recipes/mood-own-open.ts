import { defineTraining } from "tensorface/train";
import small from "./mood-own-open-64.ts";

/**
 * Moods without pictures that are for research alone: FER2013's, on this engine from the public trunk, the end of the way that `mood-own-open-64.ts` begins, at 96
 * pixels while the rate falls to 0. PublicTest selects, nothing else.
 *
 *     npm run make-model -- mood-own-open
 */
export default defineTraining({
  ...small,
  name: "mood-own-open",
  description: "Moods on FER2013 with FER+ votes as soft targets; a face trunk at 96 pixels that goes on from 64.",
  seed: 12,
  picture: { ...small.picture!, side: 96 },
  initial: { weights: ".runs/mood-own-open-64/best.safetensors" },
  schedule: { kind: "cosine", peak: 0.0008, warmUp: 0.02 },
  epochs: 24,
  augmentation: { ...small.augmentation, mixup: { probability: 0.1, alpha: 0.4 }, cutmix: { probability: 0.15, alpha: 1 } },
  validation: { ...small.validation, every: 4 },
});
