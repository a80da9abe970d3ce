import { Worker } from "node:worker_threads";
import { type Bridge, connect } from "../../bridge/index.ts";
import { threadLine } from "../../bridge/thread.node.ts";
import { isArrayBuffer, isTypedArray, isWebObject } from "../../core/index.ts";
import type { PictureInput } from "../../image/decode.node.ts";
import { isDetached } from "../../image/index.ts";
import { isLocalFile } from "../../image/input.node.ts";
import type { FaceAnalysis } from "../analysis.ts";
import type { AnalyzeOptions } from "../options.ts";
import { WorkerLost, type ExtraWorker } from "./pool.ts";
import type { AnalysisService, WorkerOptions } from "./messages.ts";

/** The threads' file: TypeScript in a clone, JavaScript in the package. */
function threadFile(): URL {
  // A bundle in CommonJS has no address: there is no thread beside it either, and the pictures stay with this one.
  const here: string | undefined = import.meta.url;
  if (here === undefined) throw new TypeError("there is no file to start a thread from");
  return new URL(here.endsWith(".ts") ? "./analysis-worker.node.ts" : "./analysis-worker.js", here);
}

/** One picture in the engine, the next one decoded, one more on its way. */
const slots = 3;

/** A worker in a thread of its own, with networks of its own. It does not keep the process alive unless it has work. */
export class WorkerThread implements ExtraWorker<PictureInput> {
  readonly slots = slots;
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #bridge: Bridge<AnalysisService<PictureInput>>;
  #inWork = 0;

  constructor(options: WorkerOptions) {
    this.#worker = new Worker(threadFile(), { workerData: options, ...flagsOfThread(process.execArgv) });
    this.#worker.unref();
    this.#bridge = connect(threadLine(this.#worker));
    this.#worker.on("error", (error) => this.#lose(error));
    this.#worker.on("exit", () => this.#lose(undefined));
    this.ready = this.#bridge.ask("ready", undefined);
    this.ready.catch(() => undefined);
  }

  takes(input: PictureInput, { onFaces }: AnalyzeOptions): boolean {
    if (onFaces !== undefined) return false;
    if (isTypedArray(input, "Uint8Array") || isArrayBuffer(input)) return !isDetached(input);
    return (typeof input === "string" && input !== "-") || isWebObject(input, "URL") || isLocalFile(input);
  }

  async analyze(input: PictureInput, { signal, source, near, facesOnly }: AnalyzeOptions): Promise<FaceAnalysis> {
    this.#inWork++;
    this.#worker.ref();
    try {
      return await this.#bridge.ask("analyze", { input: toMessage(input), source, near, facesOnly }, { signal });
    } finally {
      if (--this.#inWork === 0) this.#worker.unref();
    }
  }

  async dispose(): Promise<void> {
    // The engine ends the whole process when a thread is ended while it loads a network or runs one, as it still may for a picture that
    // was aborted. Nothing else may keep the process until then.
    this.#worker.ref();
    const gone = (): undefined => undefined;
    await this.ready.then(async () => this.#bridge.ask("dispose", undefined)).catch(gone);
    await this.#worker.terminate();
  }

  #lose(cause: unknown): void {
    this.#bridge.close(new WorkerLost("a thread that analyses pictures has ended", { cause }));
  }
}

/**
 * A thread takes over the program's flags. With `--input-type` it would be refused, since it is a file, and some others that a program may
 * have cannot be named for a thread: then it gets none.
 */
function flagsOfThread(flags: readonly string[]): { readonly execArgv?: string[] } {
  return flags.some((flag) => flag.startsWith("--input-type")) ? { execArgv: [] } : {};
}

/** What survives the way to another thread: no URL object, and of bytes that are a part of something larger only the part. */
function toMessage(input: PictureInput): PictureInput {
  if (isWebObject(input, "URL")) return input.href;
  return isTypedArray(input, "Uint8Array") ? new Uint8Array(input) : input;
}
