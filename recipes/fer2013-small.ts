import { defineTraining, dense, residualNetwork } from "tensorface/train";

/**
 * A small network for moods on FER2013, 48 x 48 pixels, grey: the proof that the engine learns. Under 1 M parameters, under
 * 30 minutes of 2 CPU cores.
 *
 *     npx tensorface dataset import fer2013 .data/fer2013 --out .data/imported/fer2013
 *     npx tensorface train fer2013-small
 */
const network = residualNetwork({
  input: { kind: "picture", channels: 1, height: 48, width: 48, mean: [127.5], standardDeviation: [64] },
  stem: { channels: 24, stride: 2 },
  widths: [24, 48, 112],
  blocks: [1, 1, 2],
  heads: {},
});

export default defineTraining({
  name: "fer2013-small",
  description: "Moods on FER2013 with FER+ votes as soft targets; a residual network at 48 pixels.",
  seed: 7,
  data: [{ path: ".data/imported/fer2013" }],
  picture: { side: 48, colour: "grey", mean: 127.5, standardDeviation: 64 },
  network: { backbone: [...network.backbone], heads: [{ task: "mood", layers: [{ layer: "dropout", rate: 0.2 }, dense(7)] }] },
  losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood", votes: 0.15 }, labelSmoothing: 0.05 }],
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  schedule: { kind: "oneCycle", peak: 0.004, rise: 0.25 },
  batchSize: 64,
  epochs: 10,
  sampling: { balance: { task: "mood", strength: 0.3 } },
  augmentation: {
    flip: 0.5,
    rotate: 12,
    scale: 0.12,
    shift: 0.08,
    brightness: 0.15,
    contrast: 0.25,
    erase: { probability: 0.25, area: 0.15 },
  },
  averageDecay: 0.995,
  validation: { select: ["mood.accuracy"] },
});
