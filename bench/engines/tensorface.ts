import type * as TensorFace from "../../src/_entries/node.ts";
import type { AnalyzerOptions } from "../../src/_entries/node.ts";
import type { BenchEngine } from "./engine.ts";
import { packageVersionHere } from "../machine.ts";

/** TensorFace as users get it: the built package. The sources would take 0.2 s more to load, for their types. */
export async function loadTensorFace(options: AnalyzerOptions): Promise<BenchEngine> {
  const built = new URL("../../dist/index.js", import.meta.url).href;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the sources say that the build exports
  const { createAnalyzer } = (await import(built)) as typeof TensorFace;
  const analyzer = await createAnalyzer(options);
  return {
    name: "TensorFace",
    version: await packageVersionHere(),
    setup: `${Object.keys(options).length === 0 ? "as installed: " : ""}${analyzer.device}, ${analyzer.models.join(", ")}`,
    analyze: async (path) => {
      const { faces, timings } = await analyzer.analyze(path);
      const found = faces.map(({ box, age, gender }) => ({ box, years: age!.years, ageGroup: age!.group, gender: gender!.label }));
      return { faces: found, stages: { decode: timings.decodeMs, detect: timings.detectMs, classify: timings.classifyMs } };
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
