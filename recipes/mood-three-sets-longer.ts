import { defineTraining } from "tensorface/train";
import longer from "./mood-three-sets-longer-64.ts";

/**
 * Moods on FER2013, RAF-DB and ExpW together: the last part of the way, at 96 pixels, while the rate falls to 0.
 *
 *     npm run make-model -- mood-three-sets-longer
 *
 * Validation: PublicTest, and the tenth of RAF-DB and of ExpW that the import holds out by hash, near-copies together.
 */
export default defineTraining({
  ...longer,
  name: "mood-three-sets-longer",
  description: "Moods on FER2013, RAF-DB and ExpW together, in colour; a face trunk at 96 pixels that goes on from 64.",
  picture: { ...longer.picture!, side: 96 },
  initial: { weights: ".runs/mood-three-sets-longer-64/best.safetensors" },
  schedule: { kind: "cosine", peak: 0.0006, warmUp: 0.02 },
  epochs: 16,
});
