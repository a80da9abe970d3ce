import { defineTraining } from "tensorface/train";
import own from "./age-gender-own.ts";

/**
 * Apparent age and gender on five sets from the public trunk alone, the last part of the way: 128 pixels once more. Half of what it learns of a face is what the
 * network with which it begins said of it and of its mirror image: calmer than a label that somebody else would have given otherwise. FairFace and UTKFace,
 * which that network told worse than `age-gender-7`, are shown more often. What it makes is better than that network and does not ship; `age-gender-own-again.ts` learns from its answers (docs/lab/experiments.md).
 *
 *     npm run make-model -- age-gender-own-taught
 *
 * Validation: what the import holds out by hash, 5 % of FairFace and UTKFace and a tenth of the others, near-copies together.
 */
const shares = [0.51, 0.3, 0.08, 0.06, 0.05];
const teacher = {
  predictions: ["fairface", "utkface", "appareal", "allagefaces", "fairface-men"].map(
    (name) => `.runs/teacher/age-gender-own-${name}.jsonl`,
  ),
  model: "age-gender-own",
};

export default defineTraining({
  ...own,
  name: "age-gender-own-taught",
  description:
    "Apparent age as a distribution over 101 years and gender, a face trunk at 128 pixels that goes on from 64 and 96 and learns from its own answers too, five sets together.",
  seed: 5,
  data: Array.from(shares, (weight, index) => ({ ...own.data[index]!, weight })),
  initial: { weights: ".runs/age-gender-own/best.safetensors" },
  losses: [
    ...own.losses,
    ...(["age", "gender"] as const).map((head) => ({ kind: "distillation" as const, head, teacher, temperature: 1 })),
  ],
  schedule: { kind: "cosine", peak: 0.0007, warmUp: 0.02 },
  epochs: 14,
});
