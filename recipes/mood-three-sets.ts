import { defineTraining } from "tensorface/train";
import small from "./mood-three-sets-64.ts";

/**
 * Moods on FER2013, RAF-DB and ExpW together, every weight but the public trunk's first ones made on this project's own engine, without any teacher. It goes on
 * from `mood-three-sets-64.ts`, which saw the larger part of the pictures at 64 pixels, while the rate falls to 0.
 *
 *     npm run make-model -- mood-three-sets
 *
 * Validation: PublicTest, and the tenth of RAF-DB and of ExpW that the import holds out by hash, near-copies together.
 */
export default defineTraining({
  ...small,
  name: "mood-three-sets",
  description: "Moods on FER2013, RAF-DB and ExpW together, in colour; a face trunk at 96 pixels that goes on from 64.",
  picture: { ...small.picture!, side: 96 },
  initial: { weights: ".runs/mood-three-sets-64/best.safetensors" },
  schedule: { kind: "cosine", peak: 0.0006, warmUp: 0.02 },
  epochs: 17,
  averageDecay: 0.995,
  validation: { ...small.validation, every: 6 },
});
