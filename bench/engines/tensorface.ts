import type * as TensorFace from "../../src/_entries/node.ts";
import type { BenchEngine } from "./engine.ts";
import { packageVersionHere } from "../machine.ts";

/** TensorFace as users get it: the built package, without any option. The sources would take 0.2 s more to load, for their types. */
export async function loadTensorFace(): Promise<BenchEngine> {
  const built = new URL("../../dist/index.js", import.meta.url).href;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the sources say that the build exports
  const { createAnalyzer } = (await import(built)) as typeof TensorFace;
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
