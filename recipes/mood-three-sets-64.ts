import { defineTraining, dense, dropout, faceTrunk } from "tensorface/train";

/**
 * Moods on FER2013, RAF-DB and ExpW together from the public face trunk, at 64 pixels: the larger part of the way to `mood-three-sets.ts`, which goes on from
 * here at 96, for less than half of the work a picture.
 *
 *     npm run make-model -- mood-three-sets
 */
/** Serving's square in RAF-DB's aligned pictures, whose faces stand nearer than FER2013's: it looks past their edges on every side. */
const served = { x: -0.13, y: -0.135, side: 1.245 };
/** `scripts/cut-faces.ts` leaves a margin around the crop. */
const inMargin = { x: 0.1, y: 0.1, side: 0.8 };

export default defineTraining({
  name: "mood-three-sets-64",
  description: "Moods on FER2013, RAF-DB and ExpW together, in colour; a face trunk at 64 pixels.",
  seed: 1,
  data: [
    { path: ".data/imported/fer2013", weight: 0.5 },
    { path: ".data/imported/rafdb", weight: 0.15 },
    { path: ".data/imported/rafdb", weight: 0.2, crop: served, validation: "none" },
    { path: ".data/imported/expw-found", weight: 0.15, crop: inMargin },
  ],
  picture: { side: 64, storedSide: 112, colour: "rgb", mean: 117, standardDeviation: 256 },
  initial: { weights: ".cache/initial/face-trunk.safetensors" },
  network: {
    backbone: [...faceTrunk({ blocks: 12 })],
    heads: [{ task: "mood", layers: [dropout(0.2), dense(7, { initialGain: 0.15 })] }],
  },
  losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood", votes: 0.15 }, labelSmoothing: 0.05 }],
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  // Stays at its peak: the next recipe lets the rate fall.
  schedule: { kind: "constant", peak: 0.0008, warmUp: 0.06 },
  batchSize: 64,
  epochs: 16,
  sampling: { balance: { task: "mood", strength: 0.35 }, epochLength: 6_400 },
  augmentation: {
    flip: 0.5,
    rotate: 10,
    scale: 0.15,
    shift: 0.06,
    brightness: 0.125,
    contrast: 0.3,
    saturation: 0.35,
    tint: 0.06,
    grey: 0.1,
    noise: { probability: 0.1, deviation: 9 },
    downscale: { probability: 0.2, minimum: 0.5 },
    jpeg: { probability: 0.1, quality: 25 },
    erase: { probability: 0.1, area: 0.15 },
  },
  averageDecay: 0.99,
  validation: { select: ["mood.accuracy", "mood.balancedAccuracy"], every: 4 },
  checkpointMinutes: 4,
});
