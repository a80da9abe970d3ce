import { counted } from "../../core/index.ts";
import { dirname, join } from "node:path";
import type { Dataset } from "../../datasets/dataset.node.ts";
import { openReview, type OpenReviewOptions } from "../../datasets/review/open-review.node.ts";
import { installedModelFolders } from "../../models/models.node.ts";
import { buildReviewApp, listen } from "../../server/index.ts";
import { listenForInterrupt } from "../interrupt.ts";

export const defaultReviewPort = 4173;

export interface ReviewRequest extends OpenReviewOptions {
  /** @default {@link defaultReviewPort}; 0: any that is free */
  readonly port?: number | undefined;
}

/**
 * Serves the review of a task until Ctrl-C; its address goes to stdout.
 * @throws {TF_INPUT_NOT_FOUND} when the labels are not ranked yet
 */
export async function serveReview(dataset: Dataset, task: string, request: ReviewRequest = {}): Promise<void> {
  await using opened = await openReview(dataset, task, request);
  const app = await buildReviewApp({
    session: opened.session,
    picturePath: (record) => dataset.picturePath(record),
    webRoot: reviewPageRoot(),
  });
  process.stdout.write(`${await listen(app, { port: request.port ?? defaultReviewPort, hasToken: false })}/\n`);
  process.stderr.write(`review of ${counted(opened.labels, `${task} label`)}; decisions go to ${opened.decisionsPath}. Ctrl-C ends.\n`);
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
