import {
  type BrowserAnalyzerOptions,
  createAnalyzer,
  type FaceAnalysis,
  type FaceAnalyzer,
  isTensorFaceError,
  TensorFaceError,
} from "tensorface/browser";
import type { EngineSettings, FromWorker, Profile, ToWorker } from "../shared/protocol.ts";
import { everyYear, withAgeCurves } from "./age-curve.ts";
import { keepEngineFiles } from "./keep-engine-files.ts";
import { createLimit } from "./limit.ts";

/** The analyzers off the page's thread: each is loaded once, with its first picture, and answers in the order of the questions. */

type Picture = Blob | ImageBitmap;

/**
 * Side of the smallest face that is looked for in a camera's frame, in its pixels: with frames of 640 pixels the detector's one view of
 * the whole frame is enough for it, which is several times faster than looking for smaller ones.
 */
const liveMinFace = 32;

/** One picture in the engine and one that is being decoded; a folder of large photos must not be decoded all at once. */
const limit = createLimit(2);
const analyzers = new Map<Profile, Promise<FaceAnalyzer<Picture>>>();
const underWay = new Map<number, AbortController>();
let settings: EngineSettings = { heads: [], minFaceSize: undefined };
let modelRoot = "";

const say = (message: FromWorker): void => self.postMessage(message, { transfer: [] });

function report(error: unknown): TensorFaceError {
  if (isTensorFaceError(error)) return error;
  return new TensorFaceError("TF_RUNTIME_FAILED", error instanceof Error ? error.message : String(error), { cause: error });
}

function optionsOf(profile: Profile): BrowserAnalyzerOptions {
  if (profile === "boxes") return { heads: [], minFaceSize: liveMinFace };
  return { heads: settings.heads, ageGroups: everyYear, minFaceSize: profile === "live" ? liveMinFace : settings.minFaceSize };
}

function analyzerFor(profile: Profile): Promise<FaceAnalyzer<Picture>> {
  const loaded = analyzers.get(profile) ?? load(profile);
  analyzers.set(profile, loaded);
  return loaded;
}

async function load(profile: Profile): Promise<FaceAnalyzer<Picture>> {
  // The networks of "boxes" are a part of those of "live", which come before it: nothing new to tell.
  const tell = profile === "boxes" ? () => {} : say;
  tell({ kind: "loading", share: 0 });
  try {
    const analyzer = await createAnalyzer({
      ...optionsOf(profile),
      modelsUrl: modelRoot,
      onLoad: ({ done, total }) => tell({ kind: "loading", share: total === undefined || total === 0 ? 0 : done / total }),
    });
    tell({ kind: "ready", device: analyzer.device, models: analyzer.models });
    void keepEngineFiles();
    return analyzer;
  } catch (error) {
    analyzers.delete(profile); // The next picture may try again.
    say({ kind: "failed", error: report(error).toJSON() });
    throw error;
  }
}

async function analyze(message: ToWorker & { readonly kind: "analyze" }): Promise<void> {
  const { id, picture, source, profile } = message;
  const controller = new AbortController();
  underWay.set(id, controller);
  const { signal } = controller;
  const onFaces = profile === "photo" ? (soFar: FaceAnalysis) => say({ kind: "faces", id, soFar: withAgeCurves(soFar) }) : undefined;
  try {
    const outcome = await limit(async () => (await analyzerFor(profile)).analyze(picture, { signal, source, onFaces }));
    say({ kind: "outcome", id, outcome: withAgeCurves(outcome) });
  } catch (error) {
    say({ kind: "outcome", id, outcome: { schema: "tensorface.analysis/1", source, error: report(error).toJSON() } });
  } finally {
    underWay.delete(id);
    if (picture instanceof ImageBitmap) picture.close();
  }
}

/** What runs is finished by the old analyzers; they release their networks after it. */
function changeSettings(next: EngineSettings, root: string): void {
  settings = next;
  modelRoot = root;
  for (const analyzer of analyzers.values()) void analyzer.then((old) => old.dispose()).catch(() => undefined);
  analyzers.clear();
}

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case "settings":
      changeSettings(data.settings, data.modelRoot);
      break;
    case "load":
      analyzerFor(data.profile).catch(() => undefined); // The page was told.
      break;
    case "analyze":
      void analyze(data);
      break;
    case "abort":
      underWay.get(data.id)?.abort();
      break;
  }
});
