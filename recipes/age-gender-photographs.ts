import { defineTraining, dense, dropout, faceTrunk } from "tensorface/train";

/**
 * Apparent age (101 years) and gender from one trunk at 128 pixels, on five sets of other origins, without any teacher: every weight but
 * the trunk's first ones is made on this project's own engine.
 *
 *     npm run make-model -- age-gender-photographs
 *
 * APPA-REAL's target is what its raters guessed, as wide as they differ. Of FairFace's further pictures, which are men only, so many are shown that
 * they and All-Age-Faces, where three of four are women, leave the genders in balance.
 *
 * Validation: what the import holds out by hash, 5 % of FairFace and UTKFace and a tenth of the others, near-copies together. UTKFace, APPA-REAL
 * and All-Age-Faces are for non-commercial research; `age-gender-photographs-open.ts` does without them.
 */
export default defineTraining({
  name: "age-gender-photographs",
  description: "Apparent age as a distribution over 101 years and gender, a face trunk at 128 pixels, five sets together.",
  seed: 1,
  data: [
    // Each square brings the eyes of its set to where UTKFace has them, by the landmarks that the detector finds.
    { path: ".data/imported/fairface", weight: 0.48, crop: { x: 0.035, y: 0.025, side: 0.93 } },
    { path: ".data/imported/utkface", weight: 0.27 },
    { path: ".data/imported/appareal", weight: 0.09, crop: { x: 0.169, y: 0.177, side: 0.662 } },
    { path: ".data/imported/allagefaces", weight: 0.09, crop: { x: 0.2, y: 0.327, side: 0.6 } },
    { path: ".data/imported/fairface-men", weight: 0.07, crop: { x: 0.035, y: 0.025, side: 0.93 }, validation: "none" },
  ],
  // The mean and the deviation that the trunk's first makers used, one for all colours.
  picture: { side: 128, storedSide: 112, colour: "rgb", mean: 117, standardDeviation: 256 },
  initial: { weights: ".cache/initial/face-trunk.safetensors" },
  network: {
    backbone: [...faceTrunk({ blocks: 13 })],
    heads: [
      { task: "age", layers: [dropout(0.2), dense(101, { initialGain: 0.15 })] },
      { task: "gender", layers: [dropout(0.2), dense(2, { initialGain: 0.15 })] },
    ],
  },
  losses: [
    { kind: "mass", head: "age", target: { kind: "ageGroup" } },
    { kind: "crossEntropy", head: "age", target: { kind: "ageDistribution", deviation: 3 }, scale: 0.6 },
    { kind: "expectation", head: "age", target: { kind: "ageYears" }, scale: 0.1 },
    { kind: "crossEntropy", head: "gender", target: { kind: "gender" }, labelSmoothing: 0.05 },
  ],
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  // A cosine of ten epochs, of which eight are trained: in the second half the rate falls evenly to 0 as well.
  schedule: { kind: "cosine", peak: 0.0007, warmUp: 0.075, length: 1.25, cooldown: 0.5 },
  batchSize: 64,
  epochs: 8,
  sampling: { balance: { task: "age", strength: 0.25 }, epochLength: 14_720 },
  augmentation: {
    flip: 0.5,
    rotate: 12,
    scale: 0.15,
    shift: 0.06,
    brightness: 0.125,
    contrast: 0.3,
    saturation: 0.35,
    tint: 0.06,
    grey: 0.1,
    noise: { probability: 0.1, deviation: 9 },
    downscale: { probability: 0.25, minimum: 0.35 },
    jpeg: { probability: 0.1, quality: 30 },
    erase: { probability: 0.1, area: 0.15 },
  },
  averageDecay: 0.998,
  validation: { select: ["age.groupAccuracy", "age.meanAbsoluteError", "gender.accuracy"], every: 2 },
  checkpointMinutes: 4,
});
