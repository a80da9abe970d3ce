import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import type { Tensor } from "../../src/core/index.ts";
import type { Graph } from "../../src/graph/index.ts";
import { type ImportOptions, importTensorFlow, readGraphModel, readWeights } from "../../src/graph/tensorflow/index.ts";
import { buildAgeGender, buildExpression } from "./face-api-heads.ts";
import { freePictureSize } from "./free-size.ts";
import { buildSsd } from "./ssd.ts";

/** Where a network comes from: the files that are read, and the graph that they become. */
export interface NetworkSource {
  /** npm package, with the folder inside it. */
  readonly package: string;
  readonly files: readonly string[];
  readonly convert: (folder: string) => Graph;
}

/** The folder of an installed package, or undefined where it is not installed. */
export function packageFolder(name: string): string | undefined {
  try {
    const file = findPackageJSON(name, import.meta.url);
    return file && dirname(file);
  } catch {
    return undefined;
  }
}

const human = "@vladmandic/human";
const faceApi = "@vladmandic/face-api";

function graphModel(stem: string, options: ImportOptions): NetworkSource {
  const files = [`models/${stem}.json`, `models/${stem}.bin`] as const;
  return {
    package: human,
    files,
    convert: (folder) => {
      const model: unknown = JSON.parse(readFileSync(join(folder, files[0]), "utf8"));
      return importTensorFlow(readGraphModel(model, readFileSync(join(folder, files[1]))), { name: stem, ...options });
    },
  };
}

/** A source whose graph is changed after it was converted. */
function withGraph(source: NetworkSource, change: (graph: Graph) => Graph): NetworkSource {
  return { ...source, convert: (folder) => change(source.convert(folder)) };
}

/** A network of face-api, which comes as weights alone. */
function faceApiModel(stem: string, build: (weights: ReadonlyMap<string, Tensor>) => Graph): NetworkSource {
  const files = [`model/${stem}_model-weights_manifest.json`, `model/${stem}_model.bin`] as const;
  return {
    package: faceApi,
    files,
    convert: (folder) => {
      const manifest: unknown = JSON.parse(readFileSync(join(folder, files[0]), "utf8"));
      return build(readWeights(manifest, readFileSync(join(folder, files[1]))));
    },
  };
}

/** Every network that is converted, by its id. */
export const networkSources = {
  blazeface: withGraph(
    graphModel("blazeface", {
      input: { node: "input", name: "picture" },
      outputs: { scores16: "Identity", boxes16: "Identity_2", scores32: "Identity_1", boxes32: "Identity_3" },
    }),
    freePictureSize,
  ),
  facemesh: graphModel("facemesh", {
    input: { node: "input_1", name: "picture" },
    outputs: { points: "Identity_2", presence: "Identity_1" },
  }),
  faceres: graphModel("faceres", {
    input: { node: "input_1", name: "picture" },
    outputs: { age: "age_pred/Softmax", gender: "gender_pred/Sigmoid", features: "global_pooling/Mean" },
  }),
  emotion: graphModel("emotion", { input: { node: "input_1", name: "picture" }, outputs: { mood: "Identity" } }),
  "face-api-age-gender": faceApiModel("age_gender", buildAgeGender),
  "face-api-expression": faceApiModel("face_expression", buildExpression),
  "ssd-mobilenet-v1": faceApiModel("ssd_mobilenetv1", buildSsd),
} as const satisfies Record<string, NetworkSource>;

export type NetworkId = keyof typeof networkSources;
