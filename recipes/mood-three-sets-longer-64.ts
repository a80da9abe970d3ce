import { defineTraining } from "tensorface/train";
import first from "./mood-three-sets-64.ts";

/**
 * Goes on from the end of `mood-three-sets.ts`, whose faces of FER2013 had been seen under four times each: 64 pixels again, for a picture takes 0.57 of the work
 * of one at 96, more of FER2013, and a rate that stays. `mood-three-sets-longer.ts` brings it to its end.
 *
 *     npm run make-model -- mood-three-sets-longer
 */
const shares = [0.6, 0.12, 0.16, 0.12];

export default defineTraining({
  ...first,
  name: "mood-three-sets-longer-64",
  description: "Moods on FER2013, RAF-DB and ExpW together, in colour; goes on at 64 pixels with more of FER2013.",
  seed: 2,
  data: first.data.map((set, index) => ({ ...set, weight: shares[index]! })),
  initial: { weights: ".runs/mood-three-sets/best.safetensors" },
  schedule: { kind: "constant", peak: 0.0008, warmUp: 0.024 },
  epochs: 40,
  sampling: { ...first.sampling, epochLength: 8_192 },
  averageDecay: 0.998,
  validation: { ...first.validation, every: 8 },
});
