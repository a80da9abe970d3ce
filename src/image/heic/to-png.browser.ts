import { decodeHeic, type HeicOptions, type HeifLibrary } from "./libheif.ts";
import { loadHeif } from "./load.ts";
import { wrapAsPng } from "./png.ts";

const libraries = new Map<string, Promise<HeifLibrary>>();

/**
 * Decodes HEIC on the thread that calls.
 * @param url of the package's `libheif-bundle.mjs`
 * @throws {TF_IMAGE_FORMAT_UNSUPPORTED} when it cannot be loaded from there; and the codes of {@link decodeHeic}
 */
export async function heicToPng(file: Uint8Array, url: string | URL, options: HeicOptions): Promise<Uint8Array<ArrayBuffer>> {
  const address = new URL(url, globalThis.location.href).href;
  const load = async (): Promise<unknown> => import(/* @vite-ignore */ /* webpackIgnore: true */ address);
  const loading = libraries.get(address) ?? loadHeif(load, `Check that ${address} is the package's libheif-bundle.mjs.`);
  libraries.set(address, loading);
  loading.catch(() => libraries.delete(address));
  return wrapAsPng(decodeHeic(await loading, file, options));
}
