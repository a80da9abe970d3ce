import { defineTraining, dense, dropout, faceTrunk } from "tensorface/train";

/**
 * Moods on FER2013, its 48 x 48 grey pixels enlarged to 96: what `mood.ts` begins with and learns from. The trunk begins with the weights of a network that
 * tells faces apart. The votes of FER+ are a small part of each target: with half, the network says neutral where FER2013 says fear.
 * PublicTest selects, nothing else.
 *
 *     npx tensorface dataset import fer2013 .data/fer2013 --out .data/imported/fer2013
 *     node scripts/face-trunk.ts --blocks 12 --grey --out .cache/initial/face-trunk-grey.safetensors
 *     npx tensorface train mood-first
 */
export default defineTraining({
  name: "mood-first",
  description: "Moods on FER2013 with FER+ votes as soft targets; a face trunk at 96 pixels.",
  seed: 1,
  data: [{ path: ".data/imported/fer2013" }],
  picture: { side: 96, storedSide: 48, colour: "grey", mean: 117, standardDeviation: 256 },
  initial: { weights: ".cache/initial/face-trunk-grey.safetensors" },
  network: {
    backbone: [...faceTrunk({ blocks: 12 })],
    heads: [{ task: "mood", layers: [dropout(0.2), dense(7, { initialGain: 0.15 })] }],
  },
  losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood", votes: 0.15 }, labelSmoothing: 0.05 }],
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  schedule: { kind: "cosine", peak: 0.001, warmUp: 0.12 },
  batchSize: 128,
  epochs: 38,
  augmentation: {
    flip: 0.5,
    rotate: 12,
    scale: 0.15,
    shift: 0.06,
    brightness: 0.125,
    contrast: 0.3,
    noise: { probability: 0.12, deviation: 9 },
    downscale: { probability: 0.1, minimum: 0.6 },
    erase: { probability: 0.2, area: 0.15 },
    mixup: { probability: 0.2, alpha: 0.4 },
    cutmix: { probability: 0.2, alpha: 1 },
  },
  averageDecay: 0.998,
  validation: { select: ["mood.accuracy"] },
});
