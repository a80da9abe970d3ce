import { defineTraining } from "tensorface/train";
import ending from "./mood-three-sets-again.ts";
import small from "./mood-three-sets-both-64.ts";

/**
 * Moods on FER2013, RAF-DB and ExpW together, taught by two earlier networks: the end of the way that `mood-three-sets-both-64.ts` goes, at 96 pixels while the rate
 * falls to 0.
 *
 *     npm run make-model -- mood-three-sets-both
 *
 * Validation: PublicTest, and the tenth of RAF-DB and of ExpW that the import holds out by hash, near-copies together.
 */
const shares = [0.66, 0.1, 0.15, 0.09];

export default defineTraining({
  ...small,
  name: "mood-three-sets-both",
  description:
    "Moods on FER2013, RAF-DB and ExpW together, in colour; a face trunk at 96 pixels that goes on from 64 and learns from the answers of two earlier ones too.",
  seed: 10,
  data: Array.from(shares, (weight, index) => ({ ...small.data[index]!, weight })),
  picture: { ...small.picture!, side: 96 },
  initial: { weights: ".runs/mood-three-sets-both-64/best.safetensors" },
  schedule: ending.schedule,
  epochs: 16,
  augmentation: ending.augmentation,
  validation: { ...small.validation, every: 4 },
});
