import { basename, extname, join, resolve } from "node:path";
import { TensorFaceError } from "../core/index.ts";
import { pathKind } from "../files/files.node.ts";
import type { Graph } from "../graph/index.ts";
import type { ForeignNetwork } from "./foreign-network.ts";
import { type GraphDefOptions, readGraphDefFile } from "./graph-def.ts";
import { readKerasFile } from "./keras-file.ts";
import { isNsfwjsName, readNsfwjs } from "./nsfwjs.ts";
import { readOnnxFile } from "./onnx-file.ts";
import { describeGraph } from "./tensorflow-js.ts";
import { readTensorFlowJsFile } from "./tensorflow-js-folder.ts";
import { readTransformersFolder } from "./transformers.ts";

export interface OpenForeignOptions extends GraphDefOptions {
  /** A file or folder that packages such as nsfwjs are looked for from. @default the current folder */
  readonly from?: string | undefined;
}

const formats =
  "a TensorFlow.js model.json or its folder, a Teachable Machine export, a .pb, a .keras, a .h5, a .onnx, a transformers.js folder, or nsfwjs/NAME";

/**
 * Opens a network that was made elsewhere, by what stands at the path.
 * @param path a file or a folder, or `nsfwjs/NAME` for a network of that npm package
 * @throws {TF_MODEL_NOT_FOUND} when nothing stands there, or it is of no known kind
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when it is damaged, or does something that has no rule
 * @throws {TF_INPUT_UNREADABLE | TF_INPUT_TOO_LARGE} when a file cannot be read
 */
export async function openForeignNetwork(path: string, options: OpenForeignOptions = {}): Promise<ForeignNetwork> {
  const inPackage = /^nsfwjs\/(.+)$/.exec(path)?.[1];
  if (inPackage !== undefined && isNsfwjsName(inPackage)) return readNsfwjs(inPackage, options.from ?? join(process.cwd(), "package.json"));
  const kind = await pathKind(path);
  if (kind === "none") throw new TensorFaceError("TF_MODEL_NOT_FOUND", `there is no "${path}"`, { hint: `Name ${formats}.` });
  return kind === "folder" ? openFolder(path) : openFile(path, options);
}

async function openFolder(folder: string): Promise<ForeignNetwork> {
  const has = async (name: string): Promise<boolean> => (await pathKind(join(folder, name))) === "file";
  if (await has("model.json")) return readTensorFlowJsFile(join(folder, "model.json"));
  if (await has("preprocessor_config.json")) return readTransformersFolder(folder);
  throw new TensorFaceError("TF_MODEL_NOT_FOUND", `"${folder}" holds neither model.json nor preprocessor_config.json`, {
    hint: `Name ${formats}.`,
  });
}

async function openFile(path: string, options: OpenForeignOptions): Promise<ForeignNetwork> {
  switch (extname(path).toLowerCase()) {
    case ".json":
      return readTensorFlowJsFile(path);
    case ".pb":
      return readGraphDefFile(path, options);
    case ".h5":
    case ".hdf5":
    case ".keras":
      return readKerasFile(path);
    case ".onnx": {
      const { graph, conversion } = await readOnnxFile(path);
      const output = chosenOutput(graph, options.outputNode);
      return { ...describeGraph(graph, { format: "ONNX file", name: basename(resolve(path), extname(path)) }, output), conversion };
    }
    default:
      throw new TensorFaceError("TF_MODEL_NOT_FOUND", `"${path}" is no network of a kind that is read`, { hint: `Name ${formats}.` });
  }
}

function chosenOutput({ outputs }: Graph, asked: string | undefined): string | undefined {
  if (asked === undefined || outputs.some(({ name }) => name === asked)) return asked;
  throw new TensorFaceError("TF_GRAPH_INVALID", `the network has no output "${asked}", only ${outputs.map(({ name }) => name).join(", ")}`);
}
