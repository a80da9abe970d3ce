import { defineTraining, dense, dropout, faceTrunk } from "tensorface/train";

/**
 * Apparent age (101 years) and gender from one trunk at 128 pixels, on FairFace and UTKFace: what `age-gender.ts` begins with and learns from. The trunk
 * begins with the weights of a network that tells faces apart, which knows more of faces than 57,000 pictures teach; half of the loss
 * is what the network of `age-gender-scratch.ts` says of the training faces, which sees them differently.
 *
 *     npx tensorface dataset import fairface .data/fairface --out .data/imported/fairface
 *     npx tensorface dataset import utkface .data/utkface --out .data/imported/utkface
 *     npx tensorface dataset duplicates .data/imported/utkface
 *     npx tensorface train age-gender-scratch
 *     npx tensorface export age-gender-scratch --id age-gender-scratch --out .runs/teacher
 *     npx tensorface evaluate --data .data/imported/fairface --split train --flip --model .runs/teacher/age-gender-scratch.json \
 *       --predictions .runs/teacher/age-gender-scratch-fairface.jsonl
 *     npx tensorface evaluate --data .data/imported/utkface --split train --flip --model .runs/teacher/age-gender-scratch.json \
 *       --predictions .runs/teacher/age-gender-scratch-utkface.jsonl
 *     node scripts/face-trunk.ts --blocks 13
 *     npx tensorface train age-gender-first
 *
 * Validation: the 5 % of the training pictures that the import holds out by hash. UTKFace is for non-commercial research;
 * `age-gender-fairface.ts` does without it.
 */
const teacher = {
  predictions: [".runs/teacher/age-gender-scratch-fairface.jsonl", ".runs/teacher/age-gender-scratch-utkface.jsonl"],
  model: "age-gender-scratch",
};

export default defineTraining({
  name: "age-gender-first",
  description: "Apparent age as a distribution over 101 years and gender, a face trunk at 128 pixels, FairFace and UTKFace.",
  seed: 1,
  data: [
    // FairFace's faces stand smaller in their pictures: this square brings its eyes to where UTKFace has them, within 6 %.
    { path: ".data/imported/fairface", crop: { x: 0.035, y: 0.025, side: 0.93 } },
    { path: ".data/imported/utkface" },
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
    { kind: "distillation", head: "age", teacher, temperature: 1 },
    { kind: "crossEntropy", head: "gender", target: { kind: "gender" }, labelSmoothing: 0.05 },
    { kind: "distillation", head: "gender", teacher, temperature: 1 },
  ],
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  schedule: { kind: "cosine", peak: 0.0008, warmUp: 0.12 },
  batchSize: 128,
  epochs: 13,
  sampling: { balance: { task: "age", strength: 0.25 } },
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
    noise: { probability: 0.12, deviation: 9 },
    downscale: { probability: 0.25, minimum: 0.35 },
    jpeg: { probability: 0.12, quality: 25 },
    erase: { probability: 0.2, area: 0.15 },
  },
  averageDecay: 0.998,
  validation: { select: ["age.groupAccuracy", "gender.accuracy"] },
});
