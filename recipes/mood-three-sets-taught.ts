import { defineTraining } from "tensorface/train";
import more from "./mood-three-sets-more-64.ts";

/**
 * Moods on FER2013, RAF-DB and ExpW together: the last part of the way, at 96 pixels, while the rate falls to 0. Half of what it learns of FER2013's and RAF-DB's
 * faces is what the network with which it begins said of them and of their mirror images: calmer than a label that somebody else would have given otherwise.
 *
 *     npm run make-model -- mood-three-sets-taught
 *
 * Validation: PublicTest, and the tenth of RAF-DB and of ExpW that the import holds out by hash, near-copies together.
 */
const shares = [0.68, 0.09, 0.14, 0.09];
const [loss] = more.losses;
const saidOf = (dataset: string): string => `.runs/teacher/mood-three-sets-more-64-${dataset}.jsonl`;

export default defineTraining({
  ...more,
  name: "mood-three-sets-taught",
  description:
    "Moods on FER2013, RAF-DB and ExpW together, in colour; a face trunk at 96 pixels that goes on from 64 and learns from its own answers too.",
  seed: 4,
  data: Array.from(shares, (weight, index) => ({ ...more.data[index]!, weight })),
  picture: { ...more.picture!, side: 96 },
  initial: { weights: ".runs/mood-three-sets-more-64/best.safetensors" },
  losses: [
    { ...loss!, scale: 0.5 },
    {
      kind: "distillation",
      head: "mood",
      teacher: { predictions: [saidOf("fer2013"), saidOf("rafdb")], model: "mood-three-sets-more-64" },
      scale: 0.5,
    },
  ],
  schedule: { kind: "cosine", peak: 0.0006, warmUp: 0.02 },
  epochs: 16,
});
