import { env, InferenceSession as EngineSession, listSupportedBackends, Tensor } from "onnxruntime-node";
import { isTypedArray } from "../core/index.ts";
import { asWritten, candidateDevices, loadOnFirst, quiet, readSource } from "./load.ts";
import { openPreparedNetworks, type PreparedNetworks } from "./prepared.node.ts";
import { withRightNorms } from "./right-norms.node.ts";
import type { InferenceRuntime, LoadOptions, NetworkSource } from "./runtime.ts";
import { wrapSession } from "./session.ts";

export interface NodeRuntimeOptions {
  /** The folder where networks are kept as the engine has made them ready. @default none */
  readonly cache?: string | undefined;
}

/**
 * ONNX Runtime's native build. Feeds are read and fetches are written where they lie. The engine's binding (1.30) also makes a
 * copy of every result, wanted or not, which costs about 1 ms for 3 MB: fetch what is needed only.
 *
 * The engine computes inside the call, so the event loop waits while a network runs: use worker threads where that matters.
 * `cpu` comes first and is the default, since it starts at once and answers the same on every machine; the other devices
 * that this build of the engine brings along (WebGPU, CUDA, CoreML, DirectML) are asked for by name.
 */
export function createNodeRuntime({ cache }: NodeRuntimeOptions = {}): InferenceRuntime {
  refuseTelemetry();
  acceptForeignArrays();
  const others = listSupportedBackends().flatMap(({ name }) => (name === "cpu" ? [] : [name]));
  const devices = ["cpu", ...others];
  const version = env.versions.node ?? "unknown";
  const prepared = cache === undefined ? undefined : openPreparedNetworks(cache, `onnxruntime-node ${version}`);
  return {
    name: "onnxruntime-node",
    version,
    devices,
    load: async (model, options = {}) =>
      loadOnFirst(candidateDevices(devices, options.device ?? "cpu"), async (device) => {
        const session = await open(model, device, options, prepared);
        return wrapSession(session, {
          device,
          Tensor,
          writesInPlace: true,
          schedule: async (work) => work(),
          onRelease: (released) => {
            if (options.profile !== undefined) released.endProfiling();
          },
        });
      }),
  };
}

/**
 * Builds of the engine from 1.30 on write a device id into the home folder and send events to their maker. The engine reads this
 * variable when it makes its first session; whoever wants to be counted sets it to something else.
 */
function refuseTelemetry(): void {
  process.env["ORT_DISABLE_TELEMETRY"] ??= "1";
}

/**
 * The engine's native part makes its arrays with Node's own classes, its JavaScript part asks whether they are instances of the caller's. Under
 * Jest these are two, and every run would fail ("data must be type of function Float32Array()"). There, and only there, the sandbox's
 * classes are told to know an array by its tag.
 */
function acceptForeignArrays(): void {
  for (const type of [Float32Array, Int32Array, BigInt64Array, Int8Array, Uint8Array] as const) {
    if (structuredClone(new type(0)) instanceof type) continue;
    Object.defineProperty(type, Symbol.hasInstance, {
      configurable: true,
      value(this: unknown, value: unknown): boolean {
        // Classes that are derived from it ask by themselves.
        return this === type ? isTypedArray(value, type.name) : Function.prototype[Symbol.hasInstance].call(this, value);
      },
    });
  }
}

/** Only for the processor: other devices have weights of their own. A profile tells of the network as it came. */
// eslint-disable-next-line max-params -- what to load, where, and how
async function open(
  source: NetworkSource,
  device: string,
  options: LoadOptions,
  prepared: PreparedNetworks | undefined,
): Promise<EngineSession> {
  const settings = sessionOptions(device, options);
  const { sha256, profile } = options;
  if (prepared === undefined || sha256 === undefined || device !== "cpu" || profile !== undefined)
    return create(await withRightNorms(await readSource(source)), settings);
  const kept = await openPrepared(prepared, sha256, settings);
  if (kept !== undefined) return kept;
  const model = await withRightNorms(await readSource(source));
  return (await prepare(model, prepared, sha256, settings)) ?? create(model, settings);
}

async function openPrepared(
  prepared: PreparedNetworks,
  sha256: string,
  settings: EngineSession.SessionOptions,
): Promise<EngineSession | undefined> {
  const path = await prepared.find(sha256);
  // What the engine cannot read after all is made anew.
  return path === undefined ? undefined : create(path, { ...settings, graphOptimizationLevel: "disabled" }).catch(() => undefined);
}

/** Undefined where it cannot be kept, or not be loaded at all: the plain way says why. */
// eslint-disable-next-line max-params -- as openPrepared, and what to load
async function prepare(
  model: Uint8Array | string,
  prepared: PreparedNetworks,
  sha256: string,
  settings: EngineSession.SessionOptions,
): Promise<EngineSession | undefined> {
  const preparation = await prepared.begin(sha256);
  if (preparation === undefined) return undefined;
  const { optimizedModelFilePath, extra } = preparation.settings;
  try {
    const session = await create(model, {
      ...settings,
      optimizedModelFilePath,
      extra: { ...asWritten, session: { ...sessionSettings, ...extra } },
    });
    // Nobody waits for the disk.
    void preparation.keep();
    return session;
  } catch {
    await preparation.drop();
    return undefined;
  }
}

// Two overloads of one function: a path and bytes cannot go through one call.
async function create(model: Uint8Array | string, options: EngineSession.SessionOptions): Promise<EngineSession> {
  return typeof model === "string" ? EngineSession.create(model, options) : EngineSession.create(model, options);
}

/** Threads that wait for work sleep instead of burning their core: on a busy machine the engine needs a third less processor time. */
const sleepingThreads = { intra_op: { allow_spinning: "0" } } as const;
const sessionSettings = { ...asWritten.session, ...sleepingThreads } as const;

function sessionOptions(device: string, { threads, profile, variedSizes = false }: LoadOptions): EngineSession.SessionOptions {
  return {
    ...quiet,
    executionProviders: [device],
    extra: { ...asWritten, session: sessionSettings },
    enableMemPattern: !variedSizes,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
  };
}
