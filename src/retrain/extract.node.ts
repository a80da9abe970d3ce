import { createHash } from "node:crypto";
import { decodeOptions } from "../analyze/pipeline/index.ts";
import type { FeatureExtractor } from "../features/feature-cache.node.ts";
import { loadAhead } from "../core/index.ts";
import { decodeReadable } from "../image/decode.node.ts";
import type { RasterImage } from "../image/index.ts";
import type { LocalFile } from "../image/input.node.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import type { Backbone } from "./backbone.ts";
import { type CropInput, cropLength, type CropPlan, toSource, writeCrop } from "./crop.ts";
import type { LocatedFace } from "./locate.node.ts";
import { createSeer, type Seer } from "./see.ts";

/** Pictures through the network at a time: while one batch is computed, the next one is decoded. */
const batchSize = 16;
/** Pictures between two writes of the cache. */
const pieceSize = 128;
/** What a crop is cut of where no face has to be found in it: it is larger than any network's input. */
const cropSide = 512;

export interface CropExtractorOptions {
  readonly plan: CropPlan;
  /** The face of a picture that is cut out, by the picture's path; for the plan `face`. */
  readonly faceOf: (path: string) => LocatedFace | undefined;
}

/** Names what a backbone sees of pictures: it holds everything that the numbers depend on but the device, which changes roundings alone. */
export function featuresName({ id, input, template, parts, revision }: Backbone, plan: CropPlan): string {
  const crop: CropInput = { input, template };
  const key = JSON.stringify([id, parts.map(({ sha256 }) => sha256), crop, plan, ...(revision === undefined ? [] : [revision])]);
  return `${parts.map((part) => part.id).join("+")}-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
}

/** What a backbone sees in each picture's crop. It is loaded when there is a picture that it has not seen. */
export function createCropExtractor(
  runtime: InferenceRuntime,
  backbone: Backbone,
  { plan, faceOf }: CropExtractorOptions,
): FeatureExtractor & AsyncDisposable {
  const { input, template, columns } = backbone;
  let loading: Promise<Seer> | undefined;
  const crop: CropInput = { input, template };
  const length = cropLength(crop);
  const load = async (pictures: readonly LocalFile[]): Promise<Float32Array> => {
    const data = new Float32Array(pictures.length * length).fill(Number.NaN);
    await Promise.all(
      pictures.map(async (picture, index) => {
        const image = await readPicture(picture, plan);
        if (image === undefined) return;
        const face = faceOf(picture.path);
        if (plan.kind === "face" && face === undefined) return;
        writeCrop(image, toSource(plan, image, crop, face?.landmarks), crop, data, index * length);
      }),
    );
    return data;
  };
  return {
    name: featuresName(backbone, plan),
    columns,
    batchSize: pieceSize,
    async extract(pictures) {
      const seer = await (loading ??= createSeer(runtime, backbone));
      const rows = new Float32Array(pictures.length * columns);
      for await (const { start, loaded: data } of loadAhead(pictures, batchSize, load)) {
        const features = await seer.see(data);
        for (let index = 0; index * length < data.length; index++) {
          // A picture that could not be read is not described, whatever the network makes of it.
          if (Number.isNaN(data[index * length]!)) features.fill(Number.NaN, index * columns, (index + 1) * columns);
        }
        rows.set(features, start * columns);
      }
      return rows;
    },
    async [Symbol.asyncDispose]() {
      await (await loading?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

async function readPicture(picture: LocalFile, { kind }: CropPlan): Promise<RasterImage | undefined> {
  return (await decodeReadable(picture, kind === "aligned" ? { maxSide: cropSide } : decodeOptions()))?.image;
}
