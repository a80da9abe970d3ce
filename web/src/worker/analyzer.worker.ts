import {
  type BrowserAnalyzerOptions,
  createAnalyzer,
  type FaceAnalysis,
  type FaceAnalyzer,
  isTensorFaceError,
  TensorFaceError,
} from "tensorface/browser";
import type { AnswerMessage, AskMessage, EngineSettings, FromWorker, Profile, ToWorker } from "../shared/protocol.ts";
import type { OwnModelFile } from "../shared/questions.ts";
import type { Teacher } from "./answers/teacher.ts";
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
/** What a worker looks for beside the page's profiles: all faces of an example. */
type Look = Profile | "examples";

const analyzers = new Map<Look, Promise<FaceAnalyzer<Picture>>>();
const underWay = new Map<number, AbortController>();
let settings: EngineSettings = { tasks: [], models: [], minFaceSize: undefined };
let modelRoot = "";
let teacher: Promise<Teacher> | undefined;
/** The model that was taught last. */
let taught: OwnModelFile | undefined;

const say = (message: FromWorker): void => self.postMessage(message, { transfer: [] });

function report(error: unknown): TensorFaceError {
  if (isTensorFaceError(error)) return error;
  return new TensorFaceError("TF_RUNTIME_FAILED", error instanceof Error ? error.message : String(error), { cause: error });
}

function optionsOf(look: Look): BrowserAnalyzerOptions {
  if (look === "boxes") return { tasks: [], minFaceSize: liveMinFace };
  // Two are several.
  if (look === "examples") return { tasks: [], maxFaces: 2 };
  if (look === "taught")
    return taught === undefined ? { tasks: [] } : { tasks: taught.tasks.map(({ name }) => name), models: [taught.file] };
  const { tasks, models, minFaceSize } = settings;
  return { tasks, models, ageGroups: everyYear, minFaceSize: look === "live" ? liveMinFace : minFaceSize };
}

function analyzerFor(look: Look): Promise<FaceAnalyzer<Picture>> {
  const loaded = analyzers.get(look) ?? load(look);
  analyzers.set(look, loaded);
  return loaded;
}

async function load(look: Look): Promise<FaceAnalyzer<Picture>> {
  // The networks of the others are a part of those of "photo" and "live", or were made here: nothing new to tell, unless they come first.
  const tell = look === "photo" || look === "live" || analyzers.size === 0 ? say : () => {};
  tell({ kind: "loading", share: 0 });
  try {
    const analyzer = await createAnalyzer({
      ...optionsOf(look),
      modelsUrl: modelRoot,
      onLoad: ({ done, total }) => tell({ kind: "loading", share: total === undefined || total === 0 ? 0 : done / total }),
    });
    tell({ kind: "ready", device: analyzer.device, models: analyzer.models });
    void keepEngineFiles();
    return analyzer;
  } catch (error) {
    analyzers.delete(look); // The next picture may try again.
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

/** What answers is loaded when it is first asked: most visits ask nothing. */
async function answer(message: AskMessage, signal: AbortSignal): Promise<AnswerMessage> {
  const { id } = message;
  if (message.kind === "openModel") {
    const { openOwnModel } = await import("./answers/open-model.ts");
    return { kind: "opened", id, answer: await openOwnModel(message.ask) };
  }
  if (message.kind === "see") return { kind: "seen", id, answer: await limit(async () => (await getTeacher()).see(message.ask)) };
  const lesson = await (await getTeacher()).teach(message.ask, signal);
  taught = lesson.model;
  drop("taught");
  return { kind: "taught", id, answer: lesson };
}

function getTeacher(): Promise<Teacher> {
  teacher ??= import("./answers/teacher.ts").then(({ createTeacher }) =>
    createTeacher({ modelRoot, findFaces: async (picture) => (await analyzerFor("examples")).analyze(picture) }),
  );
  return teacher;
}

async function ask(message: AskMessage): Promise<void> {
  const { id } = message;
  const controller = new AbortController();
  underWay.set(id, controller);
  try {
    say(await answer(message, controller.signal));
  } catch (error) {
    say({ kind: "refusal", id, error: report(error).toJSON() });
  } finally {
    underWay.delete(id);
  }
}

/** Releases an analyzer once what it is asked has been answered. */
function drop(look: Look): void {
  void analyzers
    .get(look)
    ?.then((old) => old.dispose())
    .catch(() => undefined);
  analyzers.delete(look);
}

/** What runs is finished by the old analyzers; they release their networks after it. */
function changeSettings(next: EngineSettings, root: string): void {
  settings = next;
  modelRoot = root;
  drop("photo");
  drop("live");
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
    case "openModel":
    case "see":
    case "teach":
      void ask(data);
      break;
    case "abort":
      underWay.get(data.id)?.abort();
      break;
  }
});
