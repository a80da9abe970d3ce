import { defineTraining } from "../../src/train/index.ts";
import { dense, dropout } from "../../src/train/network/index.ts";
import { ageGenderInSmall } from "./age-gender.ts";
import { moodLossInSmall } from "./mood.ts";
import { type AblationRow, type AblationStudy, withoutFrom } from "./study.ts";

const fer2013 = { path: ".data/imported/fer2013" };
const moodHead = { task: "mood" as const, layers: [dropout(0.1), dense(7, { initialGain: 0.15 })] };
const { network, losses, data, epochs } = ageGenderInSmall;

/** Age, gender and mood from one small network, in colour: FER2013's grey pictures count as colour pictures without colours. */
const whole = defineTraining({
  ...ageGenderInSmall,
  data: [...data, fer2013],
  network: { ...network, heads: [...network.heads, moodHead] },
  losses: [...losses, moodLossInSmall],
  // As they come: faces of one dataset have no label of the other's task.
  sampling: {},
  validation: { select: ["age.groupAccuracy", "gender.accuracy", "mood.accuracy"], every: epochs },
});
const without = withoutFrom(whole);

/** What one trunk for all three tasks costs or gives each of them, beside a network for age and gender and one for mood. */
export const oneTrunkStudy: AblationStudy = {
  id: "one-trunk",
  data: [
    { format: "fairface", split: "validation", title: "FairFace" },
    { format: "utkface", split: "validation", title: "UTKFace" },
    { format: "fer2013", split: "PublicTest", title: "FER2013" },
  ],
  metrics: [
    { task: "gender", metric: "accuracy", title: "gender", isJudged: true },
    { task: "age", metric: "accuracy", title: "age group", isJudged: true },
    { task: "age", metric: "meanAbsoluteError", title: "error, years", isJudged: true },
    { task: "mood", metric: "accuracy", title: "mood", isJudged: true },
  ],
  rows: oneTrunkRows(),
};

function oneTrunkRows(): readonly AblationRow[] {
  return [
    { id: "whole", title: "one network for the three", ingredient: "neither", training: whole },
    without(
      "age-gender",
      "mood in the network of age and gender",
      {
        data,
        network,
        losses,
        validation: { select: ["age.groupAccuracy", "gender.accuracy"], every: epochs },
      },
      4,
    ),
    without(
      "mood",
      "age and gender in the network of mood",
      {
        data: [fer2013],
        network: { ...network, heads: [moodHead] },
        losses: [moodLossInSmall],
        validation: { select: ["mood.accuracy"], every: epochs },
      },
      4,
    ),
  ];
}
