import { workOn } from "./bulk.ts";

/** A worker in a process of its own: `node bulk-worker.ts DIR OPTIONS`, the options of `workOnPlan` as JSON. */
const [out, options] = process.argv.slice(2);
await workOn(out!, JSON.parse(options!));
