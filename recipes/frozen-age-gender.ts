import { batchNorm, defineTraining, dense } from "tensorface/train";

/**
 * Apparent age and gender on FairFace from the 1,024 features of FaceRes, a network of others that `npm ci` converts: how far its
 * last layers alone are from what its features know.
 *
 *     npx tensorface dataset import fairface .data/fairface --out .data/imported/fairface
 *     npx tensorface train frozen-age-gender
 *     npx tensorface export frozen-age-gender --id frozen-age-gender
 *
 * Validation: the 5 % of the training pictures that the import holds out by hash.
 */
export default defineTraining({
  name: "frozen-age-gender",
  description: "Apparent age and gender on FairFace from the frozen features of FaceRes, one shared layer and a head each.",
  seed: 3,
  data: [{ path: ".data/imported/fairface" }],
  features: { model: "faceres" },
  network: {
    backbone: [batchNorm(), { layer: "dropout", rate: 0.2 }, dense(256), { layer: "activation", function: "relu" }],
    heads: [
      { task: "age", layers: [{ layer: "dropout", rate: 0.3 }, dense(101)] },
      { task: "gender", layers: [{ layer: "dropout", rate: 0.3 }, dense(2)] },
    ],
  },
  losses: [
    { kind: "mass", head: "age", target: { kind: "ageGroup" } },
    { kind: "crossEntropy", head: "gender", target: { kind: "gender" }, labelSmoothing: 0.05 },
  ],
  schedule: { kind: "oneCycle", peak: 0.003, rise: 0.2 },
  batchSize: 256,
  epochs: 6,
  averageDecay: 0.99,
  validation: { select: ["age.groupAccuracy", "gender.accuracy"] },
});
