import { defineTraining } from "tensorface/train";
import longer from "./mood-three-sets-longer-64.ts";

/**
 * Goes on from `mood-three-sets-longer-64.ts` at 64 pixels: at its end photographs were told better than by any network before, FER2013's faces, of which
 * each had been seen twelve times, were not. So three quarters are of FER2013 here.
 *
 *     npm run make-model -- mood-three-sets-taught
 */
const shares = [0.74, 0.07, 0.11, 0.08];

export default defineTraining({
  ...longer,
  name: "mood-three-sets-more-64",
  description: "Moods on FER2013, RAF-DB and ExpW together, in colour; goes on at 64 pixels, three quarters of FER2013.",
  seed: 3,
  data: Array.from(shares, (weight, index) => ({ ...longer.data[index]!, weight })),
  initial: { weights: ".runs/mood-three-sets-longer-64/best.safetensors" },
  schedule: { kind: "constant", peak: 0.0008, warmUp: 1 / 56 },
  epochs: 56,
});
