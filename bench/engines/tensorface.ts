import { createAnalyzer } from "../../src/_entries/node.ts";
import type { BenchEngine } from "./engine.ts";
import { packageVersionHere } from "../machine.ts";

/** TensorFace as it is without any option. */
export async function loadTensorFace(): Promise<BenchEngine> {
  const analyzer = await createAnalyzer();
  return {
    name: "TensorFace",
    version: await packageVersionHere(),
    setup: `as installed: ${analyzer.device}, ${analyzer.models.join(", ")}`,
    analyze: async (path) => {
      const { faces, timings } = await analyzer.analyze(path);
      return { faces: faces.length, stages: { decode: timings.decodeMs, detect: timings.detectMs, classify: timings.classifyMs } };
    },
    analyzeAll: async (paths) => {
      let faces = 0;
      for await (const outcome of analyzer.analyzeAll(paths)) {
        if ("error" in outcome) throw new Error(`${outcome.source}: ${outcome.error.message}`);
        faces += outcome.faces.length;
      }
      return faces;
    },
  };
}
