import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { isBuiltInTask, isTaskName, TensorFaceError } from "../../core/index.ts";
import { pathInside, pathKind, readTextFile, sortedNames } from "../../files/files.node.ts";
import { type AboutLabels, openTasks, readAbout } from "../about-file.node.ts";
import type { TaskRequest } from "../tasks.ts";
import { faceRow, hasParts, inTurn } from "./boxes.ts";
import { type NamedFace, settleIds } from "./face-ids.ts";
import { readJsonFile } from "./json-file.node.ts";
import { chooseColumns, knownTextOf, labelFields, partOf, readLabels, requireReadable, type RowColumns, textOf } from "./labelled-row.ts";
import { checkNamedColumns, isJsonName, isPictureName, layoutError, problemsOf, requireSource } from "./layout.node.ts";
import type { DatasetImporter, FormatOptions, PictureBox, SourceRejection } from "./source-row.ts";

/** One thing that somebody said of a picture, or of a region of it. */
const resultSchema = z.object({
  /** Results of one id are of one region. */
  id: z.string().optional(),
  from_name: z.string().optional(),
  type: z.string(),
  /** Relations between regions have none. */
  value: z.record(z.string(), z.unknown()).default({}),
  original_width: z.number().positive().nullish(),
  original_height: z.number().positive().nullish(),
});
const annotationSchema = z.object({
  result: z.array(resultSchema),
  was_cancelled: z.boolean().nullish(),
  ground_truth: z.boolean().nullish(),
  updated_at: z.string().nullish(),
});
const tasksSchema = z.array(
  z.object({
    id: z.union([z.number(), z.string()]).optional(),
    data: z.record(z.string(), z.unknown()),
    annotations: z.array(annotationSchema).nullish(),
    /** In exports of before 2021. */
    completions: z.array(annotationSchema).optional(),
  }),
);
type Result = z.infer<typeof resultSchema>;
type Annotation = z.infer<typeof annotationSchema>;
type LabelTask = z.infer<typeof tasksSchema>[number];

/** What a control writes its answer under, by the type of its results. */
const answerFields: Readonly<Record<string, string>> = {
  choices: "choices",
  number: "number",
  rating: "rating",
  rectanglelabels: "rectanglelabels",
  labels: "labels",
  textarea: "text",
};

async function findTasks(source: string): Promise<string> {
  if ((await requireSource(source)) === "file") return source;
  const names = (await sortedNames(source)).filter(({ name, isFolder }) => !isFolder && isJsonName(name) && name !== "tensorface.json");
  const chosen = names.find(({ name }) => name === "tasks.json") ?? (names.length === 1 ? names[0] : undefined);
  if (chosen !== undefined) return join(source, chosen.name);
  throw layoutError(
    "label-studio",
    source,
    names.length === 0 ? "a JSON export, tasks.json" : `one JSON export; it has ${names.map(({ name }) => name).join(", ")}`,
  );
}

async function readTasks(path: string): Promise<LabelTask[]> {
  const value = await readJsonFile(path);
  const parsed = tasksSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TensorFaceError("TF_DATASET_LAYOUT", `"${path}" is no JSON export of Label Studio: ${problemsOf(parsed.error)}`, {
    hint: 'Choose "JSON" in its export, not "JSON-MIN" or "CSV".',
  });
}

/** What counts of a task's annotations: the one that is marked as true, else the latest; none that was skipped. */
function annotationOf({ annotations, completions = [] }: LabelTask): Annotation | undefined {
  const made = (annotations ?? completions).filter(({ was_cancelled: isSkipped }) => isSkipped !== true);
  const byTime = made.toSorted((a, b) => (a.updated_at ?? "").localeCompare(b.updated_at ?? "", "en"));
  return byTime.findLast(({ ground_truth: isTrue }) => isTrue === true) ?? byTime.at(-1);
}

function answerOf({ type, value }: Result): unknown {
  return value[answerFields[type] ?? ""];
}

/** A part of a picture, or with `box` undefined all of it, and what is said of it by control. */
interface Region {
  readonly id: string;
  readonly box: PictureBox | undefined;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Undefined for results that are of the whole picture; "none" for boxes that cannot be cut out. */
function boxOf({ value, original_width: width, original_height: height }: Result): PictureBox | undefined | string {
  if (!("width" in value && "height" in value)) return undefined;
  const { data } = z
    .object({ x: z.number(), y: z.number(), width: z.number().positive(), height: z.number().positive(), rotation: z.number().optional() })
    .safeParse(value);
  if (data === undefined) return "the box has no size";
  if (typeof width !== "number" || typeof height !== "number") return "the box does not say the picture's size";
  if ((data.rotation ?? 0) % 360 !== 0) return "the box is turned";
  const [across, down] = [width / 100, height / 100];
  return { x: data.x * across, y: data.y * down, width: data.width * across, height: data.height * down, within: { width, height } };
}

function valuesOf(results: readonly Result[]): Record<string, unknown> {
  return Object.fromEntries(results.flatMap((result) => (result.from_name === undefined ? [] : [[result.from_name, answerOf(result)]])));
}

/** Whether a result is of a place that is no box: a polygon, an ellipse, a point, what a brush painted. */
function isOutline({ value }: Result): boolean {
  return !("width" in value && "height" in value) && ["x", "points", "vertices", "rle"].some((name) => name in value);
}

/** The regions of an annotation, its outlines left away; what is said of the whole picture is said of each. A text tells why there are none. */
function regionsOf({ result }: Annotation): Region[] | string {
  const results = result.filter((each) => !isOutline(each));
  const boxes = results.map(boxOf);
  const wrong = boxes.find((box) => typeof box === "string");
  if (wrong !== undefined) return wrong;
  const boxed = new Map<string, Region>();
  const whole = valuesOf(results.filter((_, index) => boxes[index] === undefined));
  for (const [index, result] of results.entries()) {
    const box = boxes[index];
    if (typeof box !== "object") continue;
    const id = result.id ?? String(index);
    const known = boxed.get(id);
    boxed.set(id, { id, box: known?.box ?? box, values: { ...(known?.values ?? whole), ...valuesOf([result]) } });
  }
  return boxed.size === 0 ? [{ id: "", box: undefined, values: whole }] : [...boxed.values()];
}

/** Where its pictures may lie, the likeliest first: as the address says, without the folders above, without the prefix of an upload. */
function placesOf(address: string): string[] {
  if (/^(?!file:)[a-z][a-z0-9+.-]*:/i.test(address)) return [];
  const local = /[?&]d=([^&]*)/.exec(address)?.[1];
  const path = decode(local ?? address.replace(/^file:\/\//, "").replace(/^\/data\//, "")).replaceAll("\\", "/");
  const steps = path.split("/").filter((step) => step !== "" && step !== ".");
  const names = steps.map((_, index) => steps.slice(index).join("/"));
  const uploaded = /^[0-9a-f]{8}-(.+)$/.exec(steps.at(-1) ?? "")?.[1];
  return uploaded === undefined ? names : [...names, uploaded];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function findPicture(root: string, address: string): Promise<string | undefined> {
  const places = placesOf(address).flatMap((place) => pathInside(root, place) ?? []);
  for (const place of places) if ((await pathKind(join(root, place))) === "file") return place;
  return places[0];
}

/** The address of a task's picture. */
function addressOf({ data }: LabelTask): string | undefined {
  const texts = Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const isAddress = ([, text]: readonly [string, string]): boolean => isPictureName(text.split(/[?#]/)[0]!) || /[?&]d=/.test(text);
  return (texts.find(([name]) => name === "image") ?? texts.find(isAddress))?.[1];
}

/** What the controls tell. */
interface Controls {
  readonly columns: RowColumns;
  readonly tasks: readonly TaskRequest[];
}

/** The answers of each control over all tasks: each a list of words, or a number. */
function collectAnswers(tasks: readonly LabelTask[]): ReadonlyMap<string, readonly unknown[]> {
  const answers = new Map<string, unknown[]>();
  for (const task of tasks) {
    for (const result of annotationOf(task)?.result ?? []) {
      const answer = answerOf(result);
      if (result.from_name === undefined || answer === undefined) continue;
      const list = answers.get(result.from_name) ?? [];
      answers.set(result.from_name, list);
      list.push(answer);
    }
  }
  return answers;
}

/** Controls that may choose several at once, by the labelling interface beside the export. */
async function multipleControls(folder: string): Promise<ReadonlySet<string>> {
  const path = join(folder, "labels.xml");
  const text = (await pathKind(path)) === "file" ? await readTextFile(path) : "";
  const names = [...text.matchAll(/<Choices\b([^>]*)>/g)].flatMap(([, attributes = ""]) =>
    /\bchoice="multiple"/.test(attributes) ? [/\bname="([^"]*)"/.exec(attributes)?.[1] ?? ""] : [],
  );
  return new Set(names);
}

function chooseControls(
  source: string,
  answers: ReadonlyMap<string, readonly unknown[]>,
  multiple: ReadonlySet<string>,
  options: FormatOptions,
  about: AboutLabels | undefined,
): Controls {
  const names = [...answers.keys()];
  const named = { ...(options.tasks === undefined ? about?.columns : {}), ...options.columns };
  const known = chooseColumns(names, named);
  const requested = options.tasks ?? (about === undefined ? undefined : openTasks(about));
  const taken = new Set<string | undefined>(Object.values(known));
  const guessed = names
    .filter((name) => !taken.has(name) && isTask(name, answers.get(name)!))
    .map((name): TaskRequest => ({ name, kind: kindOf(answers.get(name)!, multiple.has(name)) }));
  const tasks = requested ?? guessed;
  const own = tasks.filter(({ name }) => !isBuiltInTask(name)).map((task) => ({ task, header: named[task.name] ?? task.name }));
  const missing = about === undefined ? own.find(({ header }) => !answers.has(header)) : undefined;
  if (missing !== undefined)
    throw layoutError(
      "label-studio",
      source,
      `answers of a control "${missing.header}", or --columns ${missing.task.name}=CONTROL; it has ${names.join(", ")}`,
    );
  if (own.length > 0 || [...labelFields, "age_low" as const].some((field) => known[field] !== undefined))
    return { columns: { known, own }, tasks };
  throw new TensorFaceError(
    "TF_DATASET_LABEL_UNKNOWN",
    `no control of "${source}" tells anything: ${names.join(", ") || "nothing is annotated"}`,
    {
      hint: "Say which one tells what, with --task NAME --columns NAME=CONTROL.",
    },
  );
}

/** A control of boxes that all have the same name only says where something is. */
function isTask(name: string, answers: readonly unknown[]): boolean {
  const words = new Set(answers.flat());
  return isTaskName(name) && !isBuiltInTask(name) && (typeof [...words][0] === "number" || words.size > 1);
}

function kindOf(answers: readonly unknown[], isMultiple: boolean): "number" | "tags" | "classes" {
  if (answers.every((answer) => typeof answer === "number")) return "number";
  return isMultiple || answers.some((answer) => Array.isArray(answer) && answer.length !== 1) ? "tags" : "classes";
}

interface Reading {
  readonly root: string;
  readonly controls: Controls;
  readonly name: string;
  readonly margin: number | undefined;
  /** Whether validation pictures are taken out of training ones. */
  readonly carveValidation: boolean;
}

async function readTask(
  task: LabelTask,
  row: string,
  { root, controls, name, margin, carveValidation }: Reading,
): Promise<(NamedFace | SourceRejection)[]> {
  const { columns } = controls;
  const address = addressOf(task);
  const picture = address === undefined ? undefined : await findPicture(root, address);
  const reject = (reason: SourceRejection["reason"], detail: string): SourceRejection[] => [
    { kind: "rejection", row, ...(address === undefined ? {} : { file: picture ?? address }), reason, detail },
  ];
  if (address === undefined) return reject("malformed-row", "its data names no picture");
  const annotation = annotationOf(task);
  if (annotation === undefined) return reject("unlabelled", "it is not annotated, or was skipped");
  if (picture === undefined) return reject("missing-picture", "the picture is not on this disk");
  const regions = regionsOf(annotation);
  if (typeof regions === "string") return reject("malformed-row", regions);
  const { data } = task;
  const word = textOf(data["split"]);
  const official = partOf(word, carveValidation);
  if (word !== "" && official === undefined) return reject("malformed-row", `split "${word}"`);
  const subject = knownTextOf(data["subject"]);
  return regions.flatMap(({ id, box, values }, index): (NamedFace | SourceRejection)[] => {
    // The data may tell what no control does: race, and moods' votes.
    const read = readLabels((header) => requireReadable(one(header, values, columns) ?? data[header], `${row}, "${header}",`), columns);
    if ("problem" in read) {
      const isOfOutlines = read.reason === "unlabelled" && annotation.result.some(isOutline);
      return reject(read.reason, isOfOutlines ? "its labels are of outlines, which are not read" : read.problem);
    }
    const face = {
      place: box === undefined ? picture : `${picture}#${id}`,
      given: box === undefined ? textOf(data["id"]) : "",
      row,
      file: picture,
      box,
      number: index + 1,
      labels: read.labels,
      notes: read.notes,
      subjectId: subject === "" ? undefined : subject,
      official,
    };
    return [faceRow(face, name, margin)];
  });
}

/** A control's answer; of one that chooses one of several, its word. Several are none of the labels of one's own task, unless they are tags. */
function one(header: string, values: Readonly<Record<string, unknown>>, { own }: RowColumns): unknown {
  const value = values[header];
  if (!Array.isArray(value)) return value;
  const column = own.find((each) => each.header === header);
  if (column?.task.kind === "tags" || (column !== undefined && value.length > 1)) return value;
  return value.join(", ");
}

/** Label Studio's JSON export: tasks with the labels that people gave. A region is cut out; predictions are no labels. */
export const labelStudioImporter: DatasetImporter = {
  format: "label-studio",
  title: "pictures labelled in Label Studio",
  licence: "not stated",
  async open(source, options) {
    const path = await findTasks(source);
    const root = dirname(path);
    const tasks = await readTasks(path);
    const about = await readAbout(root);
    const answers = collectAnswers(tasks);
    checkNamedColumns(
      "label-studio",
      source,
      [...new Set([...answers.keys(), ...tasks.flatMap(({ data }) => Object.keys(data))])],
      options,
    );
    const controls = withData(chooseControls(source, answers, await multipleControls(root), options, about), tasks);
    const name = options.name ?? about?.name ?? "label-studio";
    const hasValidation = tasks.some(({ data }) => partOf(textOf(data["split"]))?.split === "validation");
    const carveValidation = about === undefined && !hasValidation;
    const reading: Reading = { root, controls, name, margin: options.margin, carveValidation };
    const found: (NamedFace | SourceRejection)[] = [];
    for (const [index, task] of tasks.entries())
      found.push(...(await readTask(task, `${basename(path)} task ${task.id ?? index + 1}`, reading)));
    const rows = settleIds(found, { name, isExport: about !== undefined });
    return { root, about, tasks: controls.tasks, total: rows.length, ownsPixels: hasParts(rows), rows: inTurn(rows) };
  },
};

/** What no control asks for: it stands in the tasks' data. */
const dataFields = ["race", "mood_votes", "mood_of_votes", "age_deviation"] as const;

function withData({ columns, tasks }: Controls, labelled: readonly LabelTask[]): Controls {
  const found = dataFields.filter((name) => labelled.some(({ data }) => name in data));
  const known = { ...columns.known, ...Object.fromEntries(found.map((name) => [name, name])) };
  return { columns: { ...columns, known }, tasks };
}
