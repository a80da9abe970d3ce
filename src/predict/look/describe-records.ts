import { keepFeatures } from "../../features/feature-cache.node.ts";
import { gradientExtractor } from "../../features/network-features.node.ts";
import type { Dataset } from "../../datasets/dataset.node.ts";
import type { FaceRecord } from "../../datasets/index.ts";
import type { ChosenDescribers } from "./describers.ts";
import { type DescribedRecords, lookOnce, type LookOptions } from "./look-once.ts";
import { openLookers } from "./lookers.ts";

export type DescribeOptions = LookOptions;

/** What networks and gradients say of faces, which is computed once and kept. @throws as `lookOnce` */
export async function describeRecords(
  dataset: Dataset,
  records: readonly FaceRecord[],
  { networks, gradients }: ChosenDescribers,
  options: DescribeOptions,
): Promise<DescribedRecords[]> {
  await using lookers = await openLookers({ networks, faces: options.faces });
  const described = await lookOnce(dataset, records, lookers, options);
  if (gradients) described.push({ features: await keepFeatures(dataset, records, gradientExtractor, options), parts: [] });
  return described;
}
