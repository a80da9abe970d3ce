import { defineTraining } from "tensorface/train";
import small from "./mood-three-sets-64.ts";

/**
 * Moods on FER2013, RAF-DB and ExpW together, once more from the public trunk, at 64 pixels: the larger part of the way to `mood-three-sets-again.ts`. Half of each
 * target is what the network of `mood-three-sets-settled.ts` said of the face and of its mirror image.
 *
 *     npm run make-model -- mood-three-sets-again
 */
const shares = [0.62, 0.11, 0.16, 0.11];
const [loss] = small.losses;
const saidOf = (dataset: string): string => `.runs/teacher/mood-three-sets-settled-${dataset}.jsonl`;

export default defineTraining({
  ...small,
  name: "mood-three-sets-again-64",
  description:
    "Moods on FER2013, RAF-DB and ExpW together, in colour; a face trunk at 64 pixels that learns from the answers of an earlier one too.",
  seed: 7,
  data: Array.from(shares, (weight, index) => ({ ...small.data[index]!, weight })),
  losses: [
    { ...loss!, scale: 0.5 },
    {
      kind: "distillation",
      head: "mood",
      teacher: { predictions: ["fer2013", "rafdb", "expw-found"].map(saidOf), model: "mood-three-sets-settled" },
      scale: 0.5,
    },
  ],
  // Stays at its peak: the next recipe lets the rate fall.
  schedule: { kind: "constant", peak: 0.0009, warmUp: 1 / 30 },
  epochs: 30,
  sampling: { balance: { task: "mood", strength: 0.25 }, epochLength: 12_800 },
  averageDecay: 0.998,
  validation: { ...small.validation, every: 5 },
});
