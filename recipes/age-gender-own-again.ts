import { defineTraining } from "tensorface/train";
import own from "./age-gender-own.ts";

/**
 * Apparent age and gender on five sets, once more from the public trunk: 128 pixels from the first step on. Half of what it learns of a face is what the network of
 * `age-gender-own-taught.ts` said of it and of its mirror image. FairFace and UTKFace, which that network told worse than `age-gender-7`, are shown more often. What it makes ships.
 *
 *     npm run make-model -- age-gender-own-again
 *
 * Validation: what the import holds out by hash, 5 % of FairFace and UTKFace and a tenth of the others, near-copies together.
 */
const shares = [0.54, 0.31, 0.07, 0.05, 0.03];
const teacher = {
  predictions: ["fairface", "utkface", "appareal", "allagefaces", "fairface-men"].map(
    (name) => `.runs/teacher/age-gender-own-taught-${name}.jsonl`,
  ),
  model: "age-gender-own-taught",
};

export default defineTraining({
  ...own,
  name: "age-gender-own-again",
  description:
    "Apparent age as a distribution over 101 years and gender, a face trunk at 128 pixels that learns from the answers of an earlier one too, five sets together.",
  seed: 6,
  data: Array.from(shares, (weight, index) => ({ ...own.data[index]!, weight })),
  initial: { weights: ".cache/initial/face-trunk.safetensors" },
  losses: [
    ...own.losses,
    ...(["age", "gender"] as const).map((head) => ({ kind: "distillation" as const, head, teacher, temperature: 1 })),
  ],
  schedule: { kind: "cosine", peak: 0.0009, warmUp: 0.05 },
  epochs: 18,
});
