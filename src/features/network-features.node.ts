import { TensorFaceError } from "../core/index.ts";
import { gradientFeatureCount, gradientFeatures } from "./gradient-features.ts";
import type { FeatureExtractor } from "./feature-cache.node.ts";
import { toLuma } from "../datasets/index.ts";
import { decodeModel, encodeModel, exposeFeatures } from "../graph/index.ts";
import { decode } from "../image/decode.node.ts";
import { channelCount, type RasterImage, regionTransform, type TensorLayout, warpToTensor } from "../image/index.ts";
import { findModel, type HeadManifest, type ModelStore } from "../models/index.ts";
import type { InferenceRuntime, InferenceSession } from "../runtime/index.ts";

const batchSize = 32;
/** The name that networks give to what they know of a face before their heads. */
const featureOutput = "features";

async function decodeAll(paths: readonly string[]): Promise<(RasterImage | undefined)[]> {
  return Promise.all(
    paths.map(async (path) => {
      try {
        return (await decode({ path }, { maxSide: 512 })).image;
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
    for (const [index, image] of (await decodeAll(paths)).entries()) {
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

/** A network whose features and head outputs describe a whole picture, which is taken for a crop of a face. */
export async function createNetworkExtractor(
  store: ModelStore,
  runtime: InferenceRuntime,
  id: string,
): Promise<FeatureExtractor & AsyncDisposable> {
  const manifest = findModel(await store.manifests(), id);
  if (manifest.kind !== "head") throw new TensorFaceError("TF_INVALID_ARGUMENT", `model "${id}" is a ${manifest.kind}, expected a head`);
  const session = await runtime.load(withFeatures(await store.read(manifest), manifest));
  const outputs = planOutputs(session, manifest);
  const columns = outputs.reduce((sum, { width }) => sum + width, 0);
  const layout: TensorLayout = { ...manifest.input, border: "edge" };
  const pixels = layout.width * layout.height * channelCount(layout);
  return {
    name: `${manifest.id}-${columns}-${manifest.sha256.slice(0, 8)}`,
    columns,
    batchSize,
    async extract(paths) {
      const images = await decodeAll(paths);
      const input = new Float32Array(paths.length * pixels); // [N, channels, height, width]
      for (const [index, image] of images.entries()) {
        if (image === undefined) continue;
        const whole = regionTransform({ x: 0, y: 0, width: image.width, height: image.height }, layout.width, layout.height);
        warpToTensor(image, whole, layout, input, index * pixels);
      }
      const shape = [paths.length, channelCount(layout), layout.height, layout.width];
      const results = await session.run(
        { [manifest.input.name]: { type: "float32", shape, data: input } },
        outputs.map(({ name }) => name),
      );
      const rows = new Float32Array(paths.length * columns);
      let offset = 0;
      for (const { name, width, isProbability } of outputs) {
        const { data } = results[name]!;
        for (let row = 0; row < paths.length; row++) {
          for (let column = 0; column < width; column++) {
            rows[row * columns + offset + column] = readValue(Number(data[row * width + column]), isProbability);
          }
        }
        offset += width;
      }
      for (const [index, image] of images.entries()) if (image === undefined) rows.fill(Number.NaN, index * columns, (index + 1) * columns);
      return rows;
    },
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}
