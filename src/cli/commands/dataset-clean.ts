import type { ArgsDef } from "citty";
import { openDataset } from "../../datasets/dataset.node.ts";
import { cleanDataset, type CleaningCost, describeCost, describeQueue, judgedTasks, tasksByWork } from "../../predict/doubt/index.ts";
import { type Command, defineCommand, numberFlag, usageError } from "../command.ts";
import { chooseTask, requireDirectory } from "../dataset/operands.ts";
import { defaultReviewPort, serveReview } from "../dataset/serve-review.ts";
import { sayNext, withProgress } from "../dataset/terminal.ts";
import { quoted } from "../../report/index.ts";

const cleanArgs = {
  task: { type: "string", valueHint: "NAME", description: "which labels to judge (default: all that the dataset has)" },
  features: {
    type: "string",
    valueHint: "LIST",
    description: "networks to describe faces with, or gradients (default: as `dataset doubt`)",
  },
  review: { type: "boolean", default: true, negativeDescription: "only write the queue; do not open the review at the end" },
  port: {
    type: "string",
    valueHint: "N",
    description: `where the review is served, on this machine only (default: ${defaultReviewPort}; 0: any)`,
  },
  reviewer: { type: "string", valueHint: "NAME", description: "who decides, written beside every decision (default: the user's name)" },
} as const satisfies ArgsDef;

export const datasetCleanCommand: Command = defineCommand({
  meta: { name: "clean", description: "Find the wrong labels of a dataset, and open the review with the likeliest first." },
  args: cleanArgs,
  help: {
    operands: "DIR",
    examples: [
      ["tensorface dataset clean data/mine", "faces, copies, doubts, then the page; Ctrl-C ends it"],
      ["tensorface dataset clean data/mine --no-review", "the queue alone; `dataset review` opens it later"],
    ],
    notes: [
      "It does what `dataset faces`, `dataset duplicates` and `dataset doubt` do, with the same result, but goes through the pictures once, on all cores. It says how long that takes once it has looked at a few. All is kept: a run that was stopped goes on from there.",
      "Copies are looked for once, and moved so that each group stands in one split; to keep the splits of an earlier manifest run `dataset duplicates DIR --keep OLD` before.",
    ],
  },
  run: async ({ args }) => {
    const dataset = await openDataset(requireDirectory("clean", args._));
    const task = args.task === undefined ? undefined : chooseTask(args.task, dataset.info);
    const port = numberFlag("port", args.port, { min: 0, max: 65_535, whole: true });
    const ofReview = (["port", "reviewer"] as const).find((name) => args[name] !== undefined);
    if (!args.review && ofReview !== undefined) throw usageError(`--${ofReview} is for the review, and --no-review opens none`);
    if (task === undefined && judgedTasks(dataset).length === 0) {
      throw usageError(
        "the dataset has no labels in two classes or more",
        "Where all labels are one, none of them can be told to be wrong.",
      );
    }
    const onCost = (cost: CleaningCost): void => void process.stderr.write(`${describeCost(cost)}\n`);
    const queue = await withProgress((onProgress, signal) =>
      cleanDataset(dataset, { tasks: task === undefined ? undefined : [task], networks: args.features, onCost, onProgress, signal }),
    );
    process.stdout.write(describeQueue(queue));
    const [first, ...others] = tasksByWork(queue);
    if (first === undefined) return;
    const review = (name: string): string[] => ["dataset", "review", dataset.directory, "--task", name];
    if (!args.review) return sayNext(review(first));
    for (const name of others) process.stderr.write(`later: ${["tensorface", ...review(name)].map(quoted).join(" ")}\n`);
    await serveReview(await openDataset(dataset.directory), first, { port, reviewer: args.reviewer });
    sayNext(["dataset", "apply", dataset.directory]);
  },
});
