import { codeOf, TensorFaceError } from "../core/index.ts";

/** Packages with a native part, and what Node or they themselves say where it cannot be loaded. */
const packages: readonly { readonly name: string; readonly says: (error: Error) => boolean }[] = [
  {
    name: "onnxruntime-node",
    says: (error) => ["MODULE_NOT_FOUND", "ERR_DLOPEN_FAILED"].includes(codeOf(error) ?? "") && error.message.includes("onnxruntime"),
  },
  { name: "sharp", says: ({ message }) => message.startsWith('Could not load the "sharp" module') },
];

/**
 * A native part that is not there for this system, or does not run on it, in our words: on a Mac with an Intel processor, on Alpine, or where
 * `node_modules` was copied from another system.
 * @returns undefined for every other error
 */
export function nativeFailure(error: unknown): TensorFaceError | undefined {
  if (!(error instanceof Error)) return undefined;
  const found = packages.find(({ says }) => says(error));
  if (found === undefined) return undefined;
  const system = `${process.platform} ${process.arch}`;
  return new TensorFaceError("TF_SYSTEM_UNSUPPORTED", `${found.name} does not run on this system, ${system}`, { cause: error });
}

/** For `catch`: throws what a native part's failure means, and everything else as it is. */
export function explainNativeFailure(error: unknown): never {
  throw nativeFailure(error) ?? error;
}
