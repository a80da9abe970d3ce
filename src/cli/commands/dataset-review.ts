import type { ArgsDef } from "citty";
import { openDataset } from "../../datasets/dataset.node.ts";
import { decisionsFile } from "../../datasets/review/decisions.node.ts";
import { type Command, defineCommand, numberFlag } from "../command.ts";
import { chooseTask, requireDirectory } from "../dataset/operands.ts";
import { defaultReviewPort, serveReview } from "../dataset/serve-review.ts";
import { sayNext } from "../dataset/terminal.ts";

const reviewArgs = {
  task: { type: "string", valueHint: "NAME", description: "which labels to review (default: the only ones there are)" },
  port: {
    type: "string",
    valueHint: "N",
    description: `where the page is served, on this machine only (default: ${defaultReviewPort}; 0: any)`,
  },
  reviewer: { type: "string", valueHint: "NAME", description: "who decides, written beside every decision (default: the user's name)" },
  decisions: { type: "string", valueHint: "FILE", description: `where decisions are kept (default: ${decisionsFile} in DIR)` },
} as const satisfies ArgsDef;

export const datasetReviewCommand: Command = defineCommand({
  meta: { name: "review", description: "Go through doubtful labels in the browser, the worst first, by keyboard." },
  args: reviewArgs,
  help: {
    operands: "DIR",
    examples: [["tensorface dataset review data/fer2013 --reviewer ada", "opens a page; Ctrl-C ends"]],
    notes: [
      "Run `dataset clean` or `dataset doubt` first. Every decision is on the disk before the page shows it; `dataset apply` makes a cleaned manifest of them.",
    ],
  },
  run: async ({ args }) => {
    const dataset = await openDataset(requireDirectory("review", args._));
    const port = numberFlag("port", args.port, { min: 0, max: 65_535, whole: true });
    await serveReview(dataset, chooseTask(args.task, dataset.info), { port, reviewer: args.reviewer, decisions: args.decisions });
    sayNext(["dataset", "apply", dataset.directory, ...(args.decisions === undefined ? [] : ["--decisions", args.decisions])]);
  },
});
