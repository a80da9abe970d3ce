import { isTensorFaceError, type ModelManifest, TensorFaceError } from "tensorface/browser";
import { type Bridge, connect } from "../../../src/bridge/index.ts";
import { workerLine } from "../../../src/bridge/worker.browser.ts";
import type { AnalyzerProgress, AnalyzerSettings, PhotoNews, PageOutcome, PageService, Profile } from "../shared/protocol.ts";
import type { OpenModelAsk, OwnModelFile, SeeAnswer, SeeAsk, TeachAnswer, TeachAsk } from "../shared/questions.ts";

/** What analyses the page's pictures: analyzers in a worker. */
export interface PageAnalyzer {
  /** @throws never: a failed picture is an outcome too */
  analyze(picture: Blob | ImageBitmap, source: string, options?: AnalyzeOptions): Promise<PageOutcome>;
  /** Loads what a profile needs before its first picture comes. */
  load(profile: Profile): void;
  /** Other tasks or limits, for the pictures asked for from now on. */
  configure(settings: AnalyzerSettings): void;
  /** The networks beside the page. @throws {TF_MODEL_NOT_FOUND | TF_MODEL_INVALID} when their list cannot be fetched or read */
  manifests(): Promise<readonly ModelManifest[]>;
  /** @throws {TF_MODEL_INVALID | TF_MODEL_CORRUPT | TF_INVALID_ARGUMENT} when it is no model that can be used */
  openModel(ask: OpenModelAsk): Promise<OwnModelFile>;
  /** @throws {TensorFaceError} when the picture, or the networks, cannot be read */
  see(ask: SeeAsk): Promise<SeeAnswer>;
  /** @throws {TF_INVALID_ARGUMENT | TF_EXAMPLES_FEW | TF_ABORTED} */
  teach(ask: TeachAsk, signal: AbortSignal): Promise<TeachAnswer>;
  /** What a part of the page asks that is loaded when it is opened. @throws what the worker's answerer throws */
  readonly ask: Bridge<PageService>["ask"];
  /** Ends the worker; what is under way fails with TF_ABORTED. */
  stop(): void;
}

interface AnalyzeOptions {
  /** @default "photo" */
  readonly profile?: Profile;
  readonly signal?: AbortSignal;
  /** Told what is known so far, of a photo. */
  readonly onNews?: (news: PhotoNews) => void;
}

interface StartOptions {
  readonly onState: (state: AnalyzerProgress) => void;
  /** The model that an earlier worker has taught: the profile `taught` goes on with it. */
  readonly taught: OwnModelFile | undefined;
  /** Settles when it is known which models answer: pictures wait for it, since all networks are loaded anew when that changes. */
  readonly settled: Promise<void>;
}

/** Starts the worker. */
export function startAnalyzer(settings: AnalyzerSettings, { onState, taught, settled }: StartOptions): PageAnalyzer {
  const worker = new Worker(new URL("../worker/analyzer.worker.ts", import.meta.url), { type: "module", name: "tensorface" });
  const bridge: Bridge<PageService> = connect(workerLine(worker));
  const modelRoot = new URL("./models/", document.baseURI).href;
  worker.addEventListener("error", (event) => {
    const error = new TensorFaceError("TF_RUNTIME_FAILED", event.message || "the worker could not be started");
    onState({ kind: "failed", error: error.toJSON() });
  });
  // What has no answer worth waiting for: how it went, the page is told of by the state.
  const tell = (asked: Promise<unknown>): void => void asked.catch(() => undefined);
  tell(bridge.ask("watch", undefined, { onNews: onState }));
  tell(bridge.ask("configure", { settings, modelRoot }));
  if (taught !== undefined) tell(bridge.ask("remember", taught));

  return {
    ask: bridge.ask,
    load: (profile) => tell(settled.then(async () => bridge.ask("load", profile))),
    configure: (next) => tell(bridge.ask("configure", { settings: next, modelRoot })),
    stop: () => {
      worker.terminate();
      bridge.close(new TensorFaceError("TF_ABORTED", "the analyzer was started anew"));
    },
    manifests: async () => bridge.ask("manifests", undefined),
    openModel: async (ask) => bridge.ask("openModel", ask),
    see: async (ask) => bridge.ask("see", ask),
    teach: async (ask, signal) => bridge.ask("teach", ask, { signal }),
    analyze: async (picture, source, { profile = "photo", signal, onNews } = {}) => {
      const transfer = picture instanceof ImageBitmap ? [picture] : [];
      try {
        await settled;
        return await bridge.ask("analyze", { picture, source, profile }, { signal, onNews, transfer });
      } catch (error) {
        if (!isTensorFaceError(error)) throw error;
        return { schema: "tensorface.analysis/1", source, error: error.toJSON() };
      }
    },
  };
}
