import { optionLimits } from "../../analyze/index.ts";
import { createWorkLog, describeWork, serveWorkMetrics, workOnPlan, type WorkOptions } from "../../bulk/bulk-work.node.ts";
import { progressOn } from "../../report/progress.node.ts";
import { keepHeapSteady } from "../../runtime/steady-memory.node.ts";
import { defineCommand, exitCodes, numberFlag, usageError } from "../command.ts";
import { listenForInterrupt } from "../interrupt.ts";

export const bulkWorkCommand = defineCommand({
  meta: { name: "work", description: "Work on a plan until all of it is done." },
  args: {
    base: { type: "string", valueHint: "DIR", description: "where relative paths begin (default: where the plan was made)" },
    queue: {
      type: "string",
      valueHint: "URL",
      description: "a Redis that hands the shards out: redis://host:port (default: the folder itself)",
    },
    parts: {
      type: "string",
      valueHint: "N",
      description: "do one of N parts alone: JOB_COMPLETION_INDEX, as Kubernetes sets it, or --part says which",
    },
    part: { type: "string", valueHint: "I", description: "which of the --parts, from 0" },
    shard: { type: "string", valueHint: "N", description: "do this shard alone, from 0" },
    "allow-missing": { type: "boolean", description: "pictures that are not there are failed ones, however many" },
    metrics: { type: "string", valueHint: "PORT", description: "answer Prometheus at /metrics on this port (default: none)" },
    concurrency: { type: "string", valueHint: "N", description: "pictures in work at the same time (default: as in analyze)" },
    workers: { type: "string", valueHint: "N", description: "threads that help, 250 MB each (default: as in analyze)" },
  },
  help: {
    operands: "DIR",
    examples: [
      ["tensorface bulk work results", "all of it, together with whoever else works there"],
      ["tensorface bulk work results --queue redis://queue:6379", "many machines: needs `npm install bullmq ioredis`"],
      ["tensorface bulk work results --parts 100", "in a Kubernetes Indexed Job: the part of this pod"],
      ["seq 0 199 | xargs -P 4 -I{} tensorface bulk work results --shard {}", "shards handed out by something else"],
    ],
    notes: [
      "Ctrl-C finishes the shard under way and stops, twice stops at once: the shard is then begun anew by the next worker. A killed worker loses its shard only.",
      "Exit codes: 0 all is done, pictures that failed are rows with their code; 1 a shard was given up; 130 stopped.",
    ],
  },
  run: async ({ args }) => {
    const [folder] = args._;
    if (folder === undefined || args._.length > 1) throw usageError("bulk work needs one DIR", "For example: tensorface bulk work results");
    keepHeapSteady();
    const progress = progressOn(process.stderr);
    const write = (text: string): void => void process.stderr.write(text);
    using interrupt = listenForInterrupt(() => {
      progress.clear();
      write("stopping: finishing the shard under way (Ctrl-C again stops at once)\n");
    });
    const port = numberFlag("metrics", args.metrics, { min: 1, max: 65_535, whole: true });
    await using metrics = port === undefined ? undefined : await serveWorkMetrics(port);
    const log = createWorkLog(progress, write, { isTerminal: process.stderr.isTTY });
    const result = await workOnPlan(folder, {
      base: args.base,
      queue: args.queue,
      part: partOf(args.parts, args.part),
      shard: numberFlag("shard", args.shard, { min: 0, whole: true }),
      allowMissing: args["allow-missing"],
      machine: {
        concurrency: numberFlag("concurrency", args.concurrency, { min: 1, max: optionLimits.concurrency, whole: true }),
        workers: numberFlag("workers", args.workers, { min: 0, max: optionLimits.workers, whole: true }),
      },
      onEvent: (event) => {
        metrics?.hear(event);
        log(event);
      },
      stopping: interrupt.stopping,
      now: interrupt.now,
    });
    progress.clear();
    write(describeWork(result, interrupt.stopping.aborted));
    if (result.givenUp.length > 0) process.exitCode ??= exitCodes.failed;
  },
});

function partOf(parts: string | undefined, part = process.env["JOB_COMPLETION_INDEX"]): WorkOptions["part"] {
  const of = numberFlag("parts", parts, { min: 1, whole: true });
  if (of === undefined && part !== process.env["JOB_COMPLETION_INDEX"]) throw usageError("--part needs --parts N: of how many it is one");
  if (of === undefined) return undefined;
  const index = numberFlag("part", part, { min: 0, max: of - 1, whole: true });
  if (index === undefined) throw usageError("--parts needs --part I, or JOB_COMPLETION_INDEX in the environment");
  return { index, of };
}
