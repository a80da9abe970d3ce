import { resolve } from "node:path";
import {
  ageGroupingNames,
  defaultShardSize,
  describePlan,
  findInputs,
  findRecipeApart,
  makePlan,
  prepareRecipe,
} from "../../bulk/bulk-work.node.ts";
import { progressOn } from "../../report/progress.node.ts";
import { defineCommand, millions, modelFlag, numberFlag, usageError } from "../command.ts";
import { findingArgs, readFinding } from "../finding-args.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { restartWithSteadyMemory } from "../../runtime/steady-memory.node.ts";

export const bulkPlanCommand = defineCommand({
  meta: { name: "plan", description: "Cut pictures into shards and write down what is asked of them." },
  args: {
    out: { type: "string", alias: "o", valueHint: "DIR", required: true, description: "a new folder for the plan and its results" },
    "shard-size": { type: "string", valueHint: "N", description: `pictures of a shard (default: ${defaultShardSize})` },
    base: { type: "string", valueHint: "DIR", description: "where relative paths begin (default: here)" },
    column: {
      type: "string",
      valueHint: "NAME",
      description: "the column of a list with paths or addresses (default: url, path, file, ...)",
    },
    tasks: {
      type: "string",
      valueHint: "LIST",
      description: "what to tell: some of age,gender,mood and of what the models tell (default: all)",
    },
    model: {
      type: "string",
      valueHint: "NAME|PATH",
      description: "also use this model; again for another. Copied into the plan (default: none)",
    },
    "age-groups": {
      type: "enum",
      options: [...ageGroupingNames],
      default: "adience",
      description: "the groups that age probabilities are summed into",
    },
    ...findingArgs,
    device: { type: "string", valueHint: "NAME", description: "where the networks run (default: cpu)" },
    "max-megapixels": { type: "string", valueHint: "N", description: "refuse larger pictures before decoding them" },
    "max-megabytes": { type: "string", valueHint: "N", description: "refuse larger files before reading them" },
  },
  help: {
    operands: "INPUT... --out DIR",
    examples: [
      ["tensorface bulk plan photos --out results", "a folder and its subfolders"],
      ["tensorface bulk plan list.parquet --column url --out results", "paths or addresses in a table; .csv, .tsv, .jsonl and .txt too"],
      ['tensorface bulk plan "shards/{00000..00099}.tar" --out results', "WebDataset archives, read where they lie"],
      ["tensorface bulk plan s3://bucket/photos/ --out results", "all below a prefix"],
    ],
    notes: [
      "INPUT is a folder (with everything below it), a glob in quotes, a picture, a list (.txt .csv .tsv .jsonl .parquet), a .tar archive, or an http(s) or s3 address; s3://bucket/prefix/ is all below it. Relative paths are kept as they are; `bulk work --base DIR` says where they begin on another machine.",
      "Models, options and versions are part of the plan: a worker that has others refuses it.",
    ],
  },
  run: async ({ args, rawArgs }) => {
    if (args._.length === 0)
      throw usageError("bulk plan needs at least one INPUT", "For example: tensorface bulk plan photos --out results");
    // Names come and go by the million: left to itself the heap would grow to hundreds of megabytes before it is swept.
    restartWithSteadyMemory(process, ["--max-old-space-size=128"]);
    const base = resolve(args.base ?? ".");
    const asked = await modelFlag(rawArgs);
    const progress = progressOn(process.stderr);
    using interrupt = listenForInterrupt(() => progress.clear());
    const found = await findInputs(args._, { base, column: args.column, signal: interrupt.stopping });
    const plan = await makePlan(args.out, found.entries, {
      inputs: args._,
      base,
      roots: found.roots,
      shardSize: numberFlag("shard-size", args["shard-size"], { min: 1, max: 100_000, whole: true }),
      prepare: (models) =>
        prepareRecipe(
          {
            tasks: args.tasks?.split(",").map((name) => name.trim()),
            models: asked,
            ageGroups: args["age-groups"],
            ...readFinding(args),
            device: args.device,
            maxPixels: millions(args, "max-megapixels"),
            maxBytes: millions(args, "max-megabytes"),
          },
          models,
          findRecipeApart,
        ),
      onProgress: (update) => progress.update(update),
      signal: interrupt.stopping,
    });
    progress.clear();
    process.stderr.write(`${describePlan(plan)}, planned in ${args.out}\nnext: tensorface bulk work ${args.out}\n`);
  },
});
