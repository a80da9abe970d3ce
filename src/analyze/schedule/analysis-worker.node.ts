import { parentPort, workerData } from "node:worker_threads";
import { serve } from "../../bridge/index.ts";
import { threadLine } from "../../bridge/thread.node.ts";
import type { PictureInput } from "../../image/decode.node.ts";
import { createFaceAnalyzer } from "../analyzer.ts";
import { createNodePlatform } from "../platform.node.ts";
import type { AnalysisService, WorkerOptions } from "./messages.ts";

/** One thread of a pool: an analyzer of its own. */
// eslint-disable-next-line typescript/no-unsafe-type-assertion -- our own pool is the only one that starts this thread
const options = workerData as WorkerOptions;

serve<AnalysisService<PictureInput>>(threadLine(parentPort!), openService());

async function openService(): Promise<AnalysisService<PictureInput>> {
  const analyzer = await createFaceAnalyzer(createNodePlatform(options), options);
  return {
    ready: () => {},
    analyze: async ({ input, ...asked }, { signal }) => analyzer.analyze(input, { ...asked, signal }),
    dispose: async () => analyzer.dispose(),
  };
}
