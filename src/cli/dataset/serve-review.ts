import { userInfo } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import type { Dataset } from "../../datasets/dataset.node.ts";
import { decisionsFile, openDecisionLog } from "../../datasets/review/decisions.node.ts";
import { createReviewSession } from "../../datasets/review/index.ts";
import { readSuspicions } from "../../datasets/suspicion.node.ts";
import { installedModelFolders } from "../../models/models.node.ts";
import { buildReviewApp, listen } from "../../server/index.ts";
import { listenForInterrupt } from "../interrupt.ts";

export const defaultReviewPort = 4173;

export interface ReviewRequest {
  /** @default {@link defaultReviewPort}; 0: any that is free */
  readonly port?: number | undefined;
  /** @default the user's name */
  readonly reviewer?: string | undefined;
  /** File of the decisions. @default `decisions.jsonl` in the dataset's folder */
  readonly decisions?: string | undefined;
}

/**
 * Serves the review of a task until Ctrl-C; its address goes to stdout.
 * @throws {TF_INPUT_NOT_FOUND} when the labels are not ranked yet
 */
export async function serveReview(dataset: Dataset, task: string, request: ReviewRequest = {}): Promise<void> {
  const suspicions = await readSuspicions(dataset.directory, task);
  if (suspicions === undefined) {
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", `the ${task} labels of "${dataset.directory}" are not ranked yet`, {
      hint: `Run \`tensorface dataset clean ${dataset.directory} --task ${task}\`, or \`dataset doubt\`, first.`,
    });
  }
  await using log = await openDecisionLog(request.decisions ?? join(dataset.directory, decisionsFile));
  const session = createReviewSession({
    dataset: basename(resolve(dataset.directory)),
    task,
    tasks: dataset.info.tasks,
    reviewer: request.reviewer ?? userInfo().username,
    records: await Array.fromAsync(dataset.records()),
    suspicions,
    decisions: log.decisions,
    append: (decision) => log.append(decision),
    now: () => new Date(),
  });
  const app = await buildReviewApp({ session, picturePath: (record) => dataset.picturePath(record), webRoot: reviewPageRoot() });
  process.stdout.write(`${await listen(app, { port: request.port ?? defaultReviewPort, hasToken: false })}/\n`);
  process.stderr.write(`review of ${suspicions.length} ${task} labels; decisions go to ${log.path}. Ctrl-C ends.\n`);
  await untilInterrupted();
  const closed = app.close();
  app.server.closeAllConnections();
  await closed;
}

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
