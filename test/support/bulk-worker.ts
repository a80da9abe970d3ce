import { workOnPlan } from "../../src/bulk/shards/work.ts";

/**
 * A worker in a process of its own: `node bulk-worker.ts DIR OPTIONS`, the options of `workOnPlan` as JSON. It imports little beside:
 * whoever is killed a thousand times begins a thousand times.
 */
const [out, options] = process.argv.slice(2);
const never = new AbortController().signal;
await workOnPlan(out!, { machine: { workers: 0, threads: 1 }, stopping: never, now: never, ...JSON.parse(options!) });
