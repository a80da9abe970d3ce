import { basename } from "node:path";
import type * as h5wasm from "h5wasm/node";
import type { Dataset, Entity, File, Group } from "h5wasm/node";
import { elementCount, isTensorFaceError, type Tensor, TensorFaceError } from "../core/index.ts";
import { readRegularFile } from "../files/files.node.ts";
import { lowerLayers, readTopology } from "../graph/keras/index.ts";
import { importTensorFlow } from "../graph/tensorflow/index.ts";
import type { ForeignNetwork } from "./foreign-network.ts";
import { maximumModelBytes } from "./limits.ts";
import { describeGraph } from "./tensorflow-js.ts";
import { parseJson } from "./tensorflow-js-folder.ts";

/** HDF5's filters that the reader undoes: gzip, byte shuffling, checksums. It gives arbitrary numbers for others, without an error. */
const readableFilters: readonly number[] = [1, 2, 3];
/** The floating-point types that it reads; it knows no halves. */
const readableTypes: readonly string[] = ["<f", "<d", ">f", ">d"];

/**
 * A model that Keras saved into one HDF5 file, `model.save("net.h5")`: topology and weights. A file of weights alone has no topology.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_TOO_LARGE} when the file cannot be read
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when it is no such file, or has layers or numbers without a rule
 * @throws {TF_MODEL_NOT_FOUND} when the package h5wasm, which reads HDF5, is not installed
 */
export async function readKerasFile(path: string): Promise<ForeignNetwork> {
  const bytes = await readRegularFile(path, { maxBytes: maximumModelBytes });
  if (isZip(bytes)) {
    throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `"${path}" is of Keras 3's zipped form, which is not read`, {
      hint: 'Save it as one HDF5 file: model.save("net.h5").',
    });
  }
  if (!isHdf5(bytes)) throw new TensorFaceError("TF_GRAPH_INVALID", `"${path}" is no HDF5 file`);
  const { topology, weights } = await readHdf5(bytes, path);
  const { graph, outputs } = lowerLayers(readTopology(topology), weights);
  if (outputs.length !== 1) throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `the network has ${outputs.length} outputs; one is read`);
  const name = basename(path).replace(/\.[^.]*$/, "");
  return describeGraph(importTensorFlow(graph, { outputs: { scores: outputs[0]! } }), { format: "Keras file", name });
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

const signature = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);

/** HDF5's signature stands at the beginning, or at 512 bytes or twice, four times, ... that. */
function isHdf5(bytes: Uint8Array): boolean {
  for (let start = 0; start < bytes.length; start = start === 0 ? 512 : 2 * start) {
    if (signature.every((byte, index) => bytes[start + index] === byte)) return true;
  }
  return false;
}

async function readHdf5(bytes: Uint8Array, path: string): Promise<{ topology: unknown; weights: [string, Tensor][] }> {
  const library = await loadLibrary();
  const { FS } = await library.ready;
  const name = "keras.h5";
  FS.writeFile(name, bytes);
  let file: File | undefined;
  try {
    file = new library.File(name, "r");
    const config = file.attrs["model_config"]?.value;
    if (typeof config !== "string") {
      throw new TensorFaceError("TF_GRAPH_INVALID", `"${path}" has no "model_config": it holds weights without the network`, {
        hint: 'Save the whole model: model.save("net.h5"), not model.save_weights.',
      });
    }
    return { topology: parseJson(config, "model_config"), weights: [...weightsIn(file.get("model_weights"))] };
  } catch (error) {
    if (isTensorFaceError(error)) throw error;
    // The library's own errors say where in its sources something was wrong.
    throw new TensorFaceError("TF_GRAPH_INVALID", `"${path}" is a damaged HDF5 file`, { cause: error });
  } finally {
    file?.close();
    FS.unlink(name);
  }
}

async function loadLibrary(): Promise<typeof h5wasm> {
  try {
    return await import("h5wasm/node");
  } catch (error) {
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", "Keras files are read by the package h5wasm, which is not installed", {
      hint: "npm install h5wasm",
      cause: error,
    });
  }
}

/** Every data set below a group, by its path. */
function* weightsIn(entity: Entity | null): Generator<[string, Tensor]> {
  if (entity === null) return;
  if (isDataset(entity)) yield [entity.path, readDataset(entity)];
  else if (isGroup(entity)) for (const key of entity.keys()) yield* weightsIn(entity.get(key));
}

// By what they can do and not by `instanceof`: the classes come with the module, which is loaded late.
function isDataset(entity: Entity): entity is Dataset {
  return "filters" in entity;
}

function isGroup(entity: Entity): entity is Group {
  return "keys" in entity;
}

function readDataset(dataset: Dataset): Tensor {
  const filter = dataset.filters.find(({ id }) => !readableFilters.includes(id));
  if (filter !== undefined)
    throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `weight "${dataset.path}" is compressed by ${filter.name}, which is not read`);
  const { dtype, shape, value } = dataset;
  if (typeof dtype !== "string" || !readableTypes.includes(dtype))
    throw new TensorFaceError(
      "TF_GRAPH_UNSUPPORTED_OP",
      `weight "${dataset.path}" is of type ${JSON.stringify(dtype)}, not float32 or float64`,
    );
  const isNumbers = value instanceof Float32Array || value instanceof Float64Array;
  const data = Float32Array.from(isNumbers ? value : typeof value === "number" ? [value] : []);
  const sizes = shape ?? [];
  if (data.length !== elementCount(sizes)) throw new TensorFaceError("TF_GRAPH_INVALID", `weight "${dataset.path}" cannot be read whole`);
  return { type: "float32", shape: sizes, data };
}
