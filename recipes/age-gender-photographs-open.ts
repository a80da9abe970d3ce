import { defineTraining } from "tensorface/train";
import photographs from "./age-gender-photographs.ts";

/**
 * `age-gender-photographs.ts` without pictures that are for research alone: FairFace and its further men (CC BY 4.0). FairFace tells decades, so
 * nothing here teaches single years.
 *
 *     npm run make-model -- age-gender-photographs-open
 */
const open = [".data/imported/fairface", ".data/imported/fairface-men"];

export default defineTraining({
  ...photographs,
  name: "age-gender-photographs-open",
  description: "Apparent age as a distribution over 101 years and gender, a face trunk at 128 pixels, FairFace alone.",
  data: photographs.data.filter(({ path }) => open.includes(path)),
  losses: photographs.losses.filter(({ kind, head }) => kind === "mass" || (kind === "crossEntropy" && head === "gender")),
});
