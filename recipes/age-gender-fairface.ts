import { defineTraining } from "tensorface/train";
import ageGender from "./age-gender-first.ts";

/**
 * `age-gender-first.ts` on FairFace alone (CC BY 4.0): for whoever may not use UTKFace, which is for non-commercial research. It has no
 * teacher, since that one learnt from UTKFace too; and FairFace tells decades, so nothing here teaches single years.
 *
 *     npm run make-model -- age-gender-fairface
 */
export default defineTraining({
  ...ageGender,
  name: "age-gender-fairface",
  description: "Apparent age as a distribution over 101 years and gender, a face trunk at 128 pixels, FairFace alone.",
  data: ageGender.data.filter(({ path }) => path.endsWith("fairface")),
  losses: ageGender.losses.filter(({ kind, head }) => kind === "mass" || (kind === "crossEntropy" && head === "gender")),
});
