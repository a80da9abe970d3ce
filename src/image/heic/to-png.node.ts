// eslint-disable-next-line typescript/triple-slash-reference -- other configurations reach this file by an import, and would not find the declaration
/// <reference path="./libheif-js.d.ts" />
import { decodeHeic, type HeicOptions, type HeifLibrary } from "./libheif.ts";
import { loadHeif } from "./load.ts";
import { wrapAsPng } from "./png.ts";

let loading: Promise<HeifLibrary> | undefined;

/** Decodes HEIC on the thread that calls. @throws {TF_IMAGE_FORMAT_UNSUPPORTED} without libheif-js, and the codes of {@link decodeHeic} */
export async function heicToPng(file: Uint8Array, options: HeicOptions): Promise<Uint8Array<ArrayBuffer>> {
  loading ??= loadHeif(importHeif, "npm install libheif-js");
  return wrapAsPng(decodeHeic(await loading, file, options));
}

// The catch, right behind the import, is what bundlers look for: without it they refuse to bundle a program that has no libheif-js.
const importHeif = async (): Promise<unknown> =>
  import("libheif-js/libheif-wasm/libheif-bundle.mjs").catch(async (cause: unknown) => Promise.reject(cause));
