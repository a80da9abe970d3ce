import { parentPort } from "node:worker_threads";
import { serve } from "../../bridge/index.ts";
import { threadLine } from "../../bridge/thread.node.ts";
import { isTensorFaceError, TensorFaceError, reasonOf } from "../../core/index.ts";
import { heicToPng } from "./to-png.node.ts";
import type { HeicService } from "./messages.ts";

/** A thread that decodes HEIC, one file after the other: a photograph takes seconds, and the thread that asks shall go on meanwhile. */
serve<HeicService>(threadLine(parentPort!), {
  ready: () => {},
  decode: async ({ file, ...options }, { handOver }) => {
    try {
      const png = await heicToPng(file, options);
      handOver(png.buffer);
      return png;
    } catch (error) {
      // The library's own faults are the file's: the thread goes on with the next one.
      throw isTensorFaceError(error) ? error : new TensorFaceError("TF_IMAGE_CORRUPT", reasonOf(error));
    }
  },
});
