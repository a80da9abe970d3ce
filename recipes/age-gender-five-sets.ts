import { defineTraining } from "tensorface/train";
import photographs from "./age-gender-photographs.ts";

/**
 * Apparent age and gender on five sets of other origins, from the weights of `age-gender-5`, which PyTorch trained on FairFace and UTKFace.
 *
 * `age-gender-7`, which shipped before `age-gender-own-again.ts` was made, lies on the way from the weights with which this training begins to those with which it ends: `scripts/recipes.ts` says where.
 *
 *     npm run make-model -- age-gender-five-sets
 *
 * Validation: what the import holds out by hash, 5 % of FairFace and UTKFace and a tenth of the others, near-copies together.
 */
export default defineTraining({
  ...photographs,
  name: "age-gender-five-sets",
  description: "Apparent age as a distribution over 101 years and gender, five sets together; goes on from age-gender-5.",
  initial: { weights: ".cache/initial/age-gender-5.safetensors" },
  schedule: { kind: "cosine", peak: 0.0005, warmUp: 0.05 },
  epochs: 4,
  averageDecay: 0.995,
});
