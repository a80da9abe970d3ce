import { computed, effect, signal, untracked } from "@preact/signals";
import type { BuiltInTask } from "tensorface/browser";
import type { AnalyzerProgress, AnalyzerSettings, PageAnalysis, PageFace, PageOutcome, PhotoNews, Profile } from "../shared/protocol.ts";
import { isHeicFile } from "../shared/heic.ts";
import type { OwnModelFile } from "../shared/questions.ts";
import { type PageAnalyzer, startAnalyzer } from "./analyzer.ts";
import { analyzeOnServer, listServerModels, type ServerModel } from "./server.ts";

/** All that the page knows. Components read signals; what changes them are the functions below. */

export interface Photo {
  readonly id: number;
  readonly name: string;
  readonly file: Blob;
  /** Object URL of the file, for display; browsers turn it upright themselves. Undefined while HEIC is not decoded, and of what cannot be shown. */
  readonly url: string | undefined;
  /** The picture of a HEIC file, decoded; undefined where the file itself is shown. */
  readonly shown?: Blob;
  readonly outcome: PageOutcome | undefined;
  /** What is known so far, while there is no outcome. */
  readonly soFar: PageAnalysis | undefined;
}

export interface Settings {
  readonly tasks: readonly BuiltInTask[];
  /** Faces with a lower detector score are hidden. */
  readonly minScore: number;
  /** Longer side of the box, in pixels; undefined is the library's own choice, which grows with the photo. */
  readonly minFaceSize: number | undefined;
}

/** A model that the visitor brought, or taught here. It is forgotten with the page unless they keep it. */
export interface OwnModel extends OwnModelFile {
  readonly isOn: boolean;
  readonly isKept: boolean;
}

export const ownModels = signal<readonly OwnModel[]>([]);

/** A network of the server's, and whether it is to answer. */
export interface ChosenServerModel extends ServerModel {
  readonly isOn: boolean;
}

/** Known once the server analyses. */
export const serverModels = signal<readonly ChosenServerModel[]>([]);
/** What the models that answer say of the tasks that they tell, by name: the visitor's here, its owner's on a server. */
export const ownTasks = computed(() => {
  const models: readonly Pick<ServerModel, "tasks">[] = usesServer.value ? serverModels.value : ownModels.value;
  return new Map(models.flatMap(({ tasks }) => tasks).map((task) => [task.name, task]));
});
/** Whether faces are asked for; where all that is to be told is told of whole pictures, none is looked for. */
export const looksForFaces = computed(() => {
  const answering = ownModels.value.filter(({ isOn }) => isOn);
  return usesServer.value || settings.value.tasks.length > 0 || answering.length === 0 || answering.some(({ sees }) => sees === "face");
});
export const photos = signal<readonly Photo[]>([]);
export const selectedId = signal<number | undefined>(undefined);
/** The face that pointer or keyboard is on, by its place in the list. */
export const focusedFace = signal<number | undefined>(undefined);
export const settings = signal<Settings>({ tasks: ["age", "gender", "mood"], minScore: 0, minFaceSize: undefined });
export const analyzerState = signal<AnalyzerProgress>({ kind: "idle" });
/** How often the analyzer was started anew: who asks it frame after frame begins again. */
export const restarts = signal(0);
/** The model that was taught last. The page keeps it, since the worker that made it may be lost. */
export const taughtModel = signal<OwnModelFile | undefined>(undefined);
/** Whether the visitor agreed to send pictures to the server because this device cannot analyse them. */
export const usesServer = signal(false);
/** The token that the visitor gave for the server; forgotten with the page. */
const serverToken = signal<string | undefined>(undefined);
/** Whether the server turned the page away, without a token or with a wrong one. */
export const tokenRefusal = signal<"missing" | "wrong" | undefined>(undefined);
/** Whether photos wait, because nothing can analyse them: it is not their fault, and the page says why once. */
export const photosWait = computed(() => (usesServer.value ? tokenRefusal.value !== undefined : analyzerState.value.kind === "failed"));
/** What is read out to screen readers when something happened. */
export const announcement = signal("");
/** What visitors must know of what they just did, in a sentence above everything; undefined where there is nothing to say. */
export const notice = signal<string | undefined>(undefined);

export const selected = computed(() => photos.value.find(({ id }) => id === selectedId.value));

let analyzer: PageAnalyzer | undefined;
let settled = Promise.resolve();
let lastId = 0;
/** Stops the work on a photo that was taken away, or that is asked for anew. */
const underWay = new Map<number, AbortController>();
/** Photos that were asked about when the networks could not be loaded. */
const stranded = new Set<number>();

/** Where another part of the page, such as the camera, loaded the networks after all, photos need not wait for a new worker. */
effect(() => {
  if (analyzerState.value.kind === "ready" && !usesServer.value) untracked(analyzeStranded);
});

function analyzeStranded(): void {
  const ids = new Set(stranded);
  stranded.clear();
  for (const photo of photos.value) if (ids.has(photo.id)) void analyzePhoto(photo);
}

/** Pictures wait until models are brought back that were kept, or it is known that there are none. */
export function waitForModels(restored: Promise<void>): void {
  settled = restored.catch(() => undefined);
}

/** What analyses, started with the first need for it. */
export function getAnalyzer(): PageAnalyzer {
  analyzer ??= startAnalyzer(analyzerSettings(), {
    taught: taughtModel.peek(),
    settled,
    onState: (state) => {
      analyzerState.value = state;
    },
  });
  return analyzer;
}

function analyzerSettings(): AnalyzerSettings {
  const { tasks, minFaceSize } = settings.value;
  const models = ownModels.value.filter(({ isOn }) => isOn);
  const told = models.flatMap((model) => model.tasks.map(({ name }) => name));
  return { tasks: [...new Set([...tasks, ...told])], models: models.map(({ file }) => file), minFaceSize };
}

/** Whether the visitor asked the browser to load as little as possible; not all browsers tell. */
function savesData(): boolean {
  const connection: unknown = "connection" in navigator ? navigator.connection : undefined;
  return typeof connection === "object" && connection !== null && "saveData" in connection && connection.saveData === true;
}

/** Loads the networks while the visitor still looks around; not where the device asks to save data. */
export function warmUp(profile: Profile): void {
  if (!savesData() && !usesServer.value) getAnalyzer().load(profile);
}

/** After a failure: a new worker, which knows what was taught, and all photos again. */
export function restartAnalyzer(): void {
  analyzer?.stop();
  analyzer = undefined;
  stranded.clear();
  analyzerState.value = { kind: "idle" };
  getAnalyzer().load("photo");
  restarts.value++;
  reanalyze();
}

/** Adds pictures and analyses them in their order; the first is shown at once. */
export function addPhotos(files: readonly File[]): void {
  const added = files.map((file): Photo => ({
    id: ++lastId,
    name: file.name || "picture",
    file,
    url: isHeicFile(file) && !usesServer.value ? undefined : URL.createObjectURL(file),
    outcome: undefined,
    soFar: undefined,
  }));
  if (added.length === 0) return;
  notice.value = undefined;
  photos.value = [...photos.value, ...added];
  selectPhoto(added[0]!.id);
  for (const photo of added) void analyzePhoto(photo);
}

async function analyzePhoto({ id, file, name }: Photo): Promise<void> {
  stopWork(id);
  const controller = new AbortController();
  underWay.set(id, controller);
  const { signal } = controller;
  const show = (change: Partial<Photo>): void => {
    if (!signal.aborted) photos.value = photos.value.map((photo) => (photo.id === id ? { ...photo, ...change } : photo));
  };
  const onNews = (news: PhotoNews): void => {
    if (signal.aborted) return;
    if ("soFar" in news) show(news);
    else {
      URL.revokeObjectURL(photos.value.find((photo) => photo.id === id)?.url ?? "");
      show({ url: URL.createObjectURL(news.shown), shown: news.shown });
    }
  };
  const outcome = usesServer.value
    ? await analyzeOnServer(file, name, { signal, token: serverToken.value, models: askedOfServer() })
    : await getAnalyzer().analyze(file, name, { signal, onNews });
  if (signal.aborted) return;
  if (usesServer.value && "error" in outcome && outcome.error.code === "TF_UNAUTHORIZED")
    tokenRefusal.value = serverToken.value === undefined ? "missing" : "wrong";
  underWay.delete(id);
  if (photosWait.value) {
    stranded.add(id);
    return;
  }
  show({ outcome, soFar: undefined });
  if (id === selectedId.value) announce(outcome);
}

function stopWork(id: number): void {
  underWay.get(id)?.abort();
  underWay.delete(id);
  stranded.delete(id);
}

function announce(outcome: PageOutcome): void {
  if ("error" in outcome) announcement.value = `${outcome.source} could not be analysed.`;
  else if (!looksForFaces.value) announcement.value = `${outcome.source} is analysed.`;
  else {
    const { length } = visibleFaces(outcome);
    announcement.value = length === 1 ? "1 face found." : `${length} faces found.`;
  }
}

export function selectPhoto(id: number | undefined): void {
  selectedId.value = id;
  focusedFace.value = undefined;
}

/** The browser cannot show the file: it is no picture, or one of a kind that only a server reads. */
export function forgetPicture({ id, url }: Photo): void {
  URL.revokeObjectURL(url ?? "");
  photos.value = photos.value.map((photo) => (photo.id === id && photo.url === url ? { ...photo, url: undefined } : photo));
}

export function removePhoto(id: number): void {
  const index = photos.value.findIndex((photo) => photo.id === id);
  if (index < 0) return;
  stopWork(id);
  URL.revokeObjectURL(photos.value[index]!.url ?? "");
  photos.value = photos.value.filter((photo) => photo.id !== id);
  if (selectedId.value === id) selectPhoto((photos.value[index] ?? photos.value[index - 1])?.id);
}

export function clearPhotos(): void {
  for (const { id, url } of photos.value) {
    stopWork(id);
    URL.revokeObjectURL(url ?? "");
  }
  photos.value = [];
  selectPhoto(undefined);
}

/**
 * Changes what is shown; what only the networks can tell is asked of them again. A server's answer has all that it can tell: sending a
 * photo again would bring nothing new.
 */
export function changeSettings(change: Partial<Settings>): void {
  const before = settings.value;
  settings.value = { ...before, ...change };
  const needsNetworks =
    before.minFaceSize !== settings.value.minFaceSize || settings.value.tasks.some((task) => !before.tasks.includes(task));
  if (needsNetworks) askAnew();
}

/** Other models of the visitor's: photos are asked again. */
export function changeOwnModels(models: readonly OwnModel[]): void {
  ownModels.value = models;
  askAnew();
}

/** Gives the analyzer what is set now, and asks it about all photos again. A server knows nothing of models that were opened here. */
function askAnew(): void {
  if (usesServer.value) return;
  getAnalyzer().configure(analyzerSettings());
  reanalyze();
}

/** From now on the server analyses: the visitor agreed. */
export async function useServer(): Promise<void> {
  usesServer.value = true;
  await greetServer();
}

/** From now on this device analyses again, with what was set meanwhile. */
export function useDevice(): void {
  usesServer.value = false;
  tokenRefusal.value = undefined;
  askAnew();
}

/** Shows the server a token, and asks it again. */
export async function giveToken(token: string): Promise<void> {
  serverToken.value = token;
  tokenRefusal.value = undefined;
  await greetServer();
}

/** Asks what it has; photos are sent once it lets the page in. */
async function greetServer(): Promise<void> {
  // One that does not answer has no models; the photos say why.
  const models = await listServerModels(serverToken.value).catch(() => []);
  if (models === "refused") {
    tokenRefusal.value = serverToken.value === undefined ? "missing" : "wrong";
    return;
  }
  serverModels.value = models.map((model) => Object.assign({ isOn: true }, model));
  reanalyze();
}

/** Lets a model of the server's answer, or not: photos are sent again. */
export function switchServerModel({ id, isOn }: ChosenServerModel): void {
  serverModels.value = serverModels.value.map((model) => (model.id === id ? { ...model, isOn: !isOn } : model));
  reanalyze();
}

/** Those that the visitor chose; undefined where all are to answer. */
function askedOfServer(): readonly string[] | undefined {
  const isChosen = serverModels.value.some(({ isOn }) => !isOn);
  return isChosen ? serverModels.value.flatMap(({ id, isOn }) => (isOn ? [id] : [])) : undefined;
}

/** Whether the server failed, and not the photo: it was not reached, or had no time. */
export function mayTryAgain({ outcome }: Photo): boolean {
  return usesServer.value && outcome !== undefined && "error" in outcome && /^TF_(INPUT_UNREADABLE|TIMEOUT)$/.test(outcome.error.code);
}

/** Sends again what a server failed at that may be back by now. */
export function tryAgain(): void {
  reanalyze(mayTryAgain);
}

function reanalyze(isMeant: (photo: Photo) => boolean = () => true): void {
  const meant = new Set(photos.value.filter(isMeant).map(({ id }) => id));
  photos.value = photos.value.map((photo) => (meant.has(photo.id) ? { ...photo, outcome: undefined, soFar: undefined } : photo));
  for (const photo of photos.value) if (meant.has(photo.id)) void analyzePhoto(photo);
}

/** The faces of an outcome that the settings let through; none where only answers of whole pictures are asked for. */
export function visibleFaces(outcome: PageOutcome | undefined): readonly PageFace[] {
  if (outcome === undefined || "error" in outcome || !looksForFaces.value) return [];
  const { minScore, minFaceSize = 0 } = settings.value;
  // The worker looks for no smaller faces; a server looks for those of its own choice, and the page shows a part of them.
  const smallest = usesServer.value ? minFaceSize : 0;
  return outcome.faces.filter(({ score, box }) => score >= minScore && Math.max(box.width, box.height) >= smallest);
}

/** The sample that comes with the page. */
export async function addSample(): Promise<void> {
  try {
    const answer = await fetch(new URL("./astronaut.png", document.baseURI));
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    addPhotos([new File([await answer.blob()], "astronaut.png", { type: "image/png" })]);
  } catch {
    notice.value = "The sample could not be fetched. Check the connection, and try again.";
  }
}
