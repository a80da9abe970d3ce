import { defineTraining, dense, residualNetwork } from "tensorface/train";

/**
 * Apparent age (101 years) and gender from one trunk at 80 pixels that begins with random numbers, on FairFace and UTKFace: for
 * whoever wants to know where every weight comes from. `age-gender.ts` is more accurate. UTKFace is for non-commercial research;
 * FairFace alone (CC BY 4.0): remove its line below.
 *
 *     npx tensorface dataset import fairface .data/fairface --out .data/imported/fairface
 *     npx tensorface dataset import utkface .data/utkface --out .data/imported/utkface
 *     npx tensorface train age-gender-scratch
 *
 * Validation: the 5 % of the training pictures that the import holds out by hash. `--set epochs=20` trains longer.
 */
const picture = { side: 80, storedSide: 90, colour: "rgb", mean: 127.5, standardDeviation: 64 } as const;

const network = residualNetwork({
  input: { kind: "picture", channels: 3, height: 80, width: 80, mean: [127.5, 127.5, 127.5], standardDeviation: [64, 64, 64] },
  stem: { channels: 32, stride: 2 },
  widths: [48, 96, 192, 320],
  blocks: [1, 2, 2, 1],
  heads: {},
});

export default defineTraining({
  name: "age-gender-scratch",
  description: "Apparent age as a distribution over 101 years and gender, one residual trunk at 80 pixels, FairFace and UTKFace.",
  seed: 11,
  data: [
    // FairFace's faces stand smaller in their pictures: this square brings its eyes to where UTKFace has them, within 6 %.
    { path: ".data/imported/fairface", crop: { x: 0.035, y: 0.025, side: 0.93 } },
    { path: ".data/imported/utkface" },
  ],
  picture,
  network: {
    backbone: [...network.backbone],
    heads: [
      { task: "age", layers: [{ layer: "dropout", rate: 0.2 }, dense(101)] },
      { task: "gender", layers: [{ layer: "dropout", rate: 0.2 }, dense(2)] },
    ],
  },
  losses: [
    { kind: "mass", head: "age", target: { kind: "ageGroup" } },
    { kind: "crossEntropy", head: "age", target: { kind: "ageDistribution", deviation: 3 }, scale: 0.6 },
    { kind: "expectation", head: "age", target: { kind: "ageYears" }, scale: 0.05 },
    { kind: "crossEntropy", head: "gender", target: { kind: "gender" }, labelSmoothing: 0.05 },
  ],
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  schedule: { kind: "oneCycle", peak: 0.004, rise: 0.2 },
  batchSize: 64,
  epochs: 10,
  sampling: { balance: { task: "age", strength: 0.25 } },
  augmentation: {
    flip: 0.5,
    rotate: 10,
    scale: 0.1,
    shift: 0.05,
    brightness: 0.15,
    contrast: 0.2,
    saturation: 0.3,
    tint: 0.05,
    grey: 0.1,
    blur: { probability: 0.1, sigma: 1.2 },
    noise: { probability: 0.1, deviation: 8 },
    downscale: { probability: 0.2, minimum: 0.4 },
    jpeg: { probability: 0.15, quality: 30 },
    erase: { probability: 0.2, area: 0.12 },
  },
  averageDecay: 0.998,
  validation: { select: ["age.groupAccuracy", "gender.accuracy"] },
});
