import { computed, effect, signal, untracked } from "@preact/signals";
import { isTensorFaceError, type TaskDefinition } from "tensorface/browser";
import { counted, foldLabel, taskDefinitionProblem } from "../../../../src/core/index.ts";
import { idOf, taskNameOf } from "../../../../src/retrain/lesson/index.ts";
import type { ExampleCrop, Seen, TeachAnswer, TeachAsk } from "../../shared/questions.ts";
import type { FileAtPath } from "../../shared/sort-files.ts";
import { explain } from "../../shared/words.ts";
import { announcement, getAnalyzer, restarts, taughtModel } from "../state.ts";

/** What the visitor teaches. It lives as long as the page: leaving the tab of the page loses nothing, closing the page forgets everything. */

export interface TaughtClass {
  readonly id: number;
  readonly name: string;
}

/** A picture that was brought. */
export interface NewPicture {
  /** To look again, where faces or whole pictures are asked for instead. */
  readonly source: Blob;
  readonly name: string;
  /** Number of the recording that it is a frame of; undefined for a file. */
  readonly recording?: number | undefined;
}

export interface Example extends NewPicture {
  readonly id: number;
  readonly classId: number;
  readonly seen: Seen;
  /** Object URL of the thumbnail, a few kilobytes: it lives as long as the page, since a mistake may show it after it was removed. */
  readonly url: string;
}

/** A picture that is no example, and why. */
export interface Refused extends NewPicture {
  readonly classId: number;
  readonly reason: string;
}

/** A model, with the examples that it was made of in the order of its rows. */
export interface Lesson extends TeachAnswer {
  readonly examples: readonly Example[];
  readonly classes: readonly TaughtClass[];
  readonly crop: ExampleCrop;
}

let lastId = 2;
export const title = signal("");
export const crop = signal<ExampleCrop>("face");
export const takesLargest = signal(false);
export const classes = signal<readonly TaughtClass[]>([
  { id: 1, name: "" },
  { id: 2, name: "" },
]);
export const examples = signal<readonly Example[]>([]);
export const refused = signal<readonly Refused[]>([]);
/** Pictures that wait to be seen. */
export const waiting = signal(0);
export const lesson = signal<Lesson | undefined>(undefined);
export const isTeaching = signal(false);
/** Whether the model that was taught last is saved. */
export const isSaved = signal(false);
/** Why it could not be taught, as a sentence. */
export const problem = signal<string | undefined>(undefined);

/** What is called so in answers where nothing else is said. */
const untitled = "mine";
/** Of each class; as the library asks for. */
const fewestExamples = 2;
/** Without a comma before "and". */
const listed = new Intl.ListFormat("en-GB");

export const task = computed<TaskDefinition>(() => ({
  name: title.value.trim() === "" ? untitled : taskNameOf(title.value),
  kind: "classes",
  labels: classes.value.map(({ name }) => name.trim()),
}));
const modelId = computed(() => (title.value.trim() === "" ? untitled : idOf(title.value)));

/** Whether something has changed since the model was taught. */
export const isStale = computed(() => {
  const taught = lesson.value;
  if (taught === undefined) return false;
  const isSame =
    taught.crop === crop.value &&
    taught.classes === classes.value &&
    taught.examples.length === examples.value.length &&
    taught.examples.every((example, index) => example === examples.value[index]);
  return !isSame || taught.model.id !== modelId.value || !taught.model.tasks.some(({ name }) => name === task.value.name);
});

/** Why it cannot be taught yet, in words; undefined when it can. */
export const obstacle = computed<string | undefined>(() => {
  const names = classes.value.map(({ name }) => name.trim());
  if (names.length < 2) return "Two classes are needed: what is to be told apart?";
  const unnamed = names.findIndex((name) => name === "");
  if (unnamed >= 0) return `Give class ${unnamed + 1} a name.`;
  const folded = names.map(foldLabel);
  const twin = names.find((_, index) => folded.indexOf(folded[index]!) !== index);
  if (twin !== undefined) return `Two classes are called “${twin}”; upper and lower case are not told apart.`;
  const wrong = taskDefinitionProblem(task.value);
  if (wrong !== undefined) return `${wrong}.`;
  if (waiting.value > 0) return `${waiting.value} ${waiting.value === 1 ? "picture is" : "pictures are"} still being looked at.`;
  const few = classes.value.filter(({ id }) => countOf(id) < fewestExamples).map(({ name }) => `“${name.trim()}”`);
  if (few.length > 0)
    return `At least ${fewestExamples} pictures each are needed; ${listed.format(few)} ${few.length === 1 ? "has" : "have"} fewer.`;
  return undefined;
});

export function countOf(classId: number): number {
  return examples.value.filter((example) => example.classId === classId).length;
}

export function addClass(name = ""): TaughtClass {
  const added = { id: ++lastId, name };
  classes.value = [...classes.value, added];
  return added;
}

export function renameClass(id: number, name: string): void {
  classes.value = classes.value.map((one) => (one.id === id ? { id, name } : one));
}

export function removeClass(id: number): void {
  examples.value = examples.value.filter(({ classId }) => classId !== id);
  refused.value = refused.value.filter(({ classId }) => classId !== id);
  classes.value = classes.value.filter((one) => one.id !== id);
}

export function removeExample(id: number): void {
  examples.value = examples.value.filter((example) => example.id !== id);
}

export function moveExample(id: number, classId: number): void {
  examples.value = examples.value.map((example) => (example.id === id ? { ...example, classId } : example));
}

/** The number of a recording that begins. */
export function beginRecording(): number {
  return ++lastId;
}

/**
 * Has a picture seen, and adds it to a class or to those that were refused.
 * @param id of the example, by which they stand in order: which is seen first is chance. @default behind all that came before
 */
export async function addPicture(classId: number, picture: NewPicture, id = ++lastId): Promise<void> {
  waiting.value++;
  try {
    const asked = crop.value;
    const answer = await getAnalyzer().see({ picture: picture.source, crop: asked, takesLargest: mayTakeLargest(picture) });
    if (!classes.value.some(({ id }) => id === classId)) return;
    // Meanwhile something else was asked for.
    if (asked !== crop.value) await addPicture(classId, picture, id);
    else if ("reason" in answer) refuse({ ...picture, classId, reason: answer.reason });
    else {
      const url = URL.createObjectURL(answer.thumbnail);
      examples.value = [...examples.value, { ...picture, id, classId, seen: answer, url }].toSorted((a, b) => a.id - b.id);
    }
  } catch (error) {
    // Its worker was lost, and there is another one.
    if (isTensorFaceError(error, "TF_ABORTED")) return await addPicture(classId, picture, id);
    refuse({ ...picture, classId, reason: isTensorFaceError(error) ? reasonOf(error.code) : unreadable });
  } finally {
    waiting.value--;
  }
}

/** Who stands behind its user is no reason to refuse a frame of the camera. */
function mayTakeLargest({ recording }: NewPicture): boolean {
  return recording !== undefined || takesLargest.value;
}

function refuse(picture: Refused): void {
  refused.value = [...refused.value, picture];
}

/** Whether it is no example however it is looked at. */
function isForGood({ reason }: Refused): boolean {
  return reason === noPicture || reason === unreadable;
}

function reasonOf(code: string): string {
  if (/^TF_(IMAGE|INPUT)_/.test(code)) return unreadable;
  return code.startsWith("TF_MODEL_") ? notFetched : networkFailed;
}

const noPicture = "no picture";
const unreadable = "unreadable picture";
const notFetched = "the network could not be fetched";
const networkFailed = "the network failed";

/** A worker that was started anew is shown what the one before it could not see. */
effect(() => {
  if (restarts.value > 0) untracked(() => void showAgain([notFetched, networkFailed]));
});

async function showAgain(reasons: readonly string[]): Promise<void> {
  const before = refused.peek();
  refused.value = before.filter(({ reason }) => !reasons.includes(reason));
  const again = before.filter(({ reason }) => reasons.includes(reason));
  await Promise.all(again.map(async ({ classId, source, name, recording }) => addPicture(classId, { source, name, recording })));
}

/** Adds files to a class, a few at a time. */
export async function addFiles(classId: number, files: readonly File[]): Promise<void> {
  const pictures = files.filter(isPicture);
  refused.value = refused.value.filter((one) => one.classId !== classId || !isForGood(one));
  // What else lies in a folder was not meant.
  const others = files.filter((file) => !isPicture(file) && !file.webkitRelativePath);
  for (const file of others) refuse({ classId, source: file, name: file.name, reason: noPicture });
  const before = countOf(classId);
  await Promise.all(pictures.map(async (file) => addPicture(classId, { source: file, name: file.name })));
  const added = countOf(classId) - before;
  announcement.value = `${added} of ${counted(pictures.length + others.length, "picture")} added.`;
}

export function isPicture({ type, name }: File): boolean {
  return type.startsWith("image/") || (type === "" && /\.(jpe?g|png|webp|avif|gif|hei[cf])$/i.test(name));
}

/** A class for each folder that holds pictures; those that are there already get more, unnamed ones a name. */
export async function addFolders(files: readonly FileAtPath[]): Promise<void> {
  const byFolder = Map.groupBy(
    files.filter(({ file }) => isPicture(file)),
    ({ path }) => path.split("/").filter(Boolean).at(-2) ?? "",
  );
  const added = [...byFolder].map(async ([folder, members]) =>
    addFiles(
      classFor(folder),
      members.map(({ file }) => file),
    ),
  );
  await Promise.all(added);
}

function classFor(name: string): number {
  const known = classes.value.find((one) => foldLabel(one.name.trim()) === foldLabel(name));
  if (known !== undefined) return known.id;
  const unnamed = classes.value.find((one) => one.name.trim() === "" && countOf(one.id) === 0);
  if (unnamed === undefined) return addClass(name).id;
  renameClass(unnamed.id, name);
  return unnamed.id;
}

/** Looks at all examples anew: faces are cut out, or pictures taken whole. */
export async function changeCrop(next: ExampleCrop): Promise<void> {
  if (next === crop.value) return;
  crop.value = next;
  await lookAgain();
}

/** With the largest of several faces, pictures that were refused for them may be examples. */
export async function changeTakesLargest(next: boolean): Promise<void> {
  takesLargest.value = next;
  if (!next) return;
  await showAgain(["several faces"]);
}

async function lookAgain(): Promise<void> {
  const before = [...examples.value, ...refused.value];
  examples.value = [];
  refused.value = [];
  await Promise.all(before.map(async ({ classId, source, name, recording }) => addPicture(classId, { source, name, recording })));
}

let underWay: AbortController | undefined;

/** Makes a model of the examples. */
export async function teach(): Promise<void> {
  if (obstacle.value !== undefined || isTeaching.value) return;
  const controller = new AbortController();
  const { signal } = controller;
  underWay = controller;
  problem.value = undefined;
  isTeaching.value = true;
  const taught = { examples: examples.value, classes: classes.value, crop: crop.value };
  try {
    const answer = await teachAnyhow(askOf(taught), signal);
    lesson.value = { ...taught, ...answer };
    taughtModel.value = answer.model;
    isSaved.value = false;
    announcement.value = "The model is ready.";
  } catch (error) {
    if (!isTensorFaceError(error, "TF_ABORTED")) problem.value = isTensorFaceError(error) ? explain(error.toJSON()) : String(error);
  } finally {
    isTeaching.value = false;
  }
}

/** If its worker is lost meanwhile, the next one is taught. */
async function teachAnyhow(ask: TeachAsk, signal: AbortSignal): Promise<TeachAnswer> {
  try {
    return await getAnalyzer().teach(ask, signal);
  } catch (error) {
    if (signal.aborted || !isTensorFaceError(error, "TF_ABORTED")) throw error;
    return teachAnyhow(ask, signal);
  }
}

export function stopTeaching(): void {
  underWay?.abort();
}

function askOf({ examples, classes, crop }: Pick<Lesson, "examples" | "classes" | "crop">): TeachAsk {
  const nameOf = new Map(classes.map(({ id, name }) => [id, name.trim()]));
  return {
    id: modelId.value,
    task: task.value,
    crop,
    examples: examples.map(({ classId, seen: { features, likeness, sha256 }, recording }) => ({
      label: nameOf.get(classId)!,
      features,
      sha256,
      origin: recording === undefined ? { kind: "picture", likeness } : { kind: "frame", recording },
    })),
  };
}
