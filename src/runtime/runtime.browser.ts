import type { InferenceSession as EngineSession } from "onnxruntime-common";
import type * as Engine from "onnxruntime-web";
import { TensorFaceError } from "../core/index.ts";
import { type UnpackedModel, unpackConstants, unpackedFile } from "../graph/unpack/index.ts";
import { asWritten, candidateDevices, holdsGroupNorm, loadOnFirst, quiet, readSource } from "./load.ts";
import type { InferenceRuntime, InferenceSession } from "./runtime.ts";
import { wrapSession } from "./session.ts";

/** Where the engine for browsers is, and how much of the machine it may take. */
export interface BrowserRuntimeOptions {
  /**
   * Where the engine's `.mjs` and `.wasm` files are served: a folder's URL that ends in `/`, or one URL each.
   * @default beside the engine's own script, which bundlers such as Vite arrange
   */
  readonly wasmPaths?: string | { readonly mjs?: string; readonly wasm?: string };
  /**
   * Threads of the WebAssembly engine, one number for the whole page since the engine starts once.
   * @default the hardware threads, at most 4, where the page is cross-origin isolated; else 1
   */
  readonly threads?: number;
  /** `wasm` never asks for a graphics adapter and loads the smaller engine. @default both, WebGPU first */
  readonly devices?: readonly ("webgpu" | "wasm")[];
}

/**
 * ONNX Runtime's WebAssembly build, on WebGPU where the browser has an adapter, else on the processor.
 *
 * The engine runs one call at a time, so calls queue here. Feeds and results cross between JavaScript's memory and the
 * engine's, so tensors given as fetches are filled by a copy.
 */
export async function createBrowserRuntime(options: BrowserRuntimeOptions = {}): Promise<InferenceRuntime> {
  const devices = await availableDevices(options.devices ?? ["webgpu", "wasm"]);
  // The engine without WebGPU is half the download.
  const engine = await loadEngine(devices.includes("webgpu"));
  engine.env.wasm.numThreads = threadCount(options.threads);
  if (options.wasmPaths !== undefined) engine.env.wasm.wasmPaths = options.wasmPaths;
  return {
    name: "onnxruntime-web",
    version: engine.env.versions.web ?? "unknown",
    devices,
    load: async (source, { device: wanted } = {}) => {
      const asked = candidateDevices(devices, wanted);
      const given = await readSource(source);
      if (typeof given !== "string" && holdsGroupNorm(given)) throw wrongNorms();
      const { model, settings: ofModel } = typeof given === "string" ? { model: given } : madeReady(given);
      const open = async (device: string): Promise<InferenceSession> => {
        const settings = { ...quiet, extra: asWritten, ...ofModel?.(device), executionProviders: [device] };
        const session = await schedule(async () => create(engine, model, settings));
        return wrapSession(session, { device, Tensor: engine.Tensor, writesInPlace: false, schedule });
      };
      return loadOnFirst(asked, open, startHint);
    },
  };
}

/** @throws {TF_DEVICE_UNAVAILABLE} when the package was not installed beside this one: it is an optional peer, which Node does not need */
async function loadEngine(withGraphics: boolean): Promise<typeof Engine> {
  try {
    return withGraphics ? await import("onnxruntime-web/webgpu") : await import("onnxruntime-web/wasm");
  } catch (error) {
    throw new TensorFaceError("TF_DEVICE_UNAVAILABLE", "the browser's engine, onnxruntime-web, could not be loaded", {
      hint: "Install it beside tensorface: npm install onnxruntime-web. If it is, look whether the page may load its script.",
      cause: error,
    });
  }
}

/** A network as the engine is given it, and the settings for it on a device. */
interface ReadyModel {
  readonly model: Uint8Array;
  readonly settings?: (device: string) => EngineSession.SessionOptions;
}

/**
 * The engine writes out constants that a file keeps in few bytes as one step of its optimising, in which WebAssembly takes most of a start.
 * Written out here, they leave nothing to optimise in graphs like those of this package: those are in few operations already.
 */
function madeReady(bytes: Uint8Array): ReadyModel {
  const unpacked = unpackOrLeave(bytes);
  if (unpacked === undefined) return { model: bytes };
  const externalData = [{ path: unpackedFile, data: unpacked.weights }];
  const isOptimized = foldable.every((operation) => !unpacked.operations.has(operation));
  return {
    model: unpacked.bytes,
    settings: (device) => ({ externalData, ...(device === "wasm" && isOptimized && { graphOptimizationLevel: "disabled" as const }) }),
  };
}

/** What would write them otherwise weighs 20 kB, which each worker of a page would have once more. */
function wrongNorms(): TensorFaceError {
  return new TensorFaceError(
    "TF_MODEL_INVALID",
    "the network has group norms, which the engine computes wrongly where a group is nearly even",
    {
      hint: "Let `tensorface models import` write it, or export it in an opset below 18: both write group norms as other operations.",
    },
  );
}

/** Operations that the engine's optimising folds into convolutions and products, and that this package's own leaves nowhere. */
const foldable: readonly string[] = ["BatchNormalization", "InstanceNormalization", "LayerNormalization", "Erf", "Dropout"];

/** What cannot be read here is the engine's to refuse. */
function unpackOrLeave(bytes: Uint8Array): UnpackedModel | undefined {
  try {
    return unpackConstants(bytes);
  } catch {
    return undefined;
  }
}

/** Why the engine did not start, which every browser says in other words. */
export function startHint(reason: string): string {
  return /content security policy|\bCSP\b|unsafe-eval/i.test(reason)
    ? "Add 'wasm-unsafe-eval' to script-src in the page's Content-Security-Policy."
    : "Serve the folder `dist` of the package onnxruntime-web, and name its address in `wasmPaths`.";
}

/** One for the whole page, as the engine is: two runtimes must not call it at the same time either. */
const schedule = createQueue();

// Two overloads of one function: a URL and bytes cannot go through one call.
async function create(engine: typeof Engine, model: Uint8Array | string, options: EngineSession.SessionOptions): Promise<EngineSession> {
  return typeof model === "string" ? engine.InferenceSession.create(model, options) : engine.InferenceSession.create(model, options);
}

async function availableDevices(wanted: readonly string[]): Promise<readonly string[]> {
  const adapter = wanted.includes("webgpu") ? await requestAdapter() : undefined;
  const isSoftware = adapter?.info?.isFallbackAdapter ?? false;
  // An adapter in software is there for tests; the WebAssembly kernels are faster.
  const devices = isSoftware ? ["wasm", "webgpu"] : ["webgpu", "wasm"];
  return devices.filter((device) => device === "wasm" || adapter !== undefined);
}

/** The part of WebGPU's `GPUAdapter` that is read here. */
interface GraphicsAdapter {
  readonly info?: { readonly isFallbackAdapter?: boolean };
}

async function requestAdapter(): Promise<GraphicsAdapter | undefined> {
  const { gpu } = globalThis.navigator as { readonly gpu?: { requestAdapter(): Promise<GraphicsAdapter | null> } };
  try {
    return (await gpu?.requestAdapter()) ?? undefined;
  } catch {
    // Browsers that switch WebGPU off reject instead of answering null.
    return undefined;
  }
}

function threadCount(wanted: number | undefined): number {
  if (!globalThis.crossOriginIsolated) return 1;
  return wanted ?? Math.min(4, globalThis.navigator.hardwareConcurrency);
}

/** Runs what it is given one after the other, also after failures. */
export function createQueue(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
