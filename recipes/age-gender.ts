import { defineTraining } from "tensorface/train";
import first from "./age-gender-first.ts";

/**
 * Apparent age (101 years) and gender from one trunk at 128 pixels, on FairFace and UTKFace: `age-gender-5`, with which
 * `age-gender-five-sets.ts` begins. The network of `age-gender-first.ts` goes on from its own weights, and half of the loss is the mean of what
 * it and the network of `age-gender-scratch.ts`, which sees faces differently, said of the training faces and their mirror images.
 *
 *     npm run make-model -- age-gender
 *
 * trains and asks both teachers first, each as its own recipe says.
 *
 * Validation: the 5 % of the training pictures that the import holds out by hash. UTKFace is for non-commercial research;
 * `age-gender-fairface.ts` does without it.
 */
const labels = first.losses.filter(({ kind }) => kind !== "distillation");
const teachers = ["age-gender-scratch", "age-gender-first"].map((model) => ({
  model,
  predictions: ["fairface", "utkface"].map((format) => `.runs/teacher/${model}-${format}.jsonl`),
}));

export default defineTraining({
  ...first,
  name: "age-gender",
  description:
    "Apparent age as a distribution over 101 years and gender, from labels and two earlier networks; a face trunk at 128 pixels, FairFace and UTKFace.",
  initial: { weights: ".runs/age-gender-first/best.safetensors" },
  losses: [
    ...labels,
    ...teachers.flatMap((teacher) =>
      (["age", "gender"] as const).map((head) => ({ kind: "distillation" as const, head, teacher, temperature: 1, scale: 0.5 })),
    ),
  ],
  schedule: { kind: "cosine", peak: 0.0006, warmUp: 0.06 },
  epochs: 22,
  augmentation: { ...first.augmentation, mixup: { probability: 0.125, alpha: 0.4 }, cutmix: { probability: 0.14, alpha: 1 } },
  averageDecay: 0.999,
});
