import { throwIfAborted } from "../core/index.ts";
import { encodeModel } from "../graph/index.ts";
import { channelCount } from "../image/index.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import type { ClassicBackbone } from "./backbone.node.ts";
import { type DrawnDistortion, type Pixels, writeInput } from "./pixels.ts";

/** A picture that is to be looked at. */
export interface Sight {
  readonly path: string;
  /** How it is changed before. @default not at all */
  readonly drawn?: DrawnDistortion | undefined;
}

/** Pictures into features. */
export interface Eye extends AsyncDisposable {
  readonly columns: number;
  /** Features of each picture, `[columns]`; undefined for one that cannot be read. */
  see(sights: readonly Sight[], signal?: AbortSignal): Promise<(Float32Array | undefined)[]>;
}

/** The pixels that a network is to see of a picture; undefined where it cannot be read or shows nothing to look at. */
export type ReadPixels = (path: string) => Promise<Pixels | undefined>;

/** Pictures through the network at a time, of some 270,000 numbers each; larger batches of them were slower. */
const batchSize = 4;

/** Opens a network's eye. While one batch is computed, the next one is decoded. */
export async function openEye(runtime: InferenceRuntime, { graph, input, columns }: ClassicBackbone, read: ReadPixels): Promise<Eye> {
  const session = await runtime.load(encodeModel(graph));
  const channels = channelCount(input);
  const length = channels * input.width * input.height;
  const load = async (sights: readonly Sight[]): Promise<{ readonly data: Float32Array; readonly isRead: readonly boolean[] }> => {
    const data = new Float32Array(sights.length * length);
    const isRead = await Promise.all(
      sights.map(async ({ path, drawn }, index) => {
        const pixels = await read(path);
        if (pixels !== undefined) writeInput(pixels, input, data, index * length, drawn);
        return pixels !== undefined;
      }),
    );
    return { data, isRead };
  };
  const run = async (data: Float32Array): Promise<Float32Array> => {
    const shape = [data.length / length, channels, input.height, input.width];
    const results = await session.run({ [input.name]: { type: "float32", shape, data } });
    return Float32Array.from(results[graph.outputs[0]!.name]!.data, Number);
  };
  return {
    columns,
    async see(sights, signal) {
      const seen: (Float32Array | undefined)[] = [];
      let next = load(sights.slice(0, batchSize));
      for (let start = 0; start < sights.length; start += batchSize) {
        throwIfAborted(signal);
        const { data, isRead } = await next;
        next = load(sights.slice(start + batchSize, start + 2 * batchSize));
        // A failure of the next batch is told when it is its turn.
        next.catch(() => undefined);
        const features = await run(data);
        for (const [index, wasRead] of isRead.entries())
          seen.push(wasRead ? features.slice(index * columns, (index + 1) * columns) : undefined);
      }
      return seen;
    },
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}
