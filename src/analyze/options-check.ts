import { tasks, TensorFaceError } from "../core/index.ts";
import type { NodeAnalyzerOptions } from "./options.ts";

/** @throws {TF_INVALID_ARGUMENT} naming the option, what it should be and what it is */
export function checkOptions(options: NodeAnalyzerOptions): void {
  expect(
    options.minFaceSize === undefined || options.minFaceSize > 0,
    "minFaceSize must be a number of pixels above 0",
    options.minFaceSize,
  );
  for (const name of ["maxFaces", "threads", "concurrency"] as const) {
    const value = options[name];
    expect(value === undefined || (Number.isSafeInteger(value) && value > 0), `${name} must be a whole number above 0`, value);
  }
  const { workers } = options;
  expect(workers === undefined || (Number.isSafeInteger(workers) && workers >= 0), "workers must be a whole number, 0 for none", workers);
  expect(
    options.heads === undefined || (Array.isArray(options.heads) && options.heads.every((head) => tasks.includes(head))),
    `heads must be a list of some of ${tasks.join(", ")}`,
    options.heads,
  );
  expect(
    options.detector === undefined || options.detector === "blazeface" || options.detector === "ssd",
    'detector must be "blazeface" or "ssd"',
    options.detector,
  );
  const groups = options.ageGroups;
  expect(
    groups === undefined || (Array.isArray(groups) && groups.length > 0 && groups.every(({ low, high }) => low <= high)),
    "ageGroups must be a list of one or more groups whose low is at most their high",
    groups,
  );
  // Their probabilities are given by name: of two with one name, one would be lost.
  const names = groups?.map(({ name }) => name);
  expect(new Set(names).size === (names?.length ?? 0), "ageGroups must have names that differ", names);
}

function expect(holds: boolean, message: string, value: unknown): void {
  if (!holds) throw new TensorFaceError("TF_INVALID_ARGUMENT", `${message}, got ${JSON.stringify(value)}`);
}
