import { parentPort, workerData } from "node:worker_threads";
import { TensorFaceError } from "../../core/index.ts";
import type { PictureInput } from "../../image/decode.node.ts";
import { createFaceAnalyzer } from "../analyzer.ts";
import { createNodePlatform } from "../platform.node.ts";
import type { WorkerOptions, WorkerReply, WorkerRequest } from "./messages.ts";

/** One thread of a pool: an analyzer of its own. */
const port = parentPort!;
// eslint-disable-next-line typescript/no-unsafe-type-assertion -- our own pool is the only one that starts this thread
const options = workerData as WorkerOptions;
const analyzer = await createFaceAnalyzer(createNodePlatform(options), options);
const underWay = new Map<number, AbortController>();

port.on("message", (request: WorkerRequest<PictureInput>) => {
  if (request.kind === "analyze") void analyze(request);
  else if (request.kind === "abort") underWay.get(request.id)?.abort();
  else void dispose();
});
send({ kind: "ready" });

async function analyze({ id, input, source }: Extract<WorkerRequest<PictureInput>, { readonly kind: "analyze" }>): Promise<void> {
  const controller = new AbortController();
  underWay.set(id, controller);
  try {
    send({ kind: "done", id, analysis: await analyzer.analyze(input, { signal: controller.signal, source }) });
  } catch (error) {
    // What is no error of ours is a fault of the program: the thread ends by it, and the pool goes on without.
    if (!(error instanceof TensorFaceError)) throw error;
    send({ kind: "failed", id, error: error.toJSON() });
  } finally {
    underWay.delete(id);
  }
}

async function dispose(): Promise<void> {
  await analyzer.dispose();
  send({ kind: "disposed" });
}

function send(reply: WorkerReply): void {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  port.postMessage(reply);
}
