import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as TensorFace from "../../src/_entries/node.ts";
import type { AnalyzedFace, NodeAnalyzerOptions } from "../../src/_entries/node.ts";
import type { BenchEngine, SaidOfFace } from "./engine.ts";
import { packageVersionHere } from "../machine.ts";

/**
 * TensorFace as users get it: the built package. The sources would take 0.2 s more to load, for their types.
 * @param clone the folder of the clone that was built. @default this one
 */
export async function loadTensorFace(options: NodeAnalyzerOptions, clone?: string): Promise<BenchEngine> {
  const built =
    clone === undefined ? new URL("../../dist/index.js", import.meta.url).href : pathToFileURL(join(clone, "dist/index.js")).href;
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
    countRefused: async (paths) => {
      let refused = 0;
      for await (const outcome of analyzer.analyzeAll(paths))
        if ("error" in outcome && outcome.error.code === "TF_IMAGE_TOO_LARGE") refused++;
      return refused;
    },
    say: async (paths) => {
      const said: SaidOfFace[][] = [];
      for (const path of paths) said.push((await analyzer.analyze(path)).faces.map(describe));
      return said;
    },
  };
}

function describe({ box, age, gender, mood }: AnalyzedFace): SaidOfFace {
  const told: Readonly<Record<string, Readonly<Record<string, number>> | undefined>> = {
    age: age?.probabilities,
    gender: gender?.probabilities,
    mood: mood?.probabilities,
  };
  const numbers = Object.entries(told).flatMap(([task, probabilities = {}]) =>
    Object.entries(probabilities).map(([label, value]) => [`${task} ${label}`, value] as const),
  );
  return { box, probabilities: Object.fromEntries(numbers) };
}
