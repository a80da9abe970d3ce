import { type Float32Tensor, type Tensor, TensorFaceError, type TensorPool, throwIfAborted } from "../core/index.ts";
import { channelCount, warpToTensor } from "../image/index.ts";
import type { DetectorManifest, LandmarkManifest } from "../models/index.ts";
import { mergePatches, toCandidates, type ViewFace } from "./candidate.ts";
import type { FaceCandidate, Network } from "./detector.ts";
import type { DetectorReach, ScaledPatch, Patch } from "./patches.ts";

/** A detector's network and how its output is read: all that differs from one detector to the next. */
export interface ScanningNetwork {
  readonly network: Network;
  readonly manifest: DetectorManifest;
  readonly reach: DetectorReach;
  /**
   * Side of the input that one place alone is shown in, or the whole picture with a margin, in pixels, a multiple of the network's grid.
   * @default nothing is looked at again, and the whole picture where places are named
   */
  readonly closeUp?: number;
  /** The faces of patch `index` of a batch, in pixels of the network's input. */
  readonly decode: (outputs: Readonly<Record<string, Tensor>>, index: number, patch: Patch) => ViewFace[];
}

/** Pixels of the patches that one run takes, unless one alone has more: of more, the maps no longer fit a core's cache. */
const batchPixels = 2 * 256 ** 2;

/** Runs the network over all patches of a picture and gives each place that may hold a face once. */
export async function scan(
  scanner: ScanningNetwork,
  patches: readonly ScaledPatch[],
  pool: TensorPool,
  signal: AbortSignal | undefined,
): Promise<FaceCandidate[]> {
  return mergePatches((await scanEach(scanner, patches, pool, signal)).values().toArray().flat());
}

/** As {@link scan}, but with what each patch shows by itself: a place that two of them see is named by both. */
export async function scanEach(
  scanner: ScanningNetwork,
  patches: readonly ScaledPatch[],
  pool: TensorPool,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<ScaledPatch, readonly FaceCandidate[]>> {
  const candidates = new Map<ScaledPatch, readonly FaceCandidate[]>();
  for (const batch of batches(patches)) {
    throwIfAborted(signal);
    const found = await scanBatch(scanner, batch, pool);
    for (const [index, patch] of batch.entries()) candidates.set(patch, found[index]!);
  }
  return candidates;
}

/** Patches of one size go together. */
function batches(patches: readonly ScaledPatch[]): ScaledPatch[][] {
  const bySize = Map.groupBy(patches, ({ width, height }) => `${width}x${height}`);
  return [...bySize.values()].flatMap((group) => {
    const size = Math.max(1, Math.floor(batchPixels / (group[0]!.width * group[0]!.height)));
    return Array.from({ length: Math.ceil(group.length / size) }, (_, index) => group.slice(index * size, (index + 1) * size));
  });
}

async function scanBatch(
  { network, manifest, decode }: ScanningNetwork,
  patches: readonly ScaledPatch[],
  pool: TensorPool,
): Promise<FaceCandidate[][]> {
  const { input, outputs } = manifest;
  const { width, height } = patches[0]!;
  const results = await pool.lend([patches.length, channelCount(input), height, width], async (batch) => {
    writeViews(patches, { ...input, width, height }, batch);
    return network.run({ [input.name]: batch }, Object.values(outputs));
  });
  return patches.map((patch, index) => toCandidates(decode(results, index, patch), patch));
}

/** Patches of one size as the network wants them: `[N, channels, height, width]`. */
function writeViews(patches: readonly ScaledPatch[], input: DetectorManifest["input"], batch: Float32Tensor): void {
  const size = channelCount(input) * input.height * input.width;
  for (const [index, patch] of patches.entries()) {
    warpToTensor(patch.image, patch.toCopy, { ...input, border: [0, 0, 0] }, batch.data, index * size);
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
