import { userInfo } from "node:os";
import { basename, join, resolve } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import type { Dataset } from "../dataset.node.ts";
import { readSuspicions } from "../suspicion.node.ts";
import { decisionsFile, openDecisionLog } from "./decisions.node.ts";
import { createReviewSession, type ReviewSession } from "./session.ts";

export interface OpenReviewOptions {
  /** @default the user's name, or where the system knows none what `USER` says */
  readonly reviewer?: string | undefined;
  /** File of the decisions. @default `decisions.jsonl` in the dataset's folder */
  readonly decisions?: string | undefined;
}

/** The review of a task, with its file of decisions open. */
export interface OpenedReview extends AsyncDisposable {
  readonly session: ReviewSession;
  readonly decisionsPath: string;
  /** How many labels were ranked. */
  readonly labels: number;
}

/**
 * Opens the review of a task, for this process alone.
 * @throws {TF_INPUT_NOT_FOUND} when the labels are not ranked yet
 * @throws the codes of {@link openDecisionLog}
 */
export async function openReview(dataset: Dataset, task: string, { reviewer, decisions }: OpenReviewOptions): Promise<OpenedReview> {
  const suspicions = await readSuspicions(dataset.directory, task);
  if (suspicions === undefined) {
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", `the ${task} labels of "${dataset.directory}" are not ranked yet`, {
      hint: `Run \`tensorface dataset clean ${dataset.directory} --task ${task}\`, or \`dataset doubt\`, first.`,
    });
  }
  const log = await openDecisionLog(decisions ?? join(dataset.directory, decisionsFile));
  try {
    const session = createReviewSession({
      dataset: basename(resolve(dataset.directory)),
      task,
      tasks: dataset.info.tasks,
      reviewer: reviewer ?? userName(),
      records: await Array.fromAsync(dataset.records()),
      suspicions,
      decisions: log.decisions,
      append: (decision) => log.append(decision),
      now: () => new Date(),
    });
    const close = (): Promise<void> => Promise.resolve(log[Symbol.asyncDispose]());
    return { session, decisionsPath: log.path, labels: suspicions.length, [Symbol.asyncDispose]: close };
  } catch (error) {
    await log[Symbol.asyncDispose]();
    throw error;
  }
}

/** A container may run as a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env["USER"] || "reviewer";
  }
}
