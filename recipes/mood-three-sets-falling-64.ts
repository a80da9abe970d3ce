import { defineTraining } from "tensorface/train";
import taught from "./mood-three-sets-taught.ts";
import more from "./mood-three-sets-more-64.ts";

/**
 * Goes on from the end of `mood-three-sets-taught.ts`, at 64 pixels and while the rate falls: that network named its own training faces of FER2013 rightly in
 * 73 of 100, so it had not learnt them yet. Pictures are changed less than before, for the same reason.
 *
 *     npm run make-model -- mood-three-sets-settled
 */
export default defineTraining({
  ...more,
  name: "mood-three-sets-falling-64",
  description: "Moods on FER2013, RAF-DB and ExpW together, in colour; goes on at 64 pixels while the rate falls.",
  seed: 5,
  data: taught.data,
  initial: { weights: ".runs/mood-three-sets-taught/best.safetensors" },
  schedule: { kind: "cosine", peak: 0.0008, warmUp: 0.5 / 40 },
  epochs: 40,
  sampling: { balance: { task: "mood", strength: 0.25 }, epochLength: 8_192 },
  augmentation: {
    ...more.augmentation,
    rotate: 8,
    scale: 0.1,
    shift: 0.04,
    contrast: 0.2,
    grey: 0.05,
    noise: { probability: 0.05, deviation: 6 },
    downscale: { probability: 0.15, minimum: 0.5 },
    erase: { probability: 0.05, area: 0.1 },
  },
});
