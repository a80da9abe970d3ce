import { defineTraining } from "tensorface/train";
import open from "./age-gender-photographs-open.ts";
import own64 from "./age-gender-own-64.ts";

/**
 * `age-gender-own-64.ts` without pictures that are for research alone: FairFace and its further men (CC BY 4.0), each seen but once here. FairFace tells
 * decades, so nothing here teaches single years.
 *
 *     npm run make-model -- age-gender-own-open
 */
export default defineTraining({
  ...own64,
  name: "age-gender-own-open-64",
  description: "Apparent age as a distribution over 101 years and gender, a face trunk at 64 pixels, FairFace alone.",
  data: open.data,
  losses: open.losses,
  schedule: { kind: "constant", peak: 0.0009, warmUp: 0.06 },
  epochs: 4,
  validation: { ...own64.validation, select: ["age.groupAccuracy", "gender.accuracy"], every: 2 },
});
