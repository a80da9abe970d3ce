import type { Dataset } from "../../datasets/dataset.node.ts";
import type { FaceObservation, FaceRecord } from "../../datasets/index.ts";
import { readObservations } from "../detected-faces.ts";
import { lookOnce, type LookOptions } from "./look-once.ts";
import { openLookers } from "./lookers.ts";

/**
 * Looks for the main face of every picture that was not looked at before, and measures it; what is found is added to `faces.jsonl`.
 * @returns what is known of the dataset's pictures, by SHA-256
 * @throws as `lookOnce`
 */
export async function observeFaces(
  dataset: Dataset,
  records: readonly FaceRecord[],
  options: Omit<LookOptions, "faces"> = {},
): Promise<ReadonlyMap<string, FaceObservation>> {
  await using lookers = await openLookers({ networks: [], faces: true });
  await lookOnce(dataset, records, lookers, { ...options, faces: true });
  return (await readObservations(dataset.directory)) ?? new Map<string, FaceObservation>();
}
