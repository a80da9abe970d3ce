/** Name of the browser's cache with the engine's WebAssembly file: filled by the worker, read by the service worker. */
export const engineCache = "tensorface-engine";
