/** Bulk work: pictures are planned once, worked on by any number of machines, checked and put together. Loaded where it is asked for. */
export { ageGroupingNames } from "./age-groupings.ts";
export { defaultShardSize, makePlan } from "./plan/make-plan.ts";
export type { BulkPlan } from "./plan/plan-file.ts";
export { type AskedWork, type MachineOptions, prepareRecipe } from "./plan/recipe.ts";
export { findInputs } from "./sources/find.ts";
export { createWorkLog, describeMerged, describePlan, describeStatus, describeVerified, describeWork } from "./shards/describe.ts";
export { findRecipeApart } from "./shards/process.ts";
export { mergeResults, mergeRows } from "./shards/merge.ts";
export { serveWorkMetrics } from "./shards/metrics.ts";
export { readStatus } from "./shards/status.ts";
export { verifyResults } from "./shards/verify.ts";
export { workOnPlan, type WorkOptions } from "./shards/work.ts";
