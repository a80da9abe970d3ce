import type { FaceAnalysis, FaceAnalyzer } from "../analyze/index.ts";
import { createAnalyzer } from "../analyze/create-analyzer.node.ts";
import { nameFinders } from "../analyze/pipeline/index.ts";
import { createNodePlatform } from "../analyze/platform.node.ts";
import { isPictureFault, type ProgressListener, TensorFaceError } from "../core/index.ts";
import { completeKept, type KeptLines } from "../files/kept-lines.node.ts";
import type { PictureInput } from "../image/decode.node.ts";

/** A picture in which faces are looked for. */
export interface FaceablePicture {
  readonly path: string;
  readonly sha256: string;
}

export interface FindFacesOptions {
  /** Faces of a picture that are told apart, the largest first. @default the analyzer's */
  readonly maxFaces?: number | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Names what `findFaces` finds faces with: what is kept of another's is not its own. @throws {TF_MODEL_NOT_FOUND} */
export async function nameFinder(): Promise<string> {
  return nameFinders(await createNodePlatform().models.manifests());
}

/** Pictures between two writes of what was found. */
const batchSize = 32;

/**
 * Looks for the faces of pictures, of each once: what is kept of them is kept by the picture's content.
 * @param describe what is kept of a picture's faces, largest first
 * @returns by SHA-256; a picture that cannot be read is absent
 * @throws {TF_ABORTED | TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} what was done before is kept
 */
export async function findFaces<Kept>(
  kept: KeptLines<Kept>,
  pictures: readonly FaceablePicture[],
  describe: (analysis: FaceAnalysis, sha256: string) => Kept,
  { maxFaces, onProgress, signal }: FindFacesOptions = {},
): Promise<ReadonlyMap<string, Kept>> {
  // Loaded when there is a picture that was not looked at before.
  let analyzer: FaceAnalyzer<PictureInput> | undefined;
  const look = async (batch: readonly FaceablePicture[]): Promise<(Kept | undefined)[]> => {
    analyzer ??= await createAnalyzer({ tasks: [], maxFaces });
    const inputs = batch.map(({ path }) => ({ path }));
    const outcomes = await Array.fromAsync(analyzer.analyzeAll(inputs, { signal }));
    return outcomes.map((outcome, index) => {
      if (!("error" in outcome)) return describe(outcome, batch[index]!.sha256);
      const { code, message, hint } = outcome.error;
      if (isPictureFault(code)) return undefined;
      throw new TensorFaceError(code, message, { hint });
    });
  };
  try {
    return await completeKept(kept, pictures, look, { stage: "find faces", batchSize, onProgress, signal });
  } finally {
    await analyzer?.dispose();
  }
}
