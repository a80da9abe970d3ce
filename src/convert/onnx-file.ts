import { dirname, join } from "node:path";
import { TensorFaceError } from "../core/index.ts";
import { pathInside, readRegularFile } from "../files/files.node.ts";
import { type ConvertedFile, externalFiles, type Graph, readCurrent, withExternalData } from "../graph/index.ts";
import { maximumModelBytes } from "./limits.ts";

/**
 * An ONNX file in the current opset. What it keeps in other files, as PyTorch's exporter does by itself, is read from beside it.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_TOO_LARGE} when a file cannot be read
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} as {@link readCurrent}, and when it names files outside of its folder
 */
export async function readOnnxFile(path: string): Promise<{ readonly graph: Graph; readonly conversion: ConvertedFile | undefined }> {
  const bytes = await readRegularFile(path, { maxBytes: maximumModelBytes });
  const files = new Map<string, Uint8Array>();
  for (const name of externalFiles(bytes)) {
    const inside = pathInside(dirname(path), name);
    if (inside === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `the weights "${name}" lie outside of the folder of "${path}"`);
    files.set(name, await readRegularFile(join(dirname(path), inside), { maxBytes: maximumModelBytes }));
  }
  return readCurrent(files.size === 0 ? bytes : withExternalData(bytes, files));
}
