import { defineTraining } from "tensorface/train";
import more from "./mood-three-sets-more-64.ts";
import falling from "./mood-three-sets-falling-64.ts";

/**
 * Moods on FER2013, RAF-DB and ExpW together: the last part of the way, at 96 pixels, as `mood-three-sets-taught.ts` ends its own, with half of each target from
 * what the network with which it begins said of FER2013's and RAF-DB's faces and of their mirror images. That one was best at three fifths of its way and worse at
 * four fifths, while its loss went on falling: so pictures are changed as much as before it again, and some are mixed.
 *
 *     npm run make-model -- mood-three-sets-settled
 *
 * Validation: PublicTest, and the tenth of RAF-DB and of ExpW that the import holds out by hash, near-copies together.
 */
const [loss] = falling.losses;
const saidOf = (dataset: string): string => `.runs/teacher/mood-three-sets-falling-64-${dataset}.jsonl`;

export default defineTraining({
  ...falling,
  name: "mood-three-sets-settled",
  description:
    "Moods on FER2013, RAF-DB and ExpW together, in colour; a face trunk at 96 pixels that goes on from 64 and learns from its own answers too.",
  seed: 6,
  picture: { ...falling.picture!, side: 96 },
  initial: { weights: ".runs/mood-three-sets-falling-64/best.safetensors" },
  losses: [
    { ...loss!, scale: 0.5 },
    {
      kind: "distillation",
      head: "mood",
      teacher: { predictions: [saidOf("fer2013"), saidOf("rafdb")], model: "mood-three-sets-falling-64" },
      scale: 0.5,
    },
  ],
  schedule: { kind: "cosine", peak: 0.0004, warmUp: 0.02 },
  epochs: 18,
  augmentation: { ...more.augmentation, mixup: { probability: 0.1, alpha: 0.4 }, cutmix: { probability: 0.15, alpha: 1 } },
  validation: { ...falling.validation, every: 6 },
});
