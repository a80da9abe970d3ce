import { defineTraining } from "tensorface/train";
import first from "./mood-first.ts";

/**
 * Moods on FER2013 alone from the public trunk, its 48 x 48 grey pixels enlarged to 64: the larger part of the way to `mood-own-open.ts`, which goes on from
 * here at 96, for less than half of the work a picture. Augmented less than `mood-first.ts`, which sees each face three times as often.
 *
 *     npm run make-model -- mood-own-open
 */
const { mixup: _mixup, cutmix: _cutmix, ...augmentation } = first.augmentation!;

export default defineTraining({
  ...first,
  name: "mood-own-open-64",
  description: "Moods on FER2013 with FER+ votes as soft targets; a face trunk at 64 pixels.",
  seed: 11,
  picture: { ...first.picture!, side: 64 },
  // Stays at its peak: the next recipe lets the rate fall.
  schedule: { kind: "constant", peak: 0.0009, warmUp: 0.04 },
  batchSize: 64,
  epochs: 26,
  sampling: { balance: { task: "mood", strength: 0.15 }, epochLength: 12_800 },
  augmentation: { ...augmentation, erase: { probability: 0.1, area: 0.15 } },
  validation: { ...first.validation, every: 5 },
  checkpointMinutes: 4,
});
