/** Labels by how likely they are wrong. */
export { cleanDataset, type CleaningCost, type CleaningQueue, judgedTasks } from "./clean.ts";
export { describeCost, describeDoubt, describeQueue, tasksByWork } from "./describe.ts";
export { judgeLabels, unseenFaces } from "./judge.ts";
export { labelledRecords, rankByDoubt, type RankedLabels } from "./rank.ts";
export { type Aspect, aspectsOf, classViews, type DescribedFaces } from "./views.ts";
export { weighClasses } from "./weigh-classes.ts";
