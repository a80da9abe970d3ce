import { type ProgressListener, TensorFaceError, throwIfAborted } from "../core/index.ts";
import type { ModelManifest } from "../models/index.ts";
import { type DecodedPicture, nameOfInput } from "../image/index.ts";
import type { AnalysisOutcome, FaceAnalysis } from "./analysis.ts";
import type { FaceAnalyzer, NamedPicture, ToldTask } from "./face-analyzer.ts";
import { type AnalyzeAllOptions, analyzeAllOptionNames, type AnalyzeOptions, analyzeOptionNames, type AnalyzerOptions } from "./options.ts";
import { checkCallOptions, checkOptions, withOneName } from "./options-check.ts";
import { describeFailure } from "./pipeline/describe.ts";
import { type LoadedNetworks, loadNetworks, toldTasks } from "./pipeline/networks.ts";
import { analyzePicture, createSight, decodeOptions, type Sight } from "./pipeline/pipeline.ts";
import type { AnalyzerPlatform } from "./platform.ts";
import { AnalysisPool, type ExtraWorker } from "./schedule/pool.ts";
import { createEngineLane, type EngineLane } from "./schedule/engine-lane.ts";
import { orderedStream } from "./schedule/ordered-stream.ts";

/**
 * Loads the networks and gives an analyzer. The entries `tensorface` and `tensorface/browser` bind the platform.
 * @throws {TF_INVALID_ARGUMENT} for options out of range
 * @throws {TF_MODEL_NOT_FOUND | TF_MODEL_CORRUPT | TF_MODEL_INVALID} when a network cannot be used
 * @throws {TF_DEVICE_UNAVAILABLE} when the device is not there
 */
export async function createFaceAnalyzer<Input>(
  platform: AnalyzerPlatform<Input>,
  options: AnalyzerOptions = {},
): Promise<FaceAnalyzer<Input>> {
  checkOptions(options);
  const settled = withOneName(options);
  return new Analyzer(platform, settled, await loadNetworks(platform, settled));
}

class Analyzer<Input> implements FaceAnalyzer<Input> {
  readonly models: readonly string[];
  readonly manifests: readonly ModelManifest[];
  readonly tasks: readonly ToldTask[];
  readonly device: string;
  readonly #platform: AnalyzerPlatform<Input>;
  readonly #options: AnalyzerOptions;
  readonly #networks: LoadedNetworks;
  readonly #sight: Sight;
  readonly #lane: EngineLane;
  readonly #running = new Set<Promise<unknown>>();
  readonly #pool: AnalysisPool<Input>;
  readonly #workers: ExtraWorker<Input>[] = [];
  #disposal: Promise<void> | undefined;

  constructor(platform: AnalyzerPlatform<Input>, options: AnalyzerOptions, networks: LoadedNetworks) {
    this.models = networks.ids;
    this.manifests = networks.manifests;
    this.tasks = toldTasks(networks.heads);
    this.device = networks.device;
    this.#platform = platform;
    this.#options = options;
    this.#networks = networks;
    this.#sight = createSight(networks, options);
    this.#lane = createEngineLane({ askFaces: this.#sight.askFaces, nextTurn: platform.nextTurn });
    const analyze = async (input: Input, asked: AnalyzeOptions): Promise<FaceAnalysis> => this.#analyzePicture(input, asked);
    const first = { slots: options.concurrency ?? platform.concurrency, takes: () => true, analyze };
    this.#pool = new AnalysisPool(first, { most: options.concurrency, callWorkers: () => this.#callWorkers() });
  }

  async analyze(input: Input, options: AnalyzeOptions = {}): Promise<FaceAnalysis> {
    checkCallOptions(options, analyzeOptionNames);
    this.#throwIfDisposed();
    throwIfAborted(options.signal);
    return orAborted(this.#share(input, options), options.signal);
  }

  async *analyzeAll(
    inputs: Iterable<Input | NamedPicture<Input>> | AsyncIterable<Input | NamedPicture<Input>>,
    options: AnalyzeAllOptions = {},
  ): AsyncGenerator<AnalysisOutcome, void, undefined> {
    checkInputs(inputs);
    checkCallOptions(options, analyzeAllOptionNames);
    this.#throwIfDisposed();
    throwIfAborted(options.signal);
    // Leaving the loop early stops what was read ahead.
    const ended = new AbortController();
    const signal = options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal]);
    const report = progressOf(inputs, options.onProgress);
    const { concurrency, workers } = this.#platform;
    const inWork = this.#options.concurrency ?? concurrency * (1 + (workers?.count ?? 0));
    try {
      const stream = orderedStream({
        inputs,
        work: async (input, index) => this.#outcomeOf(input, index, signal),
        concurrency: inWork,
        stop: rejectOnAbort(signal),
      });
      for await (const outcome of stream) {
        report();
        yield outcome;
      }
    } finally {
      ended.abort();
    }
  }

  async dispose(): Promise<void> {
    this.#disposal ??= this.#release();
    return this.#disposal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #release(): Promise<void> {
    await Promise.allSettled(this.#running);
    await Promise.all(this.#workers.map(async (worker) => worker.dispose()));
    await this.#lane.idle();
    await this.#networks.dispose();
  }

  async #outcomeOf(item: Input | NamedPicture<Input>, index: number, signal: AbortSignal): Promise<AnalysisOutcome> {
    const { input, source } = isNamedPicture(item) ? item : { input: item, source: nameOfInput(item) ?? `picture ${index + 1}` };
    try {
      this.#throwIfDisposed();
      return await this.#share(input, { signal, source });
    } catch (error) {
      return describeFailure(source, error);
    }
  }

  /** An aborted call returns at once, but the networks stay until its work has really ended. */
  async #share(input: Input, options: AnalyzeOptions): Promise<FaceAnalysis> {
    this.#platform.hold?.(input);
    const work = this.#pool.analyze(input, options);
    this.#running.add(work);
    void work.catch(() => undefined).finally(() => this.#running.delete(work));
    return work;
  }

  /** They join when they are ready; those that cannot start are not missed. */
  #callWorkers(): void {
    const { workers } = this.#platform;
    if (workers === undefined || this.#workers.length > 0 || this.#disposal !== undefined) return;
    const most = (this.#options.concurrency ?? Infinity) - 1;
    for (let index = 0; index < Math.min(workers.count, most); index++) {
      let worker: ExtraWorker<Input>;
      try {
        worker = workers.start(this.#options);
      } catch {
        return;
      }
      this.#workers.push(worker);
      worker.ready.then(
        () => this.#pool.join(worker),
        () => undefined,
      );
    }
  }

  async #analyzePicture(input: Input, { signal, source, ...asked }: AnalyzeOptions): Promise<FaceAnalysis> {
    const { ageGroups } = this.#options;
    const decode = async (): Promise<DecodedPicture> => this.#platform.decode(input, { ...decodeOptions(this.#options), signal, source });
    return analyzePicture(decode, this.#sight, this.#lane, { ...asked, ageGroups, signal });
  }

  #throwIfDisposed(): void {
    if (this.#disposal !== undefined) throw new TensorFaceError("TF_DISPOSED", "the analyzer was disposed");
  }
}

/** Settles as `work` does, or rejects as soon as the signal fires. */
async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  const done = new AbortController();
  try {
    return await Promise.race([work, rejectOnAbort(signal, done.signal)]);
  } finally {
    done.abort();
  }
}

/** Never resolves; rejects with TF_ABORTED when `signal` fires, and forgets about it when `done` does. */
function rejectOnAbort(signal: AbortSignal, done?: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(new TensorFaceError("TF_ABORTED", "the work was aborted", { cause: signal.reason }));
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true, ...(done === undefined ? {} : { signal: done }) });
  promise.catch(() => undefined);
  return promise;
}

/**
 * A path is a list of characters to `for`, and bytes one of numbers: each would become a failed picture.
 * @throws {TF_INVALID_ARGUMENT} for what is no list of pictures
 */
function checkInputs(inputs: unknown): void {
  const isList = typeof inputs === "object" && inputs !== null && (Symbol.asyncIterator in inputs || Symbol.iterator in inputs);
  if (isList && !ArrayBuffer.isView(inputs)) return;
  const given = typeof inputs === "object" && inputs !== null ? "one object" : JSON.stringify(inputs);
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `analyzeAll expects a list or an iterator of pictures, got ${given}`, {
    hint: "Put one picture into a list, or give it to `analyze`.",
  });
}

function progressOf(inputs: object, listener: ProgressListener | undefined): () => void {
  const total = Array.isArray(inputs) ? { total: inputs.length } : {};
  let done = 0;
  return () => listener?.({ stage: "analyze", done: ++done, ...total });
}

function isNamedPicture<Input>(item: Input | NamedPicture<Input>): item is NamedPicture<Input> {
  return typeof item === "object" && item !== null && "input" in item && "source" in item && typeof item.source === "string";
}
