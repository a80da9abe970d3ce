import {
  type BrowserAnalyzerOptions,
  createAnalyzer,
  type FaceAnalysis,
  type FaceAnalyzer,
  fetchModels,
  isTensorFaceError,
  type RasterImage,
  TensorFaceError,
} from "tensorface/browser";
import { type Asked, serve } from "../../../src/bridge/index.ts";
import { workerLine } from "../../../src/bridge/worker.browser.ts";
import { createWaitingList } from "../../../src/core/index.ts";
import type { AnalyzerProgress, AnalyzerSettings, PageAnalysis, PageService, PhotoNews, PictureAsk, Profile } from "../shared/protocol.ts";
import { isHeif } from "../shared/heic.ts";
import type { OwnModelFile } from "../shared/questions.ts";
import type { Filmer } from "./answers/filmer.ts";
import type { Teacher } from "./answers/teacher.ts";
import { everyYear, withAgeCurves } from "./age-curve.ts";
import { keepEngineFiles } from "./keep-engine-files.ts";

/** The analyzers off the page's thread: each is loaded once, with its first picture, and answers in the order of the questions. */

type Picture = Blob | ImageBitmap | RasterImage;

/**
 * Side of the smallest face that is looked for in a camera's frame, in its pixels: with frames of 640 pixels the detector's one view of
 * the whole frame is enough for it, which is several times faster than looking for smaller ones.
 */
const liveMinFace = 32;

/** One example in the engine and one that is being decoded: a folder of large photos must not be decoded all at once. */
const examples = createWaitingList({ atOnce: 2 });
/** What a worker looks for beside the page's profiles: all faces of an example. */
type AnyProfile = Profile | "examples";

interface Held {
  readonly analyzer: Promise<FaceAnalyzer<Picture>>;
  /** What it tells from now on is of no use: another may have begun in its place, and tells of itself. */
  readonly letGo: () => void;
}

const analyzers = new Map<AnyProfile, Held>();
let settings: AnalyzerSettings = { tasks: [], models: [], minFaceSize: undefined };
let modelRoot = "";
let teacher: Promise<Teacher> | undefined;
let filmer: Promise<Filmer> | undefined;
/** The model that was taught last. */
let taught: OwnModelFile | undefined;

/** Which analyzer the page was told of last. */
let lastTold: ((progress: AnalyzerProgress) => void) | undefined;

/** Tells the page how far the networks are loaded. */
let say: (progress: AnalyzerProgress) => void = () => undefined;

function report(error: unknown): TensorFaceError {
  if (isTensorFaceError(error)) return error;
  return new TensorFaceError("TF_RUNTIME_FAILED", error instanceof Error ? error.message : String(error), { cause: error });
}

function optionsOf(profile: AnyProfile): BrowserAnalyzerOptions {
  if (profile === "boxes") return { tasks: [], minFaceSize: liveMinFace };
  // Two are several.
  if (profile === "examples") return { tasks: [], maxFaces: 2 };
  if (profile === "taught")
    return taught === undefined ? { tasks: [] } : { tasks: taught.tasks.map(({ name }) => name), models: [taught.file] };
  const { tasks, models, minFaceSize } = settings;
  // As on the command line: what is built in, and all that the visitor's models tell.
  // Whoever is not among the most that are told of a picture would stay visible in a film without faces.
  if (profile === "film") return { models, minFaceSize, maxFaces: Number.MAX_SAFE_INTEGER };
  return { tasks, models, ageGroups: everyYear, minFaceSize: profile === "live" ? liveMinFace : minFaceSize };
}

function analyzerFor(profile: AnyProfile): Promise<FaceAnalyzer<Picture>> {
  const known = analyzers.get(profile);
  if (known !== undefined) return known.analyzer;
  // The networks of the others are a part of those of "photo" and "live", or were made here: nothing new to tell, unless they come first.
  const tells = profile === "photo" || profile === "live" || analyzers.size === 0;
  let [isHeld, isLoading] = [true, false];
  const tell: typeof say = (progress) => {
    isLoading = progress.kind === "loading";
    if (!tells || !isHeld) return;
    lastTold = tell;
    say(progress);
  };
  const analyzer = load(profile, tell);
  const letGo = (): void => {
    // Of one that is ready the page shows the models: it has them no more.
    if (isLoading || lastTold === tell) tell({ kind: "idle" });
    isHeld = false;
  };
  analyzers.set(profile, { analyzer, letGo });
  analyzer.catch((error: unknown) => {
    if (!isHeld) return;
    analyzers.delete(profile); // The next picture may try again.
    say({ kind: "failed", error: report(error).toJSON() });
  });
  return analyzer;
}

async function load(profile: AnyProfile, tell: typeof say): Promise<FaceAnalyzer<Picture>> {
  tell({ kind: "loading", share: 0 });
  const analyzer = await createAnalyzer({
    ...optionsOf(profile),
    modelsUrl: modelRoot,
    onLoad: ({ done, total }) => tell({ kind: "loading", share: total === undefined || total === 0 ? 0 : done / total }),
  });
  tell({ kind: "ready", device: analyzer.device, models: analyzer.models });
  void keepEngineFiles();
  return analyzer;
}

async function analyze({ picture, source, profile }: PictureAsk, { signal, tell }: Asked<PhotoNews>): Promise<PageAnalysis> {
  const onFaces = profile === "photo" ? (soFar: FaceAnalysis) => tell({ soFar: withAgeCurves(soFar) }) : undefined;
  try {
    const readable = await inReadableForm(picture, source, tell);
    const analyzer = await analyzerFor(profile);
    return withAgeCurves(await analyzer.analyze(readable, { signal, source, onFaces }));
  } finally {
    if (picture instanceof ImageBitmap) picture.close();
  }
}

/** HEIC is decoded once, to be shown and to be looked at. */
async function inReadableForm(picture: Picture, source: string, tell?: (news: PhotoNews) => void): Promise<Picture> {
  if (!(picture instanceof Blob) || !(await isHeif(picture))) return picture;
  const { heicUrl, readHeic } = await import("./answers/heic.ts");
  const read = await readHeic(picture, source, heicUrl(modelRoot));
  tell?.({ shown: read.shown });
  return read.picture;
}

function getTeacher(): Promise<Teacher> {
  teacher ??= import("./answers/teacher.ts").then(({ createTeacher }) =>
    createTeacher({ modelRoot, findFaces: async (picture) => (await analyzerFor("examples")).analyze(picture) }),
  );
  return teacher;
}

function getFilmer(): Promise<Filmer> {
  filmer ??= import("./answers/filmer.ts").then(({ createFilmer }) =>
    createFilmer({
      analyze: async (image, asked) => (await analyzerFor("film")).analyze(image, asked),
      sight: () => settings,
    }),
  );
  return filmer;
}

async function readableExample(picture: Blob): Promise<Blob> {
  const readable = await inReadableForm(picture, picture instanceof File ? picture.name : "picture");
  return readable instanceof Blob ? readable : picture;
}

/** Releases an analyzer once what it is asked has been answered. */
function drop(profile: AnyProfile): void {
  const held = analyzers.get(profile);
  analyzers.delete(profile);
  held?.letGo();
  void held?.analyzer.then((old) => old.dispose()).catch(() => undefined);
}

/** What runs is finished by the old analyzers; they release their networks after it. */
function changeSettings(next: AnalyzerSettings, root: string): void {
  settings = next;
  modelRoot = root;
  drop("photo");
  drop("live");
  drop("film");
}

/** A fault of the program would end a thread; here the page is told of it, and may ask again. */
async function explained<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const crash = crashIn(error);
    if (crash !== undefined) {
      const lost = new TensorFaceError("TF_RUNTIME_FAILED", `the engine stopped: ${crash.message}`, { cause: crash });
      say({ kind: "failed", error: lost.toJSON() });
    }
    throw report(error);
  }
}

/** Once its memory is out of order, or full, the engine answers nothing more: only another worker does. */
function crashIn(error: unknown): WebAssembly.RuntimeError | undefined {
  if (error instanceof WebAssembly.RuntimeError) return error;
  return isTensorFaceError(error) ? crashIn(error.cause) : undefined;
}

/** Puts a model in the place of the one that was taught before. */
function remember(model: OwnModelFile): void {
  taught = model;
  drop("taught");
}

// What answers is loaded when it is first asked: most visits ask only about pictures.
serve<PageService>(workerLine(self), {
  watch: async (_, { tell }) => {
    say = tell;
    return new Promise<never>(() => {});
  },
  configure: (next) => changeSettings(next.settings, next.modelRoot),
  remember,
  load: async (profile) =>
    explained(async () => {
      await analyzerFor(profile);
    }),
  analyze: async (ask, asked) => explained(async () => analyze(ask, asked)),
  manifests: async () => explained(async () => fetchModels(modelRoot).manifests()),
  openModel: async (ask) => explained(async () => (await import("./answers/open-model.ts")).openOwnModel(ask)),
  see: async (ask) => explained(async () => examples.run(async () => (await getTeacher()).see(ask, await readableExample(ask.picture)))),
  teach: async (ask, { signal }) =>
    explained(async () => {
      const lesson = await (await getTeacher()).teach(ask, signal);
      remember(lesson.model);
      return lesson;
    }),
  followFilm: async (ask, asked) => explained(async () => (await getFilmer()).follow(ask, asked)),
  holdFilm: async (ask) => explained(async () => (await getFilmer()).hold(ask)),
  filmTable: async (ask) => explained(async () => (await getFilmer()).table(ask)),
  blurFilm: async (ask, asked) => explained(async () => (await getFilmer()).blur(ask, asked)),
  forgetFilm: async (film) => explained(async () => (await getFilmer()).forget(film)),
});
