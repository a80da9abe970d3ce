import { parentPort, workerData } from "node:worker_threads";
import { type Answerer, serve } from "../../bridge/index.ts";
import { threadLine } from "../../bridge/thread.node.ts";
import { type LookerOptions, openLooker, type PictureLook, type PictureTask } from "./looker.ts";

/** What a thread that looks at pictures answers. */
export interface LookService {
  readonly look: Answerer<readonly PictureTask[], PictureLook[]>;
  /** When what it has under way is finished and its networks are let go of: then it may be ended. */
  readonly dispose: Answerer<undefined, void>;
}

// eslint-disable-next-line typescript/no-unsafe-type-assertion -- only `lookers.ts` starts this thread
const options = workerData as LookerOptions;

serve<LookService>(threadLine(parentPort!), openService());

async function openService(): Promise<LookService> {
  const looker = await openLooker(options);
  return {
    look: async (tasks, { signal }) => looker.look(tasks, signal),
    dispose: async () => looker[Symbol.asyncDispose](),
  };
}
