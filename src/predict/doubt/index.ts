/** Labels by how likely they are wrong. */
export { cleanDataset, type CleaningQueue, judgedTasks } from "./clean.ts";
export type { CleaningCost } from "./cost.ts";
export { describeCost, describeDoubt, describeQueue, tasksByWork } from "./describe.ts";
export { type Judgement, judgeLabels, unseenFaces } from "./judge.ts";
export { labelledRecords, rankByDoubt, type RankedLabels } from "./rank.ts";
export { type Aspect, aspectsOf, classViews, type DescribedFaces } from "./views.ts";
export { weighClasses } from "./weigh-classes.ts";
