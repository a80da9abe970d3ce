import { type AffineTransform, composeTransforms, identityTransform, TensorFaceError } from "../core/index.ts";
import { gradientFeatureCount, gradientFeatures } from "./gradient-features.ts";
import type { FeatureExtractor, FeatureShape } from "./feature-cache.node.ts";
import { toLuma } from "../datasets/index.ts";
import { decodeModel, encodeModel, exposeFeatures, withPictureSize } from "../graph/index.ts";
import { decodeReadable } from "../image/decode.node.ts";
import { channelCount, cutToTensor, type RasterImage, regionTransform, type TensorLayout } from "../image/index.ts";
import type { LocalFile } from "../image/input.node.ts";
import type { HeadManifest, ModelStore } from "../models/index.ts";
import type { InferenceRuntime, InferenceSession } from "../runtime/index.ts";

/** The name that networks give to what they know of a face before their heads. */
const featureOutput = "features";
/** The longer side at which gradients are measured at most, in pixels. */
const gradientSide = 512;
/**
 * The side at which faces are shown to networks that were made for larger ones and take any size, in pixels: in half of the time labels are judged as
 * well (docs/lab/cleaning.md).
 */
const describedSide = 160;
/**
 * How much more of the picture our own network that tells genders is shown the second time: hair and what is worn tell what the face alone does not
 * (docs/lab/cleaning.md).
 */
const widerBy = 1.3;

async function gradientsOf(picture: LocalFile): Promise<Float32Array | undefined> {
  const decoded = await decodeReadable(picture, { maxSide: gradientSide });
  return decoded && gradientFeatures(toLuma(decoded.image));
}

/** Describes pictures by histograms of gradients: no network is needed. */
export const gradientExtractor: FeatureExtractor = {
  name: "gradients",
  columns: gradientFeatureCount,
  batchSize: 64,
  async extract(pictures) {
    const result = new Float32Array(pictures.length * gradientFeatureCount).fill(Number.NaN);
    for (const [index, features] of (await Promise.all(pictures.map(gradientsOf))).entries()) {
      if (features !== undefined) result.set(features, index * gradientFeatureCount);
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

/** A network as it is asked here, and what is said of it. */
interface AdaptedNetwork {
  readonly bytes: Uint8Array;
  readonly manifest: HeadManifest;
}

/**
 * One of our own with what its heads read as an output of its own, where it has none by that name and the heads read one thing; one that was made
 * elsewhere at a side that costs less, where it sees no less.
 */
function adapted(bytes: Uint8Array, manifest: HeadManifest): AdaptedNetwork {
  const { provenance, input, outputs } = manifest;
  const graph = decodeModel(bytes);
  if (provenance.training !== undefined) {
    const answers = outputs.map(({ output }) => output);
    const exposed = exposeFeatures(graph, featureOutput, answers);
    return { bytes: exposed === undefined ? bytes : encodeModel(exposed), manifest };
  }
  const size = { width: describedSide, height: describedSide };
  const smaller = input.width === input.height && input.width > describedSide ? withPictureSize(graph, size) : undefined;
  return smaller === undefined
    ? { bytes, manifest }
    : { bytes: encodeModel(smaller), manifest: { ...manifest, input: { ...input, ...size } } };
}

/** Probabilities as bounded logarithms: a linear classifier can add them up. */
function readValue(value: number, isProbability: boolean): number {
  return isProbability ? Math.log(Math.max(value, 1e-6)) : value;
}

/** From pixels of a network's input to those of a picture that is taken for a crop of a face as it is. */
export function wholePicture(image: RasterImage, { input }: HeadManifest): AffineTransform {
  return regionTransform({ x: 0, y: 0, width: image.width, height: image.height }, input.width, input.height);
}

/** Some of a network's columns: what it sees, or what one of its heads says. */
export interface FeaturePart {
  readonly model: HeadManifest;
  /** The task whose answer they are; absent for what the network sees before it answers. */
  readonly task?: string;
  /** Of an answer, whether the network was shown more around the face than it was taught with. What it sees holds both. */
  readonly isWider: boolean;
  readonly from: number;
  readonly columns: number;
}

/** A network that describes faces by what it sees of them and by what its heads answer. */
export interface FaceDescriber extends FeatureShape, AsyncDisposable {
  readonly manifest: HeadManifest;
  /** Its columns, one output after the other, each of one crop after the other. */
  readonly parts: readonly FeaturePart[];
  /** Room for the input of some faces. */
  createBatch(size: number): FaceBatch;
}

/** The faces that a network will be asked about together. */
export interface FaceBatch {
  /** Cuts face `index` out of a picture. @param toSource maps pixels of the network's input to pixels of the picture */
  write(index: number, image: RasterImage, toSource: AffineTransform): void;
  /** What the network says of the first `count` faces: `[count, columns]`. */
  describe(count: number): Promise<Float32Array>;
}

/**
 * From pixels of a network's input to pixels of the same input, for each time that it is shown a face: as it was taught to, and our own that tells
 * genders once from further away. Moods gain nothing by it, and one that was made elsewhere gains little for its time.
 */
function planCrops({ input: { width, height }, outputs, provenance }: HeadManifest): AffineTransform[] {
  const gains = provenance.training !== undefined && outputs.some(({ task }) => task === "gender");
  if (!gains) return [identityTransform];
  const beyond = (widerBy - 1) / 2;
  const region = { x: -beyond * width, y: -beyond * height, width: widerBy * width, height: widerBy * height };
  return [identityTransform, regionTransform(region, width, height)];
}

/** Columns of a network's outputs, each of one crop after the other. */
function planParts(model: HeadManifest, outputs: readonly OutputPlan[], crops: number): FeaturePart[] {
  const parts: FeaturePart[] = [];
  let from = 0;
  for (const { name, width } of outputs) {
    const task = model.outputs.find(({ output }) => output === name)?.task;
    // Of what it sees of both crops together more is learnt than of each.
    if (task === undefined) parts.push({ model, isWider: false, from, columns: crops * width });
    else for (let crop = 0; crop < crops; crop++) parts.push({ model, task, isWider: crop > 0, from: from + crop * width, columns: width });
    from += crops * width;
  }
  return parts;
}

/**
 * Opens a network that describes faces.
 * @param id of an installed head, or the path of a model
 * @param options.threads of the engine. @default all cores
 * @throws {TF_INVALID_ARGUMENT} when it is no head
 */
export async function openDescriber(
  store: ModelStore,
  runtime: InferenceRuntime,
  id: string,
  { threads }: { readonly threads?: number | undefined } = {},
): Promise<FaceDescriber> {
  const { manifest: stored, read } = await store.open(id);
  if (stored.kind !== "head") throw new TensorFaceError("TF_INVALID_ARGUMENT", `model "${id}" is a ${stored.kind}, expected a head`);
  const { bytes, manifest } = adapted(await read(), stored);
  // Not every picture of a piece has a face: batches are of many sizes.
  const session = await runtime.load(bytes, { threads, variedSizes: true });
  let outputs: readonly OutputPlan[];
  try {
    outputs = planOutputs(session, manifest);
  } catch (error) {
    await session.dispose();
    throw error;
  }
  const crops = planCrops(manifest);
  const columns = crops.length * outputs.reduce((sum, { width }) => sum + width, 0);
  return {
    name: `${manifest.id}-${manifest.sha256.slice(0, 8)}-${columns}${manifest.input === stored.input ? "" : `-${describedSide}px`}`,
    columns,
    manifest,
    parts: planParts(manifest, outputs, crops.length),
    createBatch: (size) => createBatch({ session, manifest, outputs, crops, columns }, size),
    async [Symbol.asyncDispose]() {
      await session.dispose();
    },
  };
}

interface OpenNetwork {
  readonly session: InferenceSession;
  readonly manifest: HeadManifest;
  readonly outputs: readonly OutputPlan[];
  readonly crops: readonly AffineTransform[];
  readonly columns: number;
}

function createBatch({ session, manifest, outputs, crops, columns }: OpenNetwork, size: number): FaceBatch {
  const layout: TensorLayout = { ...manifest.input, border: "edge" };
  const pixels = layout.width * layout.height * channelCount(layout);
  const data = new Float32Array(crops.length * size * pixels); // [crops, N, channels, height, width]
  return {
    write(index, image, toSource) {
      for (const [place, crop] of crops.entries()) {
        cutToTensor(image, composeTransforms(toSource, crop), layout, data, (place * size + index) * pixels);
      }
    },
    async describe(count) {
      const shape = [count, channelCount(layout), layout.height, layout.width];
      const rows = new Float32Array(count * columns);
      // One crop after the other: the network needs no more memory for two.
      for (const place of crops.keys()) {
        const from = place * size * pixels;
        const results = await session.run(
          { [manifest.input.name]: { type: "float32", shape, data: data.subarray(from, from + count * pixels) } },
          outputs.map(({ name }) => name),
        );
        let offset = 0;
        for (const { name, width, isProbability } of outputs) {
          const { data: values } = results[name]!;
          for (let row = 0; row < count; row++) {
            const target = row * columns + offset + place * width;
            for (let column = 0; column < width; column++)
              rows[target + column] = readValue(Number(values[row * width + column]), isProbability);
          }
          offset += crops.length * width;
        }
      }
      return rows;
    },
  };
}
