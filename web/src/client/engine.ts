import { type ErrorReport, TensorFaceError } from "tensorface/browser";
import type { EngineSettings, FromWorker, PageAnalysis, PageOutcome, Profile, ToWorker } from "../shared/protocol.ts";

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
  /** Other heads or limits, for the pictures asked for from now on. */
  configure(settings: EngineSettings): void;
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

/** The bridge to the worker: numbers its questions, hands the answers back, and passes on the wish to stop. */
export function startEngine(settings: EngineSettings, onState: (state: EngineState) => void): Engine {
  const worker = new Worker(new URL("../worker/analyzer.worker.ts", import.meta.url), { type: "module", name: "tensorface" });
  const waiting = new Map<number, { readonly resolve: (outcome: PageOutcome) => void; readonly onFaces: AnalyzeOptions["onFaces"] }>();
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
    stop: () => worker.terminate(),
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
