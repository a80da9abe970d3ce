import { builtInTasks, isBuiltInTask, type ProgressListener, TensorFaceError } from "../../core/index.ts";
import { checkNetwork, type Head } from "../../classify/index.ts";
import {
  blazeFace,
  createFaceDetector,
  createFaceMesh,
  type FaceDetector,
  loadDlibDetector,
  type ScanningNetwork,
  ssd,
} from "../../detect/index.ts";
import {
  type DetectorManifest,
  expectHead,
  type HeadManifest,
  type LandmarkManifest,
  listedModel,
  type ModelManifest,
  type ModelReference,
  type OpenedModel,
  outputKind,
  seesFaces,
  taskOf,
} from "../../models/index.ts";
import type { InferenceSession } from "../../runtime/index.ts";
import type { ToldTask } from "../face-analyzer.ts";
import { type AnalyzerOptions, defaultDetector, type DetectorChoice } from "../options.ts";
import type { AnalyzerPlatform } from "../platform.ts";

/** The detector of networks that were loaded to find faces. @throws {TF_INVALID_ARGUMENT} when all of them see whole pictures */
export function detectorOf({ detector, ids }: LoadedNetworks): FaceDetector {
  if (detector !== undefined) return detector;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `${ids.join(" and ")} see whole pictures, so no face is looked for`);
}

/** A head and which of its outputs are wanted. */
export interface SelectedHead extends Head {
  readonly tasks: readonly string[];
}

/** Everything that an analyzer runs, loaded. */
export interface LoadedNetworks {
  /** Absent where only whole pictures are looked at. */
  readonly detector: FaceDetector | undefined;
  readonly heads: readonly SelectedHead[];
  /** The detector first where there is one. */
  readonly manifests: readonly ModelManifest[];
  /** Their ids. */
  readonly ids: readonly string[];
  readonly device: string;
  readonly dispose: () => Promise<void>;
}

/** Options of an analyzer, whose models may also have been opened before. */
export interface NetworkOptions extends Omit<AnalyzerOptions, "models" | "heads"> {
  readonly models?: readonly (ModelReference | OpenedModel)[] | undefined;
}

/** What loading needs of a platform, and what the networks need of it afterwards. */
type NetworkPlatform = Pick<AnalyzerPlatform<unknown>, "runtime" | "models" | "resize"> &
  Partial<Pick<AnalyzerPlatform<unknown>, "nextTurn">>;

/**
 * Chooses the networks for the options and loads them.
 * @throws {TF_MODEL_NOT_FOUND} when no network is installed that does what was asked for
 * @throws {TF_MODEL_INVALID | TF_MODEL_CORRUPT} when a network is damaged, or not what its manifest says
 * @throws {TF_INVALID_ARGUMENT} when two of the models asked for tell the same
 */
export async function loadNetworks(platform: NetworkPlatform, options: NetworkOptions): Promise<LoadedNetworks> {
  const manifests = await platform.models.manifests();
  const heads = chooseHeads(manifests, await openAll(platform.models, options.models), options.tasks, platform.models.read);
  const finders = needsFaces(heads) ? chooseFinders(manifests, options.detector ?? defaultDetector, platform.models.read) : undefined;
  const models = [...(finders === undefined ? [] : [finders.detector, finders.mesh]), ...heads.map(({ model }) => model)];
  const sessions: InferenceSession[] = [];
  const files = openFiles(models, options.onLoad);
  const load = async (model: OpenedModel): Promise<InferenceSession> => {
    const { sha256 } = model.manifest;
    const { device, threads } = options;
    const session = await platform.runtime.load(async () => files.read(model), { device, threads, sha256, variedSizes: true });
    files.letGo(model);
    sessions.push(session);
    return session;
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(sessions.map(async (session) => session.dispose()));
  };
  try {
    const detector = finders === undefined ? undefined : await loadDetector(finders, load, platform);
    const loadedHeads: SelectedHead[] = [];
    for (const { manifest, model, tasks } of heads) {
      const network = await load(model);
      checkNetwork(manifest, network);
      loadedHeads.push({ manifest, tasks, network });
    }
    const used = models.map(({ manifest }) => manifest);
    return { detector, heads: loadedHeads, manifests: used, ids: used.map(({ id }) => id), device: sessions[0]!.device, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The files of networks. */
interface NetworkFiles {
  /** With the first that is needed the others are read too: one comes from the disk, or over the wire, while another one is checked or loaded. */
  readonly read: (model: OpenedModel) => Promise<Uint8Array>;
  /** What is loaded stays as long as the analyzer does; its file is not needed any more. */
  readonly letGo: (model: OpenedModel) => void;
}

function openFiles(models: readonly OpenedModel[], onLoad: ProgressListener | undefined): NetworkFiles {
  const total = models.reduce((sum, { manifest }) => sum + manifest.bytes, 0);
  const done = new Map<OpenedModel, number>();
  const report = (model: OpenedModel, bytes: number): void => {
    if (done.get(model) === bytes) return;
    done.set(model, bytes);
    onLoad?.({ stage: "load", done: done.values().reduce((sum, value) => sum + value, 0), total });
  };
  const read = async (model: OpenedModel): Promise<Uint8Array> => {
    const bytes = await model.read({ onProgress: (progress) => report(model, progress.done) });
    report(model, model.manifest.bytes);
    return bytes;
  };
  const waiting = new Set(models);
  const reading = new Map<OpenedModel, Promise<Uint8Array>>();
  return {
    read: async (wanted) => {
      for (const model of waiting) {
        const bytes = read(model);
        // Where an earlier one fails, nobody asks for it.
        bytes.catch(() => undefined);
        reading.set(model, bytes);
      }
      waiting.clear();
      return reading.get(wanted)!;
    },
    letGo: (model) => {
      waiting.delete(model);
      reading.delete(model);
      // An engine that has kept the network has not read its file.
      report(model, model.manifest.bytes);
    },
  };
}

/** What some heads tell, the built-in tasks first and in their usual order. */
export function toldTasks(heads: readonly SelectedHead[]): ToldTask[] {
  const told = heads.flatMap(({ manifest, tasks }) =>
    manifest.outputs
      .filter(({ task }) => tasks.includes(task))
      .map((output): ToldTask => {
        const hasNovelty = manifest.novelty !== undefined && ["classes", "ordered"].includes(outputKind(output));
        const hasSet = output.conformal?.kind === "classes" || output.conformal?.kind === "ordered";
        return Object.assign({ sees: manifest.sees ?? "face", model: manifest.id, hasNovelty, hasSet }, taskOf(output));
      }),
  );
  const builtIn = builtInTasks.flatMap((name) => told.find((task) => task.name === name) ?? []);
  return [...builtIn, ...told.filter(({ name }) => !isBuiltInTask(name))];
}

async function openAll(
  store: AnalyzerPlatform<unknown>["models"],
  asked: readonly (ModelReference | OpenedModel)[] = [],
): Promise<OpenedModel[]> {
  return Promise.all(asked.map(async (model) => (isOpened(model) ? model : store.open(model))));
}

function isOpened(model: ModelReference | OpenedModel): model is OpenedModel {
  return typeof model === "object" && "manifest" in model;
}

/** Where nothing is told at all, faces are still found. */
function needsFaces(heads: readonly ChosenHead[]): boolean {
  return heads.length === 0 || heads.some(({ manifest }) => seesFaces(manifest));
}

interface Finders {
  readonly detector: OpenedModel & { readonly manifest: DetectorManifest };
  readonly mesh: OpenedModel & { readonly manifest: LandmarkManifest };
}

async function loadDetector(
  { detector, mesh }: Finders,
  load: (model: OpenedModel) => Promise<InferenceSession>,
  { resize, nextTurn }: NetworkPlatform,
): Promise<FaceDetector> {
  const { manifest } = detector;
  const session = await load(detector);
  const faceMesh = createFaceMesh(await load(mesh), mesh.manifest);
  if (manifest.decoder === "dlib") {
    const { createDlibDetector } = await loadDlibDetector();
    return createDlibDetector(session, manifest, faceMesh, { nextTurn });
  }
  return createFaceDetector(scanners[manifest.decoder](session, manifest), faceMesh, resize);
}

const scanners = { blazeface: blazeFace, ssd } as const satisfies Record<
  Exclude<DetectorManifest["decoder"], "dlib">,
  (session: InferenceSession, manifest: DetectorManifest) => ScanningNetwork
>;

type ReadNetwork = AnalyzerPlatform<unknown>["models"]["read"];

/**
 * Names what finds faces, by what the files of its networks hold: faces that another found are others.
 * @throws {TF_MODEL_NOT_FOUND}
 */
export function nameFinders(manifests: readonly ModelManifest[], choice: DetectorChoice = defaultDetector): string {
  const { detector, mesh } = findersAmong(manifests, choice);
  return [detector, mesh].map(({ id, sha256 }) => `${id}:${sha256.slice(0, 12)}`).join("+");
}

function chooseFinders(manifests: readonly ModelManifest[], choice: DetectorChoice, read: ReadNetwork): Finders {
  const { detector, mesh } = findersAmong(manifests, choice);
  return { detector: { ...listedModel(detector, read), manifest: detector }, mesh: { ...listedModel(mesh, read), manifest: mesh } };
}

function findersAmong(manifests: readonly ModelManifest[], choice: DetectorChoice) {
  const detector = manifests.find((manifest): manifest is DetectorManifest => manifest.kind === "detector" && manifest.decoder === choice);
  if (detector === undefined) throw notInstalled(`detector "${choice}"`, manifests);
  const mesh = manifests.find((manifest): manifest is LandmarkManifest => manifest.kind === "landmarks");
  if (mesh === undefined) throw notInstalled("landmark network", manifests);
  return { detector, mesh };
}

interface ChosenHead {
  readonly model: OpenedModel;
  readonly manifest: HeadManifest;
  readonly tasks: readonly string[];
}

/**
 * The first head that tells each task, those that were asked for before those that are listed; a head that tells several is run once.
 * Where it is not said what to tell, it is what is built in, and all that the models asked for tell.
 */
// eslint-disable-next-line max-params -- what is there, what is asked for, what is to be told
function chooseHeads(
  manifests: readonly ModelManifest[],
  asked: readonly OpenedModel[],
  wanted: readonly string[] | undefined,
  read: ReadNetwork,
): ChosenHead[] {
  const own = asked.map((model) => ({ model, manifest: expectHead(model) }));
  const listed = manifests.flatMap((manifest) => (manifest.kind === "head" ? [{ model: listedModel(manifest, read), manifest }] : []));
  const available = [...own, ...listed];
  const told = own.flatMap(({ manifest }) => manifest.outputs.map(({ task }) => task));
  const chosen = new Map<(typeof available)[number], string[]>();
  for (const task of new Set(wanted ?? [...builtInTasks, ...told])) {
    const tells = ({ manifest }: (typeof available)[number]): boolean => manifest.outputs.some((output) => output.task === task);
    const head = available.find(tells);
    if (head === undefined)
      throw notTold(
        task,
        available.map(({ manifest }) => manifest),
        asked.length > 0,
      );
    const rival = own.find((other) => other !== head && tells(other));
    if (rival !== undefined && !isBuiltInTask(task)) throw toldTwice(task, head.manifest.id, rival.manifest.id);
    chosen.set(head, [...(chosen.get(head) ?? []), task]);
  }
  return [...chosen].map(([{ model, manifest }, tasks]) => ({ model, manifest, tasks }));
}

function toldTwice(task: string, first: string, second: string): TensorFaceError {
  return new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `the models "${first}" and "${second}" both tell ${task}, which has one place in an answer`,
    {
      hint: "Ask for one of them, or give one of the tasks another name in its manifest.",
    },
  );
}

function notTold(task: string, heads: readonly HeadManifest[], isAsked: boolean): TensorFaceError {
  const known = [...new Set(heads.flatMap(({ outputs }) => outputs.map((output) => output.task)))].join(", ") || "none";
  const hint =
    isBuiltInTask(task) || isAsked
      ? {}
      : { hint: "A task that is not built in needs the model that tells it: ask for it with `models` (`--model`)." };
  return new TensorFaceError("TF_MODEL_NOT_FOUND", `no head for ${task} is there; told are: ${known}`, hint);
}

function notInstalled(what: string, manifests: readonly ModelManifest[]): TensorFaceError {
  const installed = manifests.map(({ id }) => id).join(", ") || "none";
  return new TensorFaceError("TF_MODEL_NOT_FOUND", `no ${what} is installed; installed are: ${installed}`);
}
