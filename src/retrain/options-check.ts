import { expectChoice, expectCount, expectObject, expectPath, expectSignal, expectType } from "../core/index.ts";
import { cropChoices } from "./decide-crop.node.ts";
import { retrainKinds, type RetrainOptions } from "./options.ts";

/** Callers without types may give anything. @throws {TF_INVALID_ARGUMENT} naming the option, what it should be and what it is */
export function checkRetrainOptions(source: unknown, options: RetrainOptions): void {
  expectPath("source", source);
  expectObject("options", options);
  expectChoice("kind", options.kind, retrainKinds);
  expectChoice("crop", options.crop, cropChoices);
  // With one fold nothing would be left to learn from.
  expectCount("folds", options.folds, { least: 2, most: 100 });
  expectCount("seed", options.seed, { least: 0 });
  for (const name of ["out", "name", "task", "backbone", "size", "scale", "cache"] as const) expectType(name, options[name], "string");
  for (const name of ["largest", "fineTune", "pictures"] as const) expectType(name, options[name], "boolean");
  for (const name of ["onNote", "onProgress"] as const) expectType(name, options[name], "function");
  expectSignal(options.signal);
}
