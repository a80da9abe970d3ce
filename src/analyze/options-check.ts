import { type AgeGroup, tasks, TensorFaceError } from "../core/index.ts";
import { decodeLimits } from "../image/decode.ts";
import type { NodeAnalyzerOptions } from "./options.ts";

/** Callers without types may give anything. @throws {TF_INVALID_ARGUMENT} naming the option, what it should be and what it is */
export function checkOptions(options: NodeAnalyzerOptions): void {
  const { minFaceSize, workers, heads, models, detector, ageGroups, limits } = options;
  const isLength = minFaceSize === undefined || (Number.isFinite(minFaceSize) && minFaceSize > 0);
  expect(isLength, "minFaceSize must be a number of pixels above 0", minFaceSize);
  for (const name of ["maxFaces", "threads", "concurrency"] as const) {
    const value = options[name];
    expect(value === undefined || (Number.isSafeInteger(value) && value > 0), `${name} must be a whole number above 0`, value);
  }
  expect(workers === undefined || (Number.isSafeInteger(workers) && workers >= 0), "workers must be a whole number, 0 for none", workers);
  for (const name of ["anyRotation", "flipAveraging"] as const) {
    const value = options[name];
    expect(value === undefined || typeof value === "boolean", `${name} must be true or false`, value);
  }
  expect(
    heads === undefined || (Array.isArray(heads) && heads.every((head) => tasks.includes(head))),
    `heads must be a list of some of ${tasks.join(", ")}`,
    heads,
  );
  expect(models === undefined || Array.isArray(models), "models must be a list of ids", models);
  expect(detector === undefined || detector === "blazeface" || detector === "ssd", 'detector must be "blazeface" or "ssd"', detector);
  if (ageGroups !== undefined) checkAgeGroups(ageGroups);
  decodeLimits({ maxBytes: limits?.maxBytes, maxPixels: limits?.maxPixels });
}

function checkAgeGroups(groups: readonly AgeGroup[]): void {
  expect(
    Array.isArray(groups) && groups.length > 0 && groups.every(isAgeGroup),
    "ageGroups must be a list of one or more { name, low, high } whose low is at most their high",
    groups,
  );
  // Their probabilities are given by name: of two with one name, one would be lost.
  const names = groups.map(({ name }) => name);
  expect(new Set(names).size === names.length, "ageGroups must have names that differ", names);
}

function isAgeGroup(group: Partial<AgeGroup> | null): boolean {
  const { name, low, high } = group ?? {};
  return typeof name === "string" && typeof low === "number" && typeof high === "number" && low <= high;
}

function expect(holds: boolean, message: string, value: unknown): void {
  if (!holds) throw new TensorFaceError("TF_INVALID_ARGUMENT", `${message}, got ${described(value)}`);
}

/** JSON writes NaN as null, and not at all what it does not know. */
function described(value: unknown): string {
  return typeof value === "number" || typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
