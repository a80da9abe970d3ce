import { TensorFaceError } from "../../core/index.ts";
import type { HeifLibrary, HeifModule } from "./libheif.ts";

/**
 * The library out of its module.
 * @throws {TF_IMAGE_FORMAT_UNSUPPORTED} when the module is not there
 */
export async function loadHeif(load: () => Promise<unknown>, hint: string): Promise<HeifLibrary> {
  try {
    const loaded = await load();
    if (!isHeifModule(loaded)) throw new TypeError("it exports no function that makes the library");
    return loaded.default();
  } catch (error) {
    throw new TensorFaceError("TF_IMAGE_FORMAT_UNSUPPORTED", "HEIC is read by the package libheif-js, which could not be loaded", {
      cause: error,
      hint,
    });
  }
}

function isHeifModule(value: unknown): value is HeifModule {
  return typeof value === "object" && value !== null && "default" in value && typeof value.default === "function";
}
