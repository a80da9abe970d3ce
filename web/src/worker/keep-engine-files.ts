import { engineCache } from "../shared/engine-cache.ts";

/**
 * Keeps the engine's WebAssembly file for visits without a connection, and drops that of older versions. Only the file that this device
 * uses is kept: there is one with WebGPU and one without, of 14 and 27 MB. The service worker cannot do it on the first visit, since it
 * is not in charge yet when the engine loads; here the file comes out of the browser's own cache, where it has just been put.
 */
export async function keepEngineFiles(): Promise<void> {
  await keep(performance.getEntriesByType("resource").flatMap(({ name }) => (name.endsWith(".wasm") ? [name] : [])));
}

/** The same for the decoder of HEIC, which few visits need. */
export async function keepHeicDecoder(url: string): Promise<void> {
  await keep([url]);
}

/** Replaces files of the same kind. */
async function keep(used: readonly string[]): Promise<void> {
  if (used.length === 0 || globalThis.caches === undefined) return;
  const isHeic = (url: string): boolean => url.includes("/heic/");
  try {
    const cache = await caches.open(engineCache);
    for (const { url } of await cache.keys()) if (isHeic(url) === isHeic(used[0]!) && !used.includes(url)) await cache.delete(url);
    for (const url of used) if ((await cache.match(url)) === undefined) await cache.add(url);
  } catch {
    // A full disk or a private window: the page works, with a connection.
  }
}
