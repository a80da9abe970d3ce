import { TensorFaceError } from "../core/index.ts";

/** What a network sees of a picture as the script keeps it: decimal numbers with commas between. */

/** The shortest decimals that are the same float32 when they are read again. */
export function formatBottleneck(values: Float32Array): string {
  return Array.from(values, shortestDecimal).join(",");
}

function shortestDecimal(value: number): string {
  // Nine digits always suffice (IEEE 754).
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}

/** Python's way to write a number, which is wider than ours by `nan` and `inf`: no feature is such a number. */
const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * @param columns numbers that there must be
 * @param path names the file in errors
 * @throws {TF_DATASET_INVALID} when it holds something else than so many numbers
 */
export function parseBottleneck(text: string, columns: number, path: string): Float32Array {
  const parts = text.trim().split(",");
  const wrong = parts.findIndex((part) => !number.test(part.trim()));
  if (wrong >= 0) throw invalid(path, `its number ${wrong + 1} is "${parts[wrong]!.slice(0, 40)}"`);
  if (parts.length !== columns) throw invalid(path, `it holds ${parts.length} numbers, and the network gives ${columns}`);
  return Float32Array.from(parts, Number);
}

function invalid(path: string, problem: string): TensorFaceError {
  return new TensorFaceError("TF_DATASET_INVALID", `the bottleneck file "${path}" cannot be used: ${problem}`, {
    hint: "Remove the file: it is computed again from its picture.",
  });
}
