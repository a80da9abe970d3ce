import { expectOptions, type OptionNames } from "../core/index.ts";
import { type BrowserDecodeOptions, decode, type PictureInput } from "../image/decode.browser.ts";
import { type DecodeOptions, type RasterImage, scaleCopy } from "../image/index.ts";
import { fetchModels } from "../models/models.browser.ts";
import { type BrowserRuntimeOptions, createBrowserRuntime } from "../runtime/runtime.browser.ts";
import { createFaceAnalyzer } from "./analyzer.ts";
import type { FaceAnalyzer } from "./face-analyzer.ts";
import { type AnalyzerOptions, analyzerOptionNames } from "./options.ts";
import { checkOptions } from "./options-check.ts";

/** What only browsers have: the addresses of models and of the engine's files. */
export interface BrowserAnalyzerOptions extends AnalyzerOptions {
  /** Where the package's `models` folder is served. @default "models/", counted from the page, in a worker from its script */
  readonly modelsUrl?: string | URL | undefined;
  /** Keep the networks in the browser's Cache Storage. @default true */
  readonly cacheModels?: boolean | undefined;
  /** Where the engine's `.wasm` files are served. @default beside the engine's script */
  readonly wasmPaths?: BrowserRuntimeOptions["wasmPaths"] | undefined;
  /** Where libheif-js is served, for HEIC in browsers that do not read it. @default none: only Safari reads HEIC */
  readonly heicUrl?: BrowserDecodeOptions["heicUrl"];
}
const browserAnalyzerOptionNames: OptionNames<BrowserAnalyzerOptions> = {
  ...analyzerOptionNames,
  modelsUrl: true,
  cacheModels: true,
  wasmPaths: true,
  heicUrl: true,
};

/**
 * An analyzer for browsers: onnxruntime-web on WebGPU where there is an adapter, else on WebAssembly; the browser's own decoders.
 * The engine works on the thread that calls it: in a page, use it from a worker.
 *
 * @throws {TF_INVALID_ARGUMENT} for options out of range, and for names that are none
 * @throws {TF_MODEL_NOT_FOUND | TF_MODEL_CORRUPT | TF_MODEL_INVALID} when a network cannot be used
 * @throws {TF_DEVICE_UNAVAILABLE} when the device is not there
 *
 * @example
 * const analyzer = await createAnalyzer({ modelsUrl: "/models/" });
 * const { faces } = await analyzer.analyze(fileInput.files[0]);
 */
export async function createAnalyzer(options: BrowserAnalyzerOptions = {}): Promise<FaceAnalyzer<PictureInput>> {
  // Before the engine, which is megabytes to fetch and takes the number of threads once for the whole page.
  expectOptions(options, browserAnalyzerOptionNames);
  checkOptions(options);
  const { modelsUrl = "models/", cacheModels = true, wasmPaths, heicUrl, threads, device } = options;
  const runtime = await createBrowserRuntime({
    ...(wasmPaths === undefined ? {} : { wasmPaths }),
    ...(threads === undefined ? {} : { threads }),
    // Asked for by name, WebAssembly alone is half the download.
    ...(device === "wasm" ? { devices: ["wasm"] as const } : {}),
  });
  const platform = {
    decode: async (input: PictureInput, asked: DecodeOptions) => decode(input, { ...asked, heicUrl }),
    resize: async (image: RasterImage, width: number, height: number) => scaleCopy(image, width, height),
    runtime,
    models: fetchModels(modelsUrl, { cache: cacheModels }),
    // One picture in the engine and one that is being decoded.
    concurrency: 2,
    nextTurn: nextMacrotask,
  };
  return createFaceAnalyzer(platform, options);
}

/** A message to itself: timers wait four milliseconds when they are nested. */
async function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}
