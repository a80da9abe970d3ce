import { float32Tensor, unreachable } from "../core/index.ts";
import type { LossTarget, LossTerm } from "../train/step/index.ts";
import { outputCount, type Targets } from "./head/targets.ts";

/** The one head of networks that are trained here, and its loss. */
export const headName = "answer";

/** The loss that a kind of target is learnt with. */
export function lossFor({ kind }: Targets): LossTerm {
  const base = { name: headName, head: headName };
  switch (kind) {
    case "classes":
    case "ordered":
      return { ...base, kind: "crossEntropy" };
    case "tags":
      return { ...base, kind: "binary" };
    case "number":
      return { ...base, kind: "distance" };
    default:
      return unreachable(kind);
  }
}

/** What brings numbers to mean 0 and deviation 1, in which networks learn; for other kinds nothing. */
export interface NumberScale {
  readonly mean: number;
  readonly deviation: number;
}

/** The scale of some rows' numbers. */
export function numberScale(targets: Targets, rows: Int32Array): NumberScale {
  if (targets.kind !== "number") return { mean: 0, deviation: 1 };
  const values = Array.from(rows, (row) => targets.values[row]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

/** The targets of a batch; places beyond `rows` weigh nothing. */
export function batchTarget(targets: Targets, rows: Int32Array, batchSize: number, { mean, deviation }: NumberScale): LossTarget {
  const outputs = outputCount(targets);
  const values = float32Tensor(targets.kind === "number" ? [batchSize] : [batchSize, outputs]);
  const weights = float32Tensor([batchSize]);
  for (const [place, row] of rows.entries()) {
    weights.data[place] = 1;
    if (targets.kind === "number") values.data[place] = (targets.values[row]! - mean) / deviation;
    else if (targets.kind === "tags") values.data.set(targets.tags.subarray(row * outputs, (row + 1) * outputs), place * outputs);
    else values.data[place * outputs + targets.classes[row]!] = 1;
  }
  return { values, weights };
}
