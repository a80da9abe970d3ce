import { type AffineTransform, TensorFaceError } from "../core/index.ts";
import { gradientFeatureCount, gradientFeatures } from "./gradient-features.ts";
import type { FeatureExtractor } from "./feature-cache.node.ts";
import { toLuma } from "../datasets/index.ts";
import { decodeModel, encodeModel, exposeFeatures } from "../graph/index.ts";
import { decode } from "../image/decode.node.ts";
import { channelCount, cutToTensor, type RasterImage, regionTransform, type TensorLayout } from "../image/index.ts";
import type { HeadManifest, ModelStore } from "../models/index.ts";
import type { InferenceRuntime, InferenceSession } from "../runtime/index.ts";

const batchSize = 32;
/** Batches that are asked for together, so that one is decoded while another is computed. */
const batchesAtOnce = 4;
/** The name that networks give to what they know of a face before their heads. */
const featureOutput = "features";

async function decodeAll(paths: readonly string[], sizeOf: PictureCutter["sizeOf"]): Promise<(RasterImage | undefined)[]> {
  return Promise.all(
    paths.map(async (path) => {
      try {
        return (await decode({ path }, { maxSide: sizeOf(path) })).image;
      } catch {
        return undefined;
      }
    }),
  );
}

/** Describes pictures by histograms of gradients: no network is needed. */
export const gradientExtractor: FeatureExtractor = {
  name: "gradients",
  columns: gradientFeatureCount,
  batchSize: 64,
  async extract(paths) {
    const result = new Float32Array(paths.length * gradientFeatureCount).fill(Number.NaN);
    for (const [index, image] of (await decodeAll(paths, wholePicture.sizeOf)).entries()) {
      if (image !== undefined) result.set(gradientFeatures(toLuma(image)), index * gradientFeatureCount);
    }
    return result;
  },
};

/** Which outputs are read, how wide each is, and whether its numbers are probabilities, which are read as logarithms. */
interface OutputPlan {
  readonly name: string;
  readonly width: number;
  readonly isProbability: boolean;
}

function planOutputs(session: InferenceSession, manifest: HeadManifest): OutputPlan[] {
  const probabilities = new Set(manifest.outputs.filter(({ activation }) => activation === "none").map(({ output }) => output));
  const wanted = new Set([...manifest.outputs.map(({ output }) => output), featureOutput]);
  return session.outputs
    .filter(({ name }) => wanted.has(name))
    .map(({ name, shape }) => {
      const width = shape.slice(1).reduce<number>((product, size) => product * Number(size), 1);
      if (!Number.isFinite(width))
        throw new TensorFaceError("TF_SHAPE_MISMATCH", `output "${name}" of "${manifest.id}" has no fixed width`);
      return { name, width, isProbability: probabilities.has(name) };
    });
}

/** The network with what its heads read as an output of its own, where it has none by that name and the heads read one thing. */
function withFeatures(bytes: Uint8Array, { provenance }: HeadManifest): Uint8Array {
  if (provenance.training === undefined) return bytes;
  const graph = exposeFeatures(decodeModel(bytes), featureOutput);
  return graph === undefined ? bytes : encodeModel(graph);
}

/** Probabilities as bounded logarithms: a linear classifier can add them up. */
function readValue(value: number, isProbability: boolean): number {
  return isProbability ? Math.log(Math.max(value, 1e-6)) : value;
}

/** Cuts out of pictures what a network is to see. */
export interface PictureCutter {
  /** Names the way of cutting, for the features' cache: lower case, digits, dashes. */
  readonly name: string;
  /** The longer side that a picture needs to be decoded at, in pixels. */
  readonly sizeOf: (path: string) => number;
  /** From pixels of the network's input to pixels of a picture. @param path where the picture comes from */
  readonly toSource: (image: RasterImage, path: string, manifest: HeadManifest) => AffineTransform;
}

/** The whole picture, which is taken for a crop of a face. */
export const wholePicture: PictureCutter = {
  name: "whole",
  sizeOf: () => 512,
  toSource: (image, _path, { input }) =>
    regionTransform({ x: 0, y: 0, width: image.width, height: image.height }, input.width, input.height),
};

/** Some of an extractor's columns: what one network sees, or what one of its heads says. */
export interface FeaturePart {
  readonly model: HeadManifest;
  /** The task whose answer they are; absent for what the network sees before it answers. */
  readonly task?: string;
  readonly from: number;
  readonly columns: number;
}

export interface NetworkExtractor extends FeatureExtractor, AsyncDisposable {
  /** Of the networks. */
  readonly ids: readonly string[];
  readonly parts: readonly FeaturePart[];
}

/** A network that is ready to describe pictures. */
interface OpenNetwork {
  readonly manifest: HeadManifest;
  readonly session: InferenceSession;
  readonly outputs: readonly OutputPlan[];
}

async function openNetwork(store: ModelStore, runtime: InferenceRuntime, id: string): Promise<OpenNetwork> {
  const { manifest, read } = await store.open(id);
  if (manifest.kind !== "head") throw new TensorFaceError("TF_INVALID_ARGUMENT", `model "${id}" is a ${manifest.kind}, expected a head`);
  const session = await runtime.load(withFeatures(await read(), manifest));
  return { manifest, session, outputs: planOutputs(session, manifest) };
}

/** What a network says of some pictures, one output after the other: `[outputs][N, width]`. */
async function describePictures(
  { manifest, session, outputs }: OpenNetwork,
  images: readonly (RasterImage | undefined)[],
  toSource: (image: RasterImage, index: number) => AffineTransform,
): Promise<Float32Array[]> {
  const layout: TensorLayout = { ...manifest.input, border: "edge" };
  const pixels = layout.width * layout.height * channelCount(layout);
  const data = new Float32Array(images.length * pixels); // [N, channels, height, width]
  for (const [index, image] of images.entries()) {
    if (image !== undefined) cutToTensor(image, toSource(image, index), layout, data, index * pixels);
  }
  const shape = [images.length, channelCount(layout), layout.height, layout.width];
  const results = await session.run(
    { [manifest.input.name]: { type: "float32", shape, data } },
    outputs.map(({ name }) => name),
  );
  return outputs.map(({ name, isProbability }) => {
    const { data: values } = results[name]!;
    return Float32Array.from({ length: values.length }, (_, index) => readValue(Number(values[index]), isProbability));
  });
}

/** Columns of several networks side by side. */
function planParts(networks: readonly OpenNetwork[]): FeaturePart[] {
  const parts: FeaturePart[] = [];
  let from = 0;
  for (const { manifest, outputs } of networks) {
    for (const { name, width } of outputs) {
      const task = manifest.outputs.find(({ output }) => output === name)?.task;
      parts.push({ model: manifest, ...(task !== undefined && { task }), from, columns: width });
      from += width;
    }
  }
  return parts;
}

/**
 * Networks whose features and head outputs describe pictures, side by side; each picture is decoded once for all of them.
 * @param ids of installed heads, or paths of models
 * @param cutter what they are shown of a picture. @default the whole picture
 * @throws {TF_INVALID_ARGUMENT} when one is no head
 */
export async function createNetworkExtractor(
  store: ModelStore,
  runtime: InferenceRuntime,
  ids: readonly string[],
  cutter: PictureCutter = wholePicture,
): Promise<NetworkExtractor> {
  const networks: OpenNetwork[] = [];
  for (const id of ids) networks.push(await openNetwork(store, runtime, id));
  const parts = planParts(networks);
  const columns = parts.reduce((sum, part) => sum + part.columns, 0);
  const describe = async (paths: readonly string[], images: readonly (RasterImage | undefined)[]): Promise<Float32Array> => {
    const rows = new Float32Array(paths.length * columns).fill(Number.NaN);
    let offset = 0;
    for (const network of networks) {
      const toSource = (image: RasterImage, index: number): AffineTransform => cutter.toSource(image, paths[index]!, network.manifest);
      for (const values of await describePictures(network, images, toSource)) {
        const width = values.length / paths.length;
        for (const [row, image] of images.entries()) {
          if (image !== undefined) rows.set(values.subarray(row * width, (row + 1) * width), row * columns + offset);
        }
        offset += width;
      }
    }
    return rows;
  };
  return {
    name: [...networks.map(({ manifest }) => `${manifest.id}-${manifest.sha256.slice(0, 8)}`), `${columns}-${cutter.name}`].join("-"),
    ids: networks.map(({ manifest }) => manifest.id),
    columns,
    batchSize: batchSize * batchesAtOnce,
    parts,
    async extract(paths) {
      const rows = new Float32Array(paths.length * columns);
      // While one batch goes through the networks, the next one is decoded.
      let next = decodeAll(paths.slice(0, batchSize), cutter.sizeOf);
      for (let start = 0; start < paths.length; start += batchSize) {
        const images = await next;
        next = decodeAll(paths.slice(start + batchSize, start + 2 * batchSize), cutter.sizeOf);
        rows.set(await describe(paths.slice(start, start + batchSize), images), start * columns);
      }
      return rows;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(networks.map(({ session }) => session.dispose()));
    },
  };
}
