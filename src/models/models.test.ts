import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { defaultHead, findModel, type ModelManifest, orderManifests, parseManifest, parseModelIndex, verifyModel, webSha256 } from "./index.ts";
import { fetchModels } from "./models.browser.ts";
import { openModelFolders } from "./models.node.ts";

const network = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
const sha256 = createHash("sha256").update(network).digest("hex");
const point = { x: 0.5, y: 0.5 };

function headManifest(id: string, changes: Readonly<Record<string, unknown>> = {}): ModelManifest {
  const manifest = {
    schema: "tensorface.model/1",
    kind: "head",
    id,
    title: id,
    file: `${id}.onnx`,
    bytes: network.length,
    sha256,
    input: { name: "picture", width: 8, height: 8, colour: "grey", mean: [0], standardDeviation: [1] },
    template: { landmarks: { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point }, source: "a test" },
    outputs: [{ task: "gender", output: "gender", activation: "softmax", labels: ["female", "male"] }],
    provenance: { source: "a test", licence: "MIT" },
    ...changes,
  };
  return parseManifest(JSON.stringify(manifest), id);
}

const trained = { provenance: { source: "a test", licence: "MIT", training: { seed: 1 } } };

describe("manifests", () => {
  test("fill in what may be left out", () => {
    const manifest = headManifest("a");
    expect(manifest.preference).toBe(0);
    expect(manifest.kind === "head" && manifest.outputs[0]!.temperature).toBe(1);
  });

  test.each([
    ["no JSON", "{"],
    ["another schema", JSON.stringify({ ...headManifest("a"), schema: "tensorface.model/2" })],
    ["an unknown key", JSON.stringify({ ...headManifest("a"), colour: "red" })],
    ["an id that is no file name", JSON.stringify({ ...headManifest("a"), id: "../a" })],
    ["a network in another folder", JSON.stringify({ ...headManifest("a"), file: "../a.onnx" })],
    ["a network by its whole path", JSON.stringify({ ...headManifest("a"), file: "/etc/a.onnx" })],
    ["a network by Windows' path", JSON.stringify({ ...headManifest("a"), file: "..\\a.onnx" })],
    ["two means for three channels", JSON.stringify({ ...headManifest("a"), input: { ...headManifest("a").input, colour: "rgb", mean: [1, 2] } })],
    ["three deviations for one channel", JSON.stringify({ ...headManifest("a"), input: { ...headManifest("a").input, standardDeviation: [1, 2, 3] } })],
    ["no mean", JSON.stringify({ ...headManifest("a"), input: { ...headManifest("a").input, mean: [] } })],
    ["a folder in place of a network", JSON.stringify({ ...headManifest("a"), file: ".." })],
  ])("that are not one are refused: %s", (_, text) => {
    expect(() => parseManifest(text, "a.json")).toThrow(expect.objectContaining({ code: "TF_MODEL_INVALID", message: expect.stringContaining("a.json") }));
  });

  test("a name without its number stands for the newest version, unless a model is called so itself", () => {
    const versions = [headManifest("look-9"), headManifest("look-10"), headManifest("look-10-draft"), headManifest("looks-11")];
    expect(findModel(versions, "look").id).toBe("look-10");
    expect(findModel(versions, "look-9").id).toBe("look-9");
    expect(findModel([...versions, headManifest("look")], "look").id).toBe("look");
    expect(() => findModel(versions, "loo")).toThrow(expect.objectContaining({ code: "TF_MODEL_NOT_FOUND", hint: expect.stringContaining("models list") }));
  });

  test("of a version that is gone, the error says which came in its place", () => {
    expect(() => findModel([headManifest("look-10"), headManifest("other")], "look-8")).toThrow(
      expect.objectContaining({ code: "TF_MODEL_NOT_FOUND", hint: expect.stringMatching(/look-10.*`look`/) }),
    );
  });

  test("own models come first, then the preferred, then the newer version", () => {
    const manifests = [headManifest("b9"), headManifest("b10"), headManifest("a", { preference: 2 }), headManifest("own", trained)];
    expect(orderManifests(manifests).map(({ id }) => id)).toEqual(["own", "a", "b10", "b9"]);
    expect(defaultHead(manifests, "gender").id).toBe("own");
    expect(() => defaultHead(manifests, "age")).toThrow(expect.objectContaining({ code: "TF_MODEL_NOT_FOUND" }));
  });

  test("ids are found, and stand once", () => {
    const manifests = [headManifest("a"), headManifest("b")];
    expect(findModel(manifests, "b").id).toBe("b");
    expect(() => findModel(manifests, "c")).toThrow('no model "c" is installed; installed are: a, b');
    expect(() => orderManifests([...manifests, headManifest("a")])).toThrow('two installed models are called "a"');
  });
});

describe("verification", () => {
  test("accepts the file that the manifest tells of", async () => {
    await expect(verifyModel(headManifest("a"), network, webSha256)).resolves.toBeUndefined();
  });

  test("refuses another length and another byte", async () => {
    const corrupt = expect.objectContaining({ code: "TF_MODEL_CORRUPT" });
    await expect(verifyModel(headManifest("a"), network.subarray(1), webSha256)).rejects.toThrow(corrupt);
    await expect(verifyModel(headManifest("a"), network.with(17, 0), webSha256)).rejects.toThrow(corrupt);
  });
});

describe("models in folders", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tensorface-models-"));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  const install = async (manifest: ModelManifest, bytes: Uint8Array = network): Promise<void> => {
    await writeFile(join(folder, `${manifest.id}.json`), JSON.stringify(manifest));
    await writeFile(join(folder, manifest.file), bytes);
  };

  test("are listed in order and read", async () => {
    await install(headManifest("a"));
    await install(headManifest("b", trained));
    const store = openModelFolders([folder, join(folder, "nothing-here")]);
    const manifests = await store.manifests();
    expect(manifests.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(new Uint8Array(await store.read(manifests[0]!))).toEqual(network);
  });

  test("are listed alone by the path of their manifest, whatever lies beside it", async () => {
    await install(headManifest("a"));
    await install(headManifest("b"));
    await writeFile(join(folder, "config.json"), "{}");
    const store = openModelFolders([join(folder, "a.json")]);
    const manifests = await store.manifests();
    expect(manifests.map(({ id }) => id)).toEqual(["a"]);
    expect(new Uint8Array(await store.read(manifests[0]!))).toEqual(network);
  });

  test("that are damaged, missing or unknown have their codes", async () => {
    await install(headManifest("damaged"), network.with(0, 9));
    await install(headManifest("missing"));
    await rm(join(folder, "missing.onnx"));
    const store = openModelFolders([folder]);
    await expect(store.read(headManifest("damaged"))).rejects.toThrow(expect.objectContaining({ code: "TF_MODEL_CORRUPT" }));
    await expect(store.read(headManifest("missing"))).rejects.toThrow(expect.objectContaining({ code: "TF_MODEL_NOT_FOUND" }));
    await expect(store.read(headManifest("unknown"))).rejects.toThrow(expect.objectContaining({ code: "TF_MODEL_NOT_FOUND" }));
    await writeFile(join(folder, "broken.json"), "{}");
    await expect(openModelFolders([folder]).manifests()).rejects.toThrow(expect.objectContaining({ code: "TF_MODEL_INVALID" }));
  });
});

describe("models at an address", () => {
  const base = "https://example.test/models";
  const manifest = headManifest("a");
  const index = JSON.stringify({ schema: "tensorface.models/1", models: [{ folder: "converted/", manifest }] });
  const answers = new Map<string, () => Response>();
  let requests: string[] = [];

  beforeEach(() => {
    requests = [];
    answers.clear();
    answers.set(`${base}/index.json`, () => new Response(index));
    answers.set(`${base}/converted/a.onnx?sha256=${sha256}`, () => new Response(network));
    vi.stubGlobal("fetch", async (url: URL, { signal }: RequestInit = {}) => {
      signal?.throwIfAborted();
      requests.push(url.href);
      return answers.get(url.href)?.() ?? new Response("", { status: 404 });
    });
    vi.stubGlobal("caches", { open: async () => memoryCache });
    stored.clear();
  });
  afterEach(() => vi.unstubAllGlobals());

  const stored = new Map<string, Response>();
  /** The three calls of Cache that are used. */
  const memoryCache = {
    match: async (url: URL) => stored.get(url.href)?.clone(),
    put: async (url: URL, response: Response) => void stored.set(url.href, response),
    delete: async (url: URL) => stored.delete(url.href),
  };

  test("are read with progress, and from the cache the next time", async () => {
    const updates: number[] = [];
    const bytes = await fetchModels(base).read(manifest, { onProgress: ({ done }) => updates.push(done) });
    expect(bytes).toEqual(network);
    expect(updates.at(-1)).toBe(network.length);
    const before = requests.length;
    expect(await fetchModels(`${base}/`).read(manifest)).toEqual(network);
    // The list is asked for again; the network is not.
    expect(requests.slice(before)).toEqual([`${base}/index.json`]);
  });

  test("work offline after the first visit", async () => {
    await fetchModels(base).read(manifest);
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("offline")));
    const store = fetchModels(base);
    expect((await store.manifests()).map(({ id }) => id)).toEqual(["a"]);
    expect(await store.read(manifest)).toEqual(network);
  });

  test("a page that answers in place of the list does not replace the list of the last visit", async () => {
    await fetchModels(base).read(manifest);
    answers.set(`${base}/index.json`, () => new Response("<html>please log in</html>"));
    for (let visit = 0; visit < 2; visit++) expect((await fetchModels(base).manifests()).map(({ id }) => id)).toEqual(["a"]);
  });

  test("a page that answers in place of a file, as development servers do, is told as what it is", async () => {
    const page = (): Response => new Response("<!doctype html>", { headers: { "content-type": "text/html; charset=utf-8" } });
    const said = { code: "TF_MODEL_NOT_FOUND", message: expect.stringContaining("a web page"), hint: expect.stringContaining("modelsUrl") };
    answers.set(`${base}/converted/a.onnx?sha256=${sha256}`, page);
    await expect(fetchModels(base, { cache: false }).read(manifest)).rejects.toMatchObject(said);
    answers.set(`${base}/index.json`, page);
    await expect(fetchModels(base, { cache: false }).manifests()).rejects.toMatchObject(said);
    answers.clear();
    await expect(fetchModels(base, { cache: false }).manifests()).rejects.toMatchObject({ ...said, message: expect.stringContaining("404") });
  });

  test("a frame in a sandbox, which may not even name the cache, does without", async () => {
    vi.unstubAllGlobals();
    vi.stubGlobal("fetch", async (url: URL) => answers.get(url.href)?.() ?? new Response("", { status: 404 }));
    const before = Object.getOwnPropertyDescriptor(globalThis, "caches");
    const refuse = (): never => {
      throw new DOMException("Cache storage is disabled because the context is sandboxed", "SecurityError");
    };
    Object.defineProperty(globalThis, "caches", { configurable: true, get: refuse });
    try {
      expect(await fetchModels(base).read(manifest)).toEqual(network);
    } finally {
      if (before === undefined) Reflect.deleteProperty(globalThis, "caches");
      else Object.defineProperty(globalThis, "caches", before);
    }
  });

  test("a full cache stops nothing", async () => {
    const full = { ...memoryCache, put: async () => Promise.reject(new DOMException("full", "QuotaExceededError")) };
    vi.stubGlobal("caches", { open: async () => full });
    expect(await fetchModels(base).read(manifest)).toEqual(network);
  });

  test("an address that is none is refused", () => {
    expect(() => fetchModels("http://[")).toThrow(expect.objectContaining({ code: "TF_INVALID_ARGUMENT" }));
  });

  test("replace a damaged copy in the cache", async () => {
    await fetchModels(base).read(manifest);
    for (const url of stored.keys()) if (url.includes("onnx")) stored.set(url, new Response(network.with(3, 0)));
    expect(await fetchModels(base).read(manifest)).toEqual(network);
  });

  test("that are damaged, missing or aborted have their codes", async () => {
    const file = `${base}/converted/a.onnx?sha256=${sha256}`;
    const codes = async (options = {}): Promise<unknown> => fetchModels(base, { cache: false }).read(manifest, options).catch((error: unknown) => error);
    answers.set(file, () => new Response(network.with(3, 0)));
    expect(await codes()).toMatchObject({ code: "TF_MODEL_CORRUPT" });
    answers.set(file, () => new Response(network.subarray(0, 100)));
    expect(await codes()).toMatchObject({ code: "TF_MODEL_CORRUPT" });
    answers.set(file, () => new Response(Buffer.concat([network, network])));
    expect(await codes()).toMatchObject({ code: "TF_MODEL_CORRUPT" });
    answers.delete(file);
    expect(await codes()).toMatchObject({ code: "TF_MODEL_NOT_FOUND" });
    expect(await codes({ signal: AbortSignal.abort() })).toMatchObject({ code: "TF_ABORTED" });
    answers.set(`${base}/index.json`, () => new Response("<html>"));
    expect(await codes()).toMatchObject({ code: "TF_MODEL_INVALID" });
    expect(() => parseModelIndex("{}", "index.json")).toThrow("index.json");
  });
});
