import type { ArgsDef } from "citty";
import { userInfo } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import { openDataset } from "../../datasets/dataset.node.ts";
import { decisionsFile, openDecisionLog } from "../../datasets/review/decisions.node.ts";
import { createReviewSession } from "../../datasets/review/index.ts";
import { readSuspicions } from "../../datasets/suspicion.node.ts";
import { type Command, defineCommand, numberFlag } from "../command.ts";
import { chooseTask, requireDirectory } from "../dataset/operands.ts";
import { installedModelFolders } from "../../models/models.node.ts";
import { buildReviewApp, listen } from "../../server/index.ts";
import { listenForInterrupt } from "../interrupt.ts";

const defaultPort = 4173;

const reviewArgs = {
  task: { type: "string", valueHint: "NAME", description: "which labels to review (default: the only ones there are)" },
  port: { type: "string", valueHint: "N", description: `where the page is served, on this machine only (default: ${defaultPort}; 0: any)` },
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
      "Run `dataset score` first. Every decision is on the disk before the page shows it; `dataset apply` makes a cleaned manifest of them.",
    ],
  },
  run: async ({ args }) => {
    const dataset = await openDataset(requireDirectory("review", args._));
    const task = chooseTask(args.task, dataset.info);
    const suspicions = await readSuspicions(dataset.directory, task);
    if (suspicions === undefined) {
      throw new TensorFaceError("TF_INPUT_NOT_FOUND", `the ${task} labels of "${dataset.directory}" are not ranked yet`, {
        hint: `Run \`tensorface dataset score ${dataset.directory} --task ${task}\` first.`,
      });
    }
    await using log = await openDecisionLog(args.decisions ?? join(dataset.directory, decisionsFile));
    const session = createReviewSession({
      dataset: basename(resolve(dataset.directory)),
      task,
      tasks: dataset.info.tasks,
      reviewer: args.reviewer ?? userInfo().username,
      records: await Array.fromAsync(dataset.records()),
      suspicions,
      decisions: log.decisions,
      append: (decision) => log.append(decision),
      now: () => new Date(),
    });
    const port = numberFlag("port", args.port, { min: 0, max: 65_535, whole: true }) ?? defaultPort;
    const app = await buildReviewApp({ session, picturePath: (record) => dataset.picturePath(record), webRoot: reviewPageRoot() });
    process.stdout.write(`${await listen(app, { port, hasToken: false })}/\n`);
    process.stderr.write(`review of ${suspicions.length} ${task} labels; decisions go to ${log.path}. Ctrl-C ends.\n`);
    await untilInterrupted();
    const closed = app.close();
    app.server.closeAllConnections();
    await closed;
  },
});

/** Where the page of the review is built to, in a clone and in the package. */
function reviewPageRoot(): string {
  return join(dirname(installedModelFolders()[0]!), "dist", "review");
}

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    const interrupt = listenForInterrupt(() => {
      interrupt[Symbol.dispose]();
      // Ending a review is how it is meant to end.
      process.exitCode = 0;
      resolve();
    });
  });
}
