import { basename } from "node:path";
import type * as h5wasm from "h5wasm/node";
import type { Dataset, Entity, File, Group } from "h5wasm/node";
import { z } from "zod";
import { elementCount, isTensorFaceError, type Tensor, TensorFaceError } from "../core/index.ts";
import { readRegularFile } from "../files/files.node.ts";
import {
  type LoweredModel,
  lowerLayers,
  majorVersion,
  type ReadVariable,
  readTopology,
  savedVariables,
  type WeightSource,
} from "../graph/keras/index.ts";
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
 * A model that Keras saved into one file with its topology and weights: `model.save("net.h5")`, HDF5, or `model.save("net.keras")`, a zip.
 * A file of weights alone has no topology.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_TOO_LARGE} when the file cannot be read
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when it is no such file, or has layers or numbers without a rule
 * @throws {TF_MODEL_NOT_FOUND} when the package h5wasm, which reads HDF5, is not installed
 */
export async function readKerasFile(path: string): Promise<ForeignNetwork> {
  const bytes = await readRegularFile(path, { maxBytes: maximumModelBytes });
  const { graph, outputs } = isZip(bytes) ? await readArchive(bytes, path) : await readHdf5Model(bytes, path);
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

/** The one form: topology in an attribute, each weight below its layer. */
async function readHdf5Model(bytes: Uint8Array, path: string): Promise<LoweredModel> {
  return withHdf5(bytes, path, (file) => {
    const config = file.attrs["model_config"]?.value;
    if (typeof config !== "string") {
      throw new TensorFaceError("TF_GRAPH_INVALID", `"${path}" has no "model_config": it holds weights without the network`, {
        hint: 'Save the whole model: model.save("net.keras"), not model.save_weights.',
      });
    }
    const kerasVersion = majorVersion(file.attrs["keras_version"]?.value);
    return lowerLayers(readTopology(parseJson(config, "model_config")), weightsIn(file.get("model_weights")), { kerasVersion });
  });
}

/** Names in the other form, a zip. */
const archived = { topology: "config.json", weights: "model.weights.h5", metadata: "metadata.json" } as const;

/** Keras 3's form: topology as JSON, weights in HDF5 by class and place. */
async function readArchive(bytes: Uint8Array, path: string): Promise<LoweredModel> {
  const files = await unpack(bytes, path);
  const [config, weights] = [files[archived.topology], files[archived.weights]];
  if (config === undefined || weights === undefined) {
    throw new TensorFaceError(
      "TF_GRAPH_INVALID",
      `"${path}" is a zip without ${config === undefined ? archived.topology : archived.weights}`,
      {
        hint: 'model.save("net.keras") writes both.',
      },
    );
  }
  const topology = readTopology(parseJson(new TextDecoder().decode(config), archived.topology));
  const metadata = files[archived.metadata];
  const told = metadata === undefined ? {} : parseJson(new TextDecoder().decode(metadata), archived.metadata);
  const kerasVersion = majorVersion(z.object({ keras_version: z.unknown() }).safeParse(told).data?.keras_version);
  return withHdf5(weights, `${path}/${archived.weights}`, (file) =>
    lowerLayers(topology, savedVariables(topology, variablesIn(file)), { kerasVersion }),
  );
}

async function unpack(bytes: Uint8Array, path: string): Promise<Readonly<Record<string, Uint8Array>>> {
  const { unzipSync } = await import("fflate");
  const wanted: readonly string[] = Object.values(archived);
  try {
    return unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (!wanted.includes(name)) return false;
        if (originalSize <= maximumModelBytes) return true;
        throw new TensorFaceError(
          "TF_INPUT_TOO_LARGE",
          `"${name}" in "${path}" has ${originalSize} bytes, at most ${maximumModelBytes} are read`,
        );
      },
    });
  } catch (error) {
    if (isTensorFaceError(error)) throw error;
    throw new TensorFaceError("TF_GRAPH_INVALID", `"${path}" is a damaged zip`, { cause: error });
  }
}

/** Before Keras 3 the groups of layers had another name. */
function variablesIn(file: File): ReadVariable {
  const rename = (group: string): string => group.replaceAll(/(^|\/)layers\//g, "$1_layer_checkpoint_dependencies/");
  return (group, index) => {
    const entity = file.get(`${group}/${index}`) ?? file.get(`${rename(group)}/${index}`);
    return entity !== null && isDataset(entity) ? readDataset(entity) : undefined;
  };
}

async function withHdf5<Result>(bytes: Uint8Array, path: string, read: (file: File) => Result): Promise<Result> {
  if (!isHdf5(bytes)) throw new TensorFaceError("TF_GRAPH_INVALID", `"${path}" is no HDF5 file`);
  const library = await loadLibrary();
  const engine = await library.ready;
  // By itself it writes to the terminal where in its sources something is wrong, and goes on.
  engine.activate_throwing_error_handler();
  const { FS } = engine;
  const name = "keras.h5";
  FS.writeFile(name, bytes);
  let file: File | undefined;
  try {
    file = new library.File(name, "r");
    return read(file);
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

/** Every data set below a group, by its path there, and how to read it: a file also holds what layers keep for training. */
function* weightsIn(entity: Entity | null, name = ""): Generator<[string, WeightSource]> {
  if (entity === null) return;
  if (isDataset(entity)) yield [name, () => readDataset(entity)];
  else if (isGroup(entity)) for (const key of entity.keys()) yield* weightsIn(entity.get(key), name === "" ? key : `${name}/${key}`);
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
