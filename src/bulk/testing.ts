/** For who tests or measures bulk work: what a process writes that looks at no picture. */
export { openPlan } from "./plan/plan-file.ts";
export type { ShardReply, ShardRequest } from "./shards/messages.ts";
export { serveShards } from "./shards/serve-shards.ts";
export { formatStats } from "./shards/stats.ts";
