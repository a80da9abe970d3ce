import { type Float32Tensor, type Tensor, TensorFaceError, type TensorPool, throwIfAborted } from "../core/index.ts";
import { channelCount, warpToTensor } from "../image/index.ts";
import type { DetectorManifest, LandmarkManifest } from "../models/index.ts";
import { mergeViews, toCandidates, type ViewFace } from "./candidate.ts";
import type { FaceCandidate, Network } from "./detector.ts";
import type { DetectorReach, ScaledView, View } from "./views.ts";

/** A detector's network and how its output is read: all that differs from one detector to the next. */
export interface ScanningNetwork {
  readonly network: Network;
  readonly manifest: DetectorManifest;
  readonly reach: DetectorReach;
  /**
   * Side of the input that a doubtful place alone is shown in, or the whole picture with a margin, in pixels, a multiple of the network's grid.
   * @default nothing is looked at again
   */
  readonly closeUp?: number;
  /** The faces of view `index` of a batch, in pixels of the network's input. */
  readonly decode: (outputs: Readonly<Record<string, Tensor>>, index: number, view: View) => ViewFace[];
}

/** How many views one run takes. More is not faster, and its activations fill memory and caches. */
const batchSize = 4;

/** Runs the network over all views of a picture and gives each place that may hold a face once. */
export async function scan(
  scanner: ScanningNetwork,
  views: readonly ScaledView[],
  pool: TensorPool,
  signal: AbortSignal | undefined,
): Promise<FaceCandidate[]> {
  const candidates: FaceCandidate[] = [];
  for (const batch of batches(views)) {
    throwIfAborted(signal);
    candidates.push(...(await scanBatch(scanner, batch, pool)));
  }
  return mergeViews(candidates);
}

/** Views of one size go together. */
function batches(views: readonly ScaledView[]): ScaledView[][] {
  const bySize = Map.groupBy(views, ({ width, height }) => `${width}x${height}`);
  return [...bySize.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / batchSize) }, (_, index) => group.slice(index * batchSize, (index + 1) * batchSize)),
  );
}

async function scanBatch(
  { network, manifest, decode }: ScanningNetwork,
  views: readonly ScaledView[],
  pool: TensorPool,
): Promise<FaceCandidate[]> {
  const { input, outputs } = manifest;
  const { width, height } = views[0]!;
  const results = await pool.lend([views.length, channelCount(input), height, width], async (batch) => {
    writeViews(views, { ...input, width, height }, batch);
    return network.run({ [input.name]: batch }, Object.values(outputs));
  });
  return views.flatMap((view, index) => toCandidates(decode(results, index, view), view));
}

/** Views of one size as the network wants them: `[N, channels, height, width]`. */
function writeViews(views: readonly ScaledView[], input: DetectorManifest["input"], batch: Float32Tensor): void {
  const size = channelCount(input) * input.height * input.width;
  for (const [index, view] of views.entries()) {
    warpToTensor(view.image, view.toCopy, { ...input, border: [0, 0, 0] }, batch.data, index * size);
  }
}

/**
 * The numbers of picture `index` in the output that the manifest calls `name`.
 * @throws {TF_MODEL_INVALID} when manifest and network do not fit the decoder
 */
export function outputRow(
  manifest: Pick<DetectorManifest | LandmarkManifest, "id" | "outputs">,
  outputs: Readonly<Record<string, Tensor>>,
  name: string,
  index: number,
): Float32Array {
  const tensor = outputs[manifest.outputs[name] ?? ""];
  if (tensor?.type !== "float32") {
    throw new TensorFaceError("TF_MODEL_INVALID", `model "${manifest.id}" gives no float32 output for "${name}"`);
  }
  const size = tensor.data.length / tensor.shape[0]!;
  return tensor.data.subarray(index * size, (index + 1) * size);
}
