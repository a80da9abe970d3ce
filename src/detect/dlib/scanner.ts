import { TensorFaceError, throwIfAborted } from "../../core/index.ts";
import type { RasterImage } from "../../image/index.ts";
import type { DetectorManifest } from "../../models/index.ts";
import type { Network } from "../detector.ts";
import { outputRow } from "../scan.ts";
import { type CellHistograms, cellHistograms, orientationCount } from "./histograms.ts";
import { shrinkingCopies } from "./shrink.ts";
import { suppressWindows, type Window, windowsIn } from "./windows.ts";

/** The cells of a picture that was shrunk `level` times. */
export interface HistogramLevel {
  readonly level: number;
  readonly cells: CellHistograms;
}

export interface ScanOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Everything of a picture that the network needs: what can be done before the engine is free.
 * @throws {TF_ABORTED} when the signal is aborted
 */
export async function histogramPyramid(
  image: RasterImage,
  { signal, nextTurn }: ScanOptions & { readonly nextTurn?: (() => Promise<void>) | undefined } = {},
): Promise<HistogramLevel[]> {
  const levels: HistogramLevel[] = [];
  let level = 0;
  for (const copy of shrinkingCopies(image)) {
    const cells = cellHistograms(copy);
    if (cells !== undefined) levels.push({ level, cells });
    level++;
    await nextTurn?.();
    throwIfAborted(signal);
  }
  return levels;
}

/** The border of one cell, and the cells at the edge, which have no features. */
const lostCells = 4;

/**
 * dlib's faces in one picture, best first, in its pixels.
 * @param network takes `[1, rows, columns, 18]`, gives `[1, filters, rows - 4, columns - 4]`
 * @throws {TF_MODEL_INVALID} when the network gives something else
 * @throws {TF_ABORTED} when the signal is aborted
 */
export async function findWindows(
  network: Network,
  { outputs, ...manifest }: Pick<DetectorManifest, "id" | "input" | "outputs" | "scoreThreshold">,
  levels: readonly HistogramLevel[],
  { signal }: ScanOptions = {},
): Promise<Window[]> {
  const windows: Window[] = [];
  for (const { level, cells } of levels) {
    throwIfAborted(signal);
    const { rows, columns, data } = cells;
    const feeds = { [manifest.input.name]: { type: "float32", shape: [1, rows, columns, orientationCount], data } } as const;
    const results = await network.run(feeds, Object.values(outputs));
    const scores = outputRow({ id: manifest.id, outputs }, results, "scores", 0);
    const size = { rows: rows - lostCells, columns: columns - lostCells };
    expectShape(results[outputs["scores"]!]!.shape, size, manifest.id);
    windows.push(...windowsIn(scores, size, level, manifest.scoreThreshold));
  }
  return suppressWindows(windows);
}

/** Places are told by the scores' order: of another shape they would lie elsewhere. */
function expectShape(shape: readonly number[], { rows, columns }: { readonly rows: number; readonly columns: number }, id: string): void {
  const [pictures, , height, width, ...more] = shape;
  if (pictures === 1 && height === rows && width === columns && more.length === 0) return;
  throw new TensorFaceError(
    "TF_MODEL_INVALID",
    `model "${id}" gives scores of ${shape.join(" x ")}, expected 1 x filters x ${rows} x ${columns}`,
  );
}
