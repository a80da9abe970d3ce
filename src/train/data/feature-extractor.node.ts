import { createHash } from "node:crypto";
import { loadAhead, TensorFaceError } from "../../core/index.ts";
import type { FeatureExtractor } from "../../features/feature-cache.node.ts";
import { encodeModel } from "../../graph/index.ts";
import { decode } from "../../image/decode.node.ts";
import { channelCount, type RasterImage, regionTransform, type TensorLayout, warpToTensor } from "../../image/index.ts";
import type { LocalFile } from "../../image/input.node.ts";
import { findModel, type ModelManifest } from "../../models/index.ts";
import { installedModelFolders, openModelFolders } from "../../models/models.node.ts";
import { type InferenceRuntime, type InferenceSession, type LoadOptions, verifyConversion } from "../../runtime/index.ts";
import type { CropRegion } from "../augment/picture.ts";
import type { TrainingConfig } from "../config.ts";
import { type FrozenNetwork, frozenNetwork } from "../network/frozen-network.ts";

/** A network whose features others learn from. */
export interface Backbone {
  readonly manifest: ModelManifest;
  readonly network: FrozenNetwork;
}

/**
 * Finds the network of a configuration on features.
 * @throws {TF_MODEL_NOT_FOUND | TF_MODEL_CORRUPT | TF_MODEL_INVALID} when it is not there or not whole
 * @throws {TF_GRAPH_INVALID} when it has no such features
 */
export async function openBackbone({ model, value }: NonNullable<TrainingConfig["features"]>): Promise<Backbone> {
  const isPath = model.endsWith(".json");
  const store = openModelFolders(isPath ? [model] : installedModelFolders());
  const manifests = await store.manifests();
  const manifest = isPath ? manifests[0]! : findModel(manifests, model);
  return { manifest, network: frozenNetwork(await store.read(manifest), value) };
}

/** Pictures through the network at a time: while one batch is computed, the next one is decoded. */
const batchSize = 16;
/** Pictures between two writes of the cache. */
const pieceSize = 256;

/**
 * Features of the region of pictures that a training shows. The name holds everything that they depend on but the device,
 * which changes roundings alone.
 * @throws {TF_DEVICE_UNAVAILABLE} when the device of `load` is not there
 * @throws {TF_GRAPH_INVALID} when the network's file is of another opset, and the engine answers otherwise once it is converted
 */
export async function createFeatureExtractor(
  runtime: InferenceRuntime,
  { manifest, network }: Backbone,
  region: CropRegion,
  load: LoadOptions = {},
): Promise<FeatureExtractor & AsyncDisposable> {
  if (network.conversion !== undefined) await verifyConversion(runtime, network.conversion, manifest.input, load);
  const session = await runtime.load(encodeModel(network.graph), load);
  const layout: TensorLayout = { ...manifest.input, border: "edge" };
  const key = JSON.stringify([manifest.sha256, manifest.input, network.value, region]);
  return {
    name: `${manifest.id}-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`,
    columns: network.size,
    batchSize: pieceSize,
    async extract(pictures) {
      const rows = new Float32Array(pictures.length * network.size);
      const load = async (batch: readonly LocalFile[]): Promise<Float32Array> => picturesToTensor(batch, layout, region);
      for await (const { start, loaded: data } of loadAhead(pictures, batchSize, load)) {
        rows.set(await runBatch(session, layout, data), start * network.size);
      }
      return rows;
    },
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

async function runBatch(session: InferenceSession, layout: TensorLayout, data: Float32Array): Promise<Float32Array> {
  const channels = channelCount(layout);
  const count = data.length / (channels * layout.height * layout.width);
  const [input, output] = [session.inputs[0]!.name, session.outputs[0]!.name];
  const shape = [count, channels, layout.height, layout.width];
  const { [output]: features } = await session.run({ [input]: { type: "float32", shape, data } });
  if (features?.type === "float32") return features.data;
  throw new TensorFaceError("TF_SHAPE_MISMATCH", `the features "${output}" are ${features?.type}, expected float32`);
}

/** Decoded larger pictures are scaled down to this side at least: a network sees no more. */
const decodedSide = 512;

/**
 * The region of each picture as a network wants it, `[N, channels, height, width]`.
 * @throws what decoding throws for a picture that cannot be read
 */
async function picturesToTensor(pictures: readonly LocalFile[], layout: TensorLayout, region: CropRegion): Promise<Float32Array> {
  const images = await Promise.all(pictures.map(async (picture) => (await decode(picture, { maxSide: decodedSide })).image));
  const size = layout.width * layout.height * channelCount(layout);
  const data = new Float32Array(pictures.length * size);
  for (const [index, image] of images.entries()) warpToTensor(image, regionOf(image, region, layout), layout, data, index * size);
  return data;
}

function regionOf({ width, height }: RasterImage, { x, y, side }: CropRegion, layout: TensorLayout): ReturnType<typeof regionTransform> {
  return regionTransform({ x: x * width, y: y * height, width: side * width, height: side * height }, layout.width, layout.height);
}
