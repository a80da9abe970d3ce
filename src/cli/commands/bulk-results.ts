import {
  describeMerged,
  describeStatus,
  describeVerified,
  mergeResults,
  mergeRows,
  readStatus,
  verifyResults,
} from "../../bulk/bulk-work.node.ts";
import { progressOn } from "../../report/progress.node.ts";
import { defineCommand, exitCodes, usageError } from "../command.ts";
import { listenForInterrupt } from "../interrupt.ts";

/** @throws {TF_INVALID_ARGUMENT} when there is not exactly one */
function onlyFolder(name: string, operands: readonly string[]): string {
  const [folder] = operands;
  if (folder !== undefined && operands.length === 1) return folder;
  throw usageError(`bulk ${name} needs one DIR`, `For example: tensorface bulk ${name} results`);
}

export const bulkStatusCommand = defineCommand({
  meta: { name: "status", description: "Tell how far a plan is, how fast, and what failed." },
  args: { json: { type: "boolean", description: "for programs" } },
  help: { operands: "DIR", examples: [["tensorface bulk status results --json | jq .", "how far it is, for programs"]] },
  run: async ({ args }) => {
    const status = await readStatus(onlyFolder("status", args._));
    process.stdout.write(args.json === true ? `${JSON.stringify(status)}\n` : describeStatus(status));
  },
});

export const bulkVerifyCommand = defineCommand({
  meta: { name: "verify", description: "Read every result again and compare it with what was written." },
  args: {
    drop: { type: "boolean", description: "remove damaged results, so that `bulk work` makes them again, and what killed workers left" },
  },
  help: { operands: "DIR", notes: ["Exit codes: 0 all shards are there and whole, 1 not."] },
  run: async ({ args }) => {
    const progress = progressOn(process.stderr);
    using interrupt = listenForInterrupt(() => progress.clear());
    const folder = onlyFolder("verify", args._);
    const result = await verifyResults(folder, {
      drop: args.drop,
      onProgress: (update) => progress.update(update),
      signal: interrupt.stopping,
    });
    progress.clear();
    process.stdout.write(describeVerified(result, args));
    if (result.shards.whole < result.shards.all || result.damaged.length > 0) process.exitCode ??= exitCodes.failed;
  },
});

export const bulkMergeCommand = defineCommand({
  meta: { name: "merge", description: "Put the tables of all shards together into one Parquet file." },
  args: {
    out: { type: "string", alias: "o", valueHint: "FILE", required: true, description: "the table to write" },
    rows: {
      type: "enum",
      options: [...mergeRows],
      default: "pictures",
      description: "a row for each picture, its faces in a list; or one for each face",
    },
    partial: { type: "boolean", description: "merge what is done, where shards are missing" },
  },
  help: {
    operands: "DIR --out FILE",
    examples: [
      ["tensorface bulk merge results --out pictures.parquet", "a row for each picture, also for those that failed"],
      ["tensorface bulk merge results --out faces.parquet --rows faces", "a row for each face"],
    ],
  },
  run: async ({ args }) => {
    const progress = progressOn(process.stderr);
    using interrupt = listenForInterrupt(() => progress.clear());
    const { rows, partial } = args;
    const merged = await mergeResults(onlyFolder("merge", args._), args.out, {
      rows,
      partial,
      onProgress: (update) => progress.update(update),
      signal: interrupt.stopping,
    });
    progress.clear();
    process.stderr.write(describeMerged(merged, args.out));
  },
});
