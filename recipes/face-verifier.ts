import { defineTraining, dense, residualNetwork } from "tensorface/train";

/**
 * Whether a place that the detector names holds a face: to decide where the face mesh, which knows few faces in profile and few small ones, says no. An
 * experiment: no model of it ships. 48 x 48 pixels, from random numbers, two and a half minutes of one CPU core. The repository's
 * `scripts/face-places.ts` cuts the places out, in 60 pixels, of which the network sees the middle:
 *
 *     node scripts/face-places.ts --without FOLDER --out .data/face-places
 *     npx tensorface dataset import csv .data/face-places/labels.csv --task face --classes none,face --out .data/imported/face-places
 *     npx tensorface train face-verifier --threads 1
 */
const network = residualNetwork({
  input: { kind: "picture", channels: 3, height: 48, width: 48, mean: [127.5], standardDeviation: [64] },
  stem: { channels: 12, stride: 2 },
  widths: [12, 24, 48],
  blocks: [1, 1, 2],
  heads: {},
});

export default defineTraining({
  name: "face-verifier",
  description: "Whether a place holds a face; a small residual network at 48 pixels.",
  seed: 25,
  data: [{ path: ".data/imported/face-places", crop: { x: 0.1, y: 0.1, side: 0.8 } }],
  picture: { side: 48, storedSide: 60, colour: "rgb", mean: 127.5, standardDeviation: 64 },
  network: {
    backbone: [...network.backbone],
    heads: [{ task: "face", kind: "classes", labels: ["none", "face"], layers: [{ layer: "dropout", rate: 0.1 }, dense(2)] }],
  },
  losses: [{ kind: "crossEntropy", head: "face", target: { kind: "class" }, labelSmoothing: 0.02 }],
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  schedule: { kind: "oneCycle", peak: 0.006, rise: 0.25 },
  batchSize: 64,
  epochs: 4,
  augmentation: {
    flip: 0.5,
    rotate: 8,
    scale: 0.08,
    shift: 0.05,
    brightness: 0.2,
    contrast: 0.3,
    saturation: 0.4,
    tint: 0.08,
    grey: 0.15,
    noise: { probability: 0.1, deviation: 8 },
    erase: { probability: 0.15, area: 0.15 },
  },
  averageDecay: 0.995,
  validation: { select: ["face.balancedAccuracy"], flip: true },
});
