import { type ErrorReport, TensorFaceError } from "tensorface/browser";
import type { EngineSettings, FromWorker, PageAnalysis, PageOutcome, Profile, ToWorker } from "../shared/protocol.ts";
import type { OpenModelAsk, OwnModelFile, SeeAnswer, SeeAsk, TeachAnswer, TeachAsk } from "../shared/questions.ts";

/** Where the networks run, as the page sees it. */
export type EngineState =
  | { readonly kind: "idle" }
  | { readonly kind: "loading"; readonly share: number }
  | { readonly kind: "ready"; readonly device: string; readonly models: readonly string[] }
  | { readonly kind: "failed"; readonly error: ErrorReport };

export interface Engine {
  /** @throws never: a failed picture is an outcome too */
  analyze(picture: Blob | ImageBitmap, source: string, options?: AnalyzeOptions): Promise<PageOutcome>;
  /** Loads what a profile needs before its first picture comes. */
  load(profile: Profile): void;
  /** Other tasks or limits, for the pictures asked for from now on. */
  configure(settings: EngineSettings): void;
  /** @throws {TF_MODEL_INVALID | TF_MODEL_CORRUPT | TF_INVALID_ARGUMENT} when it is no model that can be used */
  openModel(ask: OpenModelAsk): Promise<OwnModelFile>;
  /** @throws {TensorFaceError} when the picture, or the networks, cannot be read */
  see(ask: SeeAsk): Promise<SeeAnswer>;
  /** @throws {TF_INVALID_ARGUMENT | TF_EXAMPLES_FEW | TF_ABORTED} */
  teach(ask: TeachAsk, signal: AbortSignal): Promise<TeachAnswer>;
  /** Ends the worker; pictures under way are never answered. */
  stop(): void;
}

interface AnalyzeOptions {
  /** @default "photo" */
  readonly profile?: Profile;
  readonly signal?: AbortSignal;
  /** Told what is known so far, of a photo. */
  readonly onFaces?: (soFar: PageAnalysis) => void;
}

/** Where answers of one kind are waited for. */
interface Desk<Answer> {
  wait(id: number): Promise<Answer>;
  resolve(id: number, answer: Answer): void;
  reject(id: number, error: TensorFaceError): void;
  /** Nobody answers any more. */
  close(): void;
}

function createDesk<Answer>(): Desk<Answer> {
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  return {
    wait: (id) => {
      const answered = Promise.withResolvers<Answer>();
      waiting.set(id, answered);
      return answered.promise;
    },
    resolve: (id, answer) => {
      waiting.get(id)?.resolve(answer);
      waiting.delete(id);
    },
    reject: (id, error) => {
      waiting.get(id)?.reject(error);
      waiting.delete(id);
    },
    close: () => {
      for (const { reject } of waiting.values()) reject(new TensorFaceError("TF_ABORTED", "the engine was started anew"));
      waiting.clear();
    },
  };
}

/** The bridge to the worker: numbers its questions, hands the answers back, and passes on the wish to stop. */
export function startEngine(settings: EngineSettings, onState: (state: EngineState) => void): Engine {
  const worker = new Worker(new URL("../worker/analyzer.worker.ts", import.meta.url), { type: "module", name: "tensorface" });
  const waiting = new Map<number, { readonly resolve: (outcome: PageOutcome) => void; readonly onFaces: AnalyzeOptions["onFaces"] }>();
  const desks = { openModel: createDesk<OwnModelFile>(), see: createDesk<SeeAnswer>(), teach: createDesk<TeachAnswer>() };
  const modelRoot = new URL("./models/", document.baseURI).href;
  let lastId = 0;
  const tell = (message: ToWorker, transfer: Transferable[] = []): void => worker.postMessage(message, transfer);

  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    switch (data.kind) {
      case "faces":
        waiting.get(data.id)?.onFaces?.(data.soFar);
        break;
      case "outcome":
        waiting.get(data.id)?.resolve(data.outcome);
        waiting.delete(data.id);
        break;
      case "opened":
        desks.openModel.resolve(data.id, data.answer);
        break;
      case "seen":
        desks.see.resolve(data.id, data.answer);
        break;
      case "taught":
        desks.teach.resolve(data.id, data.answer);
        break;
      case "refusal": {
        const { code, message, hint } = data.error;
        for (const desk of Object.values(desks)) desk.reject(data.id, new TensorFaceError(code, message, { hint }));
        break;
      }
      case "loading":
      case "ready":
      case "failed":
        onState(data);
        break;
    }
  });
  worker.addEventListener("error", (event) => {
    const error = new TensorFaceError("TF_RUNTIME_FAILED", event.message || "the worker could not be started");
    onState({ kind: "failed", error: error.toJSON() });
  });
  tell({ kind: "settings", settings, modelRoot });

  return {
    load: (profile) => tell({ kind: "load", profile }),
    configure: (next) => tell({ kind: "settings", settings: next, modelRoot }),
    stop: () => {
      worker.terminate();
      for (const desk of Object.values(desks)) desk.close();
    },
    openModel: (ask) => {
      const id = ++lastId;
      tell({ kind: "openModel", id, ask });
      return desks.openModel.wait(id);
    },
    see: (ask) => {
      const id = ++lastId;
      tell({ kind: "see", id, ask });
      return desks.see.wait(id);
    },
    teach: (ask, signal) => {
      const id = ++lastId;
      signal.addEventListener("abort", () => tell({ kind: "abort", id }), { once: true });
      tell({ kind: "teach", id, ask });
      return desks.teach.wait(id);
    },
    analyze: (picture, source, { profile = "photo", signal, onFaces } = {}) => {
      const id = ++lastId;
      const { promise, resolve } = Promise.withResolvers<PageOutcome>();
      waiting.set(id, { resolve, onFaces });
      signal?.addEventListener("abort", () => tell({ kind: "abort", id }), { once: true });
      tell({ kind: "analyze", id, picture, source, profile }, picture instanceof ImageBitmap ? [picture] : []);
      return promise;
    },
  };
}
