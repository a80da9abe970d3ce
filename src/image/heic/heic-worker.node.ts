import { parentPort } from "node:worker_threads";
import { isTensorFaceError, TensorFaceError, reasonOf } from "../../core/index.ts";
import { heicToPng } from "./to-png.node.ts";
import type { HeicReply, HeicRequest } from "./messages.ts";

/** A thread that decodes HEIC, one file after the other: a photograph takes seconds, and the thread that asks shall go on meanwhile. */
const port = parentPort!;
const send = (reply: HeicReply): void => {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  port.postMessage(reply, reply.kind === "done" ? [reply.png.buffer] : []);
};

port.on("message", (request: HeicRequest) => {
  const { id } = request;
  heicToPng(request.file, request).then(
    (png) => send({ kind: "done", id, png }),
    (error: unknown) => {
      const known = isTensorFaceError(error) ? error : new TensorFaceError("TF_IMAGE_CORRUPT", reasonOf(error));
      send({ kind: "failed", id, error: known.toJSON() });
    },
  );
});
send({ kind: "ready" });
