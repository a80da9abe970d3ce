import { dirname, join } from "node:path";
import { TensorFaceError } from "../core/index.ts";
import { pathInside, readRegularFile } from "../files/files.node.ts";
import { type ConvertedFile, expandMisreadConstants, externalFiles, type Graph, readCurrent, withExternalData } from "../graph/index.ts";
import { maximumModelBytes } from "./limits.ts";

/**
 * An ONNX file in the current opset. What it keeps in other files, as PyTorch's exporter does by itself, is read from beside it. Quantised
 * constants that the engine would misread are float32.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_TOO_LARGE} when a file cannot be read
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} as {@link readCurrent}, when it names files outside of its folder, and when its
 * network is one in training
 */
export async function readOnnxFile(path: string): Promise<{ readonly graph: Graph; readonly conversion: ConvertedFile | undefined }> {
  const bytes = await readRegularFile(path, { maxBytes: maximumModelBytes });
  const files = new Map<string, Uint8Array>();
  for (const name of externalFiles(bytes)) {
    const inside = pathInside(dirname(path), name);
    if (inside === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `the weights "${name}" lie outside of the folder of "${path}"`);
    files.set(name, await readRegularFile(join(dirname(path), inside), { maxBytes: maximumModelBytes }));
  }
  const read = readCurrent(files.size === 0 ? bytes : withExternalData(bytes, files));
  refuseTraining(read.graph);
  return { ...read, graph: expandMisreadConstants(read.graph) };
}

/**
 * A network that was exported while it trained answers by what else is in the batch, or by chance; ONNX Runtime also writes a norm's new statistics over the
 * old ones, so that the same picture gets another answer in the next run.
 */
function refuseTraining({ nodes, initializers }: Graph): void {
  const isOn = (name: string | undefined): boolean => name !== undefined && Number(initializers.get(name)?.data[0] ?? 0) !== 0;
  const node = nodes.find(({ op, domain = "", inputs, attributes }) => {
    if (domain !== "") return false;
    const mode = attributes["training_mode"];
    return op === "BatchNormalization" ? mode?.kind === "int" && mode.value === 1 : op === "Dropout" && isOn(inputs[2]);
  });
  if (node === undefined) return;
  throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${node.name}" (${node.op}) is in training mode`, {
    hint: "Export the network for inference; in PyTorch call model.eval() first, and export without training=TrainingMode.TRAINING.",
  });
}
