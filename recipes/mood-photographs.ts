import { defineTraining, dense, dropout, faceTrunk } from "tensorface/train";

/**
 * Moods on photographs in colour and on FER2013's small grey ones: `mood-5`, which shipped before the networks that were made here alone. It begins with `mood-4`, whose filters for grey are made
 * filters for colour that give the same answers. RAF-DB's faces are shown twice, as its makers aligned them and as serving cuts them
 * out of these pictures, so that both score alike; ExpW's as the detector cuts them. What `mood-4` said of FER2013's training faces keeps what it knew.
 *
 * What ships lies 0.4 of the way from the weights with which this training begins to those with which it ends: the rest of the way costs more on
 * FER2013 than it gives on photographs.
 *
 *     npm run make-model -- mood-photographs
 *
 * Validation: PublicTest, and the tenth of RAF-DB and of ExpW that the import holds out by hash, near-copies together.
 */
/** Serving's square in RAF-DB's aligned pictures, whose faces stand nearer than FER2013's: it looks past their edges on every side. */
const served = { x: -0.13, y: -0.135, side: 1.245 };
/** `scripts/cut-faces.ts` leaves a margin around the crop. */
const inMargin = { x: 0.1, y: 0.1, side: 0.8 };

export default defineTraining({
  name: "mood-photographs",
  description: "Moods on FER2013, RAF-DB and ExpW together, in colour; a face trunk at 96 pixels that begins with mood-4.",
  seed: 1,
  data: [
    { path: ".data/imported/fer2013", weight: 0.3 },
    { path: ".data/imported/rafdb", weight: 0.2 },
    { path: ".data/imported/rafdb", weight: 0.26, crop: served, validation: "none" },
    { path: ".data/imported/expw-found", weight: 0.24, crop: inMargin },
  ],
  picture: { side: 96, storedSide: 112, colour: "rgb", mean: 117, standardDeviation: 256 },
  initial: { weights: ".cache/initial/mood-4-colour.safetensors" },
  network: {
    backbone: [...faceTrunk({ blocks: 12 })],
    heads: [{ task: "mood", layers: [dropout(0.2), dense(7, { initialGain: 0.15 })] }],
  },
  losses: [
    { kind: "crossEntropy", head: "mood", target: { kind: "mood", votes: 0.15 }, labelSmoothing: 0.05 },
    {
      kind: "distillation",
      head: "mood",
      teacher: { predictions: ".runs/teacher/mood-4-fer2013.jsonl", model: "mood-4" },
      temperature: 1,
      scale: 0.6,
    },
  ],
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  // A cosine of four epochs, of which three are trained: from the 253rd step on the rate falls evenly to 0 as well.
  schedule: { kind: "cosine", peak: 0.0006, warmUp: 84 / 630, length: 840 / 630, cooldown: 378 / 630 },
  batchSize: 64,
  epochs: 3,
  // RAF-DB's faces are seen twice, ExpW's two or three times, half of FER2013's once.
  sampling: { balance: { task: "mood", strength: 0.4 }, epochLength: 13_440 },
  augmentation: {
    flip: 0.5,
    rotate: 10,
    scale: 0.18,
    shift: 0.06,
    brightness: 0.125,
    contrast: 0.3,
    saturation: 0.35,
    tint: 0.06,
    grey: 0.15,
    noise: { probability: 0.12, deviation: 9 },
    downscale: { probability: 0.25, minimum: 0.35 },
    jpeg: { probability: 0.12, quality: 25 },
    erase: { probability: 0.1, area: 0.15 },
  },
  averageDecay: 0.99,
  validation: { select: ["mood.accuracy", "mood.balancedAccuracy"], every: 4 },
});
