/// <reference lib="webworker" />
import { engineCache } from "../shared/engine-cache.ts";

/**
 * Keeps the page's own files, so that it opens without a network, and gives it threads where the web space cannot set headers. Networks
 * are kept by the registry, the engine's WebAssembly by the worker that uses it; pictures never come by here.
 */
declare const self: ServiceWorkerGlobalScope & {
  /** The page's files, put in by the build; a name with a hash in it has no revision. */
  readonly __WB_MANIFEST: readonly { readonly url: string; readonly revision: string | null }[];
};

const pageCache = "tensorface-page";
const embedder = "cross-origin-embedder-policy";
const scope = self.registration.scope;
const page = new URL("index.html", scope).href;
/** Where each file is kept: another revision is another entry. */
const keys = new Map(
  self.__WB_MANIFEST.map(({ url, revision }) => {
    const address = new URL(url, scope);
    const key = new URL(address);
    if (revision !== null) key.searchParams.set("revision", revision);
    return [address.href, key.href];
  }),
);

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(async () => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const answer = answerTo(event.request);
  if (answer !== undefined) event.respondWith(answer);
});

async function fill(): Promise<void> {
  const cache = await caches.open(pageCache);
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  const missing = [...keys.values()].filter((key) => !kept.has(key));
  await Promise.all(missing.map(async (key) => cache.add(new Request(key, { cache: "no-cache" }))));
}

/** Drops the files of older versions, once no page uses them any more. */
async function tidy(): Promise<void> {
  const cache = await caches.open(pageCache);
  const wanted = new Set(keys.values());
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
}

/** Undefined leaves a request to the browser. */
function answerTo(request: Request): Promise<Response> | undefined {
  if (request.method !== "GET") return undefined;
  const url = new URL(request.url);
  url.search = url.hash = "";
  // The page's address alone: others, such as the API's page, are the server's.
  if (request.mode === "navigate") return url.href === scope || url.href === page ? openPage(request) : undefined;
  const key = keys.get(url.href);
  if (key !== undefined) return kept(pageCache, key, request).then(isolated);
  const isEngine = url.pathname.endsWith(".wasm") || url.pathname.includes("/heic/");
  return url.href.startsWith(scope) && isEngine ? kept(engineCache, request.url, request) : undefined;
}

/** The newest page where there is a connection, else the one that was kept. */
async function openPage(request: Request): Promise<Response> {
  const fresh = await fetch(request).catch(() => undefined);
  if (fresh?.ok === true) return isolated(fresh);
  const old = await caches.match(keys.get(page)!, { cacheName: pageCache });
  return isolated(old ?? fresh ?? Response.error());
}

async function kept(cacheName: string, key: string, request: Request): Promise<Response> {
  return (await caches.match(key, { cacheName })) ?? fetch(request);
}

/** WebAssembly has threads only in a page, and in workers, that came with these headers. */
function isolated(response: Response): Response {
  // Where they came along, the answer stays the browser's own, for which it also keeps compiled code.
  if (response.type === "error" || response.headers.get(embedder) === "require-corp") return response;
  const headers = new Headers(response.headers);
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set(embedder, "require-corp");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
