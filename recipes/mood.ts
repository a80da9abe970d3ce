import { defineTraining } from "tensorface/train";
import first from "./mood-first.ts";

/**
 * Moods on FER2013 at 96 pixels: `mood-4`, with which `mood-photographs.ts` begins. The network of `mood-first.ts` goes on from its own weights, and half of each
 * target is what it said of the training faces and their mirror images: calmer than a label that somebody else would have given
 * otherwise. PublicTest selects, nothing else. The variant without pictures for research alone that this engine made is `mood-own-open.ts`.
 *
 *     npx tensorface dataset import fer2013 .data/fer2013 --out .data/imported/fer2013
 *     node scripts/face-trunk.ts --blocks 12 --grey --out .cache/initial/face-trunk-grey.safetensors
 *     npx tensorface train mood-first
 *     npx tensorface export mood-first --id mood-first --out .runs/teacher
 *     npx tensorface evaluate --data .data/imported/fer2013 --split train --flip --model .runs/teacher/mood-first.json \
 *       --predictions .runs/teacher/mood-first-fer2013.jsonl
 *     npx tensorface train mood
 *
 * which is what `npm run make-model -- mood` does.
 */
const [loss] = first.losses;

export default defineTraining({
  ...first,
  name: "mood",
  description: "Moods on FER2013 with FER+ votes and the first network's answers as soft targets; a face trunk at 96 pixels.",
  initial: { weights: ".runs/mood-first/best.safetensors" },
  losses: [
    { ...loss!, scale: 0.5 },
    {
      kind: "distillation",
      head: "mood",
      teacher: { predictions: ".runs/teacher/mood-first-fer2013.jsonl", model: "mood-first" },
      scale: 0.5,
    },
  ],
  schedule: { kind: "cosine", peak: 0.0008, warmUp: 0.08 },
  epochs: 22,
  sampling: { balance: { task: "mood", strength: 0.15 } },
});
