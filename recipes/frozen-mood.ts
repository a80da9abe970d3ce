import { batchNorm, defineTraining, dense } from "tensorface/train";

/**
 * Moods on FER2013 from what the network for age and gender sees: its layers stay, a new head is trained on its 256 features in
 * seconds. The baseline of a trained mood network, and the way to begin with labels of one's own.
 *
 *     npx tensorface dataset import fer2013 .data/fer2013 --out .data/imported/fer2013
 *     npx tensorface train frozen-mood
 *     npx tensorface export frozen-mood --id frozen-mood
 */
export default defineTraining({
  name: "frozen-mood",
  description: "Moods on FER2013 from the frozen features of age-gender-10, two dense layers.",
  seed: 3,
  data: [{ path: ".data/imported/fer2013" }],
  features: { model: "age-gender-10" },
  network: {
    backbone: [batchNorm(), dense(256), { layer: "activation", function: "relu" }, { layer: "dropout", rate: 0.3 }],
    heads: [{ task: "mood", layers: [dense(7)] }],
  },
  losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood", votes: 0.15 }, labelSmoothing: 0.05 }],
  schedule: { kind: "oneCycle", peak: 0.004, rise: 0.2 },
  batchSize: 256,
  epochs: 20,
  averageDecay: 0.99,
  validation: { select: ["mood.accuracy"] },
});
