import { expectOptions, isArrayBuffer, isWebObject, type OptionNames, TensorFaceError, throwIfAborted } from "../core/index.ts";
import type { ModelManifest } from "./manifest.ts";
import { listedModel, openModelFile } from "./model-file.ts";
import { findModel, orderManifests } from "./order.ts";
import { type ModelIndex, parseManifest, parseModelIndex } from "./parse.ts";
import type { ModelReference, ModelStore, OpenedModel, ReadModelOptions } from "./store.ts";
import { verifyModel, webSha256 } from "./verify.ts";

/** How models are fetched. */
export interface FetchedModelsOptions {
  /** Keeps networks in the browser's Cache Storage, where there is one: a later visit needs no network. @default true */
  readonly cache?: boolean;
}
const fetchedModelsOptionNames: OptionNames<FetchedModelsOptions> = { cache: true };

const cacheName = "tensorface-models";

/**
 * The networks at an address.
 * @param baseUrl the folder that holds `index.json`, as the package's `models/` does; relative ones count from the page, in a worker from its script
 * @throws {TF_INVALID_ARGUMENT} when it is no address, or an option has a name that is none
 */
export function fetchModels(baseUrl: string | URL, options: FetchedModelsOptions = {}): ModelStore {
  expectOptions(options, fetchedModelsOptionNames);
  const { cache = true } = options;
  const base = folderUrl(baseUrl);
  let listing: Promise<ModelIndex> | undefined;
  const list = async (): Promise<ModelIndex> => {
    listing ??= fetchIndex(base, cache);
    // A page that was offline for a moment may ask again.
    listing.catch(() => (listing = undefined));
    return listing;
  };
  const manifests = async (): Promise<ModelManifest[]> => orderManifests((await list()).models.map(({ manifest }) => manifest));
  const read = async (manifest: ModelManifest, options: ReadModelOptions = {}): Promise<Uint8Array> => {
    const entry = (await list()).models.find((model) => model.manifest.id === manifest.id);
    if (entry === undefined) throw new TensorFaceError("TF_MODEL_NOT_FOUND", `no model "${manifest.id}" at ${base.href}`);
    return fetchListed(new URL(`${entry.folder}${manifest.file}`, base), manifest, cache, options);
  };
  const open = async (reference: ModelReference): Promise<OpenedModel> => {
    if (typeof reference === "string" && !isAddress(reference)) return listedModel(findModel(await manifests(), reference), read);
    return openAddressOrFile(reference, cache);
  };
  return { manifests, read, open };
}

async function fetchListed(url: URL, manifest: ModelManifest, cache: boolean, options: ReadModelOptions): Promise<Uint8Array> {
  // Another version of the same file is another entry of the cache.
  url.searchParams.set("sha256", manifest.sha256);
  return fetchModel(url, manifest, await openCache(cache), options);
}

/** Ids have neither a slash nor an ending. */
function isAddress(text: string): boolean {
  return /[/:]|\.(json|onnx)$/i.test(text);
}

/** A model that a page brings along: a file that somebody chose, its bytes, or an address of a manifest or of a one-file model. */
async function openAddressOrFile(reference: ModelReference, cache: boolean): Promise<OpenedModel> {
  if (isWebObject(reference, "Blob")) {
    return openModelFile(new Uint8Array(await reference.arrayBuffer()), isWebObject(reference, "File") ? `"${reference.name}"` : "the model");
  }
  if (typeof reference !== "string" && !isWebObject(reference, "URL")) {
    return openModelFile(isArrayBuffer(reference) ? new Uint8Array(reference) : reference, "the model");
  }
  const from = globalThis.location?.href;
  if (!URL.canParse(String(reference), from)) throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${String(reference)}" is no address of a model`);
  const url = new URL(reference, from);
  const response = await request(url, undefined, "Give the address of a manifest (.json) or of a one-file model (.onnx).");
  if (!/\.json$/i.test(url.pathname)) return openModelFile(new Uint8Array(await response.arrayBuffer()), url.href);
  const manifest = parseManifest(await response.text(), url.href);
  return { manifest, read: async (options = {}) => fetchListed(new URL(manifest.file, url), manifest, cache, options) };
}

function folderUrl(baseUrl: string | URL): URL {
  const folder = String(baseUrl).replace(/\/?$/, "/");
  const from = globalThis.location?.href;
  if (URL.canParse(folder, from)) return new URL(folder, from);
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `the models' address "${String(baseUrl)}" is none${from === undefined ? "" : ` at ${from}`}`, {
    hint: "Give a whole address, `https://.../models/`: a worker that was made of a blob has no place to count from.",
  });
}

async function openCache(wanted: boolean): Promise<Cache | undefined> {
  if (!wanted) return undefined;
  try {
    // Private windows may have the interface and refuse its use; a sandboxed frame fails where it is named.
    return await globalThis.caches?.open(cacheName);
  } catch {
    return undefined;
  }
}

async function fetchIndex(base: URL, usesCache: boolean): Promise<ModelIndex> {
  const url = new URL("index.json", base);
  const cache = await openCache(usesCache);
  try {
    const response = await request(url, undefined);
    const text = await response.text();
    // Read before it is kept: where a login page or a fallback page answers, the list of the last visit must stay.
    const index = parseModelIndex(text, url.href);
    await cache?.put(url, new Response(text)).catch(() => undefined);
    return index;
  } catch (error) {
    // Without a connection, or where something else answers, what was there last time.
    const kept = await cache?.match(url);
    if (kept === undefined) throw error;
    return parseModelIndex(await kept.text(), url.href);
  }
}

async function fetchModel(url: URL, manifest: ModelManifest, cache: Cache | undefined, options: ReadModelOptions): Promise<Uint8Array> {
  throwIfAborted(options.signal);
  const kept = await readCached(url, manifest, cache);
  if (kept !== undefined) return kept;
  const response = await request(url, options.signal);
  const bytes = await readWithProgress(response, manifest, options);
  await verifyModel(manifest, bytes, webSha256);
  // A full disk must not stop the analysis.
  await cache?.put(url, new Response(new Uint8Array(bytes))).catch(() => undefined);
  return bytes;
}

async function readCached(url: URL, manifest: ModelManifest, cache: Cache | undefined): Promise<Uint8Array | undefined> {
  const response = await cache?.match(url);
  if (response === undefined) return undefined;
  const bytes = new Uint8Array(await response.arrayBuffer());
  try {
    await verifyModel(manifest, bytes, webSha256);
    return bytes;
  } catch {
    await cache?.delete(url);
    return undefined;
  }
}

async function request(url: URL, signal: AbortSignal | undefined, hint = toServe): Promise<Response> {
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    throwIfAborted(signal);
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", `${url.href} cannot be fetched`, { cause: error, hint });
  });
  // Development servers, and hosts of pages that are one script, have a page for whatever is not there.
  const isPage = /^text\/html\b/i.test(response.headers.get("content-type") ?? "");
  if (response.ok && !isPage) return response;
  void response.body?.cancel().catch(() => undefined);
  const answer = response.ok ? "is a web page and no model" : `answers ${response.status}`;
  throw new TensorFaceError("TF_MODEL_NOT_FOUND", `${url.href} ${answer}`, { hint });
}

const toServe = "Serve the folder `models` of the package tensorface, whole, and name its address in `modelsUrl`.";

async function readWithProgress(response: Response, manifest: ModelManifest, { signal, onProgress }: ReadModelOptions): Promise<Uint8Array> {
  const bytes = new Uint8Array(manifest.bytes);
  let done = 0;
  try {
    for await (const chunk of chunksOf(response)) {
      if (done + chunk.length > bytes.length) {
        throw new TensorFaceError("TF_MODEL_CORRUPT", `model "${manifest.id}": ${manifest.file} is longer than the ${bytes.length} bytes of its manifest`);
      }
      bytes.set(chunk, done);
      done += chunk.length;
      onProgress?.({ stage: `load ${manifest.id}`, done, total: bytes.length });
    }
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof TensorFaceError) throw error;
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", `model "${manifest.id}": the connection broke`, { cause: error });
  }
  return bytes.subarray(0, done);
}

/** Safari cannot iterate streams yet, so a reader does it. */
async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel();
  }
}
