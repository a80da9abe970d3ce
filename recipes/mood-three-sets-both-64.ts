import { defineTraining } from "tensorface/train";
import again from "./mood-three-sets-again-64.ts";

/**
 * Moods on FER2013, RAF-DB and ExpW together: goes on at 64 pixels where `mood-three-sets-again-64.ts` ends, with more of FER2013's faces, which had been seen thirteen
 * times only. Half of each target is the mean of what the networks of `mood-three-sets-settled.ts` and `mood-three-sets-again.ts` said of the face and of its mirror
 * image.
 *
 *     npm run make-model -- mood-three-sets-both
 */
const shares = [0.74, 0.08, 0.11, 0.07];
const [loss, settled] = again.losses;
const saidOf = (dataset: string): string => `.runs/teacher/mood-three-sets-again-${dataset}.jsonl`;

export default defineTraining({
  ...again,
  name: "mood-three-sets-both-64",
  description:
    "Moods on FER2013, RAF-DB and ExpW together, in colour; a face trunk at 64 pixels that learns from the answers of two earlier ones too.",
  seed: 9,
  data: Array.from(shares, (weight, index) => ({ ...again.data[index]!, weight })),
  initial: { weights: ".runs/mood-three-sets-again-64/best.safetensors" },
  losses: [
    loss!,
    { ...settled!, scale: 0.25 },
    {
      kind: "distillation",
      head: "mood",
      teacher: { predictions: ["fer2013", "rafdb", "expw-found"].map(saidOf), model: "mood-three-sets-again" },
      scale: 0.25,
    },
  ],
  epochs: 22,
  validation: { ...again.validation, every: 11 },
});
