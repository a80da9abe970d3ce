import { engineCache } from "../shared/engine-cache.ts";

/**
 * Keeps the engine's WebAssembly file for visits without a connection, and drops that of older versions. Only the file that this device
 * uses is kept: there is one with WebGPU and one without, of 14 and 27 MB. The service worker cannot do it on the first visit, since it
 * is not in charge yet when the engine loads; here the file comes out of the browser's own cache, where it has just been put.
 */
export async function keepEngineFiles(): Promise<void> {
  const used = performance.getEntriesByType("resource").flatMap(({ name }) => (name.endsWith(".wasm") ? [name] : []));
  if (used.length === 0 || globalThis.caches === undefined) return;
  try {
    const cache = await caches.open(engineCache);
    for (const request of await cache.keys()) if (!used.includes(request.url)) await cache.delete(request);
    for (const url of used) if ((await cache.match(url)) === undefined) await cache.add(url);
  } catch {
    // A full disk or a private window: the page works, with a connection.
  }
}
