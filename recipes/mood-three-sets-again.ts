import { defineTraining } from "tensorface/train";
import small from "./mood-three-sets-again-64.ts";

/**
 * Moods on FER2013, RAF-DB and ExpW together, once more from the public trunk: the end of the way that `mood-three-sets-again-64.ts` begins, at 96 pixels while the
 * rate falls to 0.
 *
 *     npm run make-model -- mood-three-sets-again
 *
 * Validation: PublicTest, and the tenth of RAF-DB and of ExpW that the import holds out by hash, near-copies together.
 */
export default defineTraining({
  ...small,
  name: "mood-three-sets-again",
  description:
    "Moods on FER2013, RAF-DB and ExpW together, in colour; a face trunk at 96 pixels that goes on from 64 and learns from the answers of an earlier one too.",
  seed: 8,
  picture: { ...small.picture!, side: 96 },
  initial: { weights: ".runs/mood-three-sets-again-64/best.safetensors" },
  schedule: { kind: "cosine", peak: 0.0008, warmUp: 0.02 },
  epochs: 16,
  augmentation: { ...small.augmentation, mixup: { probability: 0.1, alpha: 0.4 }, cutmix: { probability: 0.15, alpha: 1 } },
  validation: { ...small.validation, every: 4 },
});
