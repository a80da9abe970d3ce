import { foldLabel, isBuiltInTask, maximumAge, moods, TensorFaceError } from "../../core/index.ts";
import { parseAge, parseGender, parseMood, restoreSpreadsheetRange, roundYears } from "../label-words.ts";
import type { AttributeLabel, FaceLabels } from "../record.ts";
import type { TaskRequest } from "../tasks.ts";
import { readOwnLabel } from "./own-label.ts";
import { parseSplit } from "./split-words.ts";
import type { FormatOptions, OfficialPart } from "./source-row.ts";
import { isNoValueWord, knownHeaders, tagSeparators } from "./table-words.ts";

/** Values by name: a row of a table, whose cells are text, or an object of a JSON file. */
export type ValueOf = (header: string) => unknown;

export type Field = keyof typeof knownHeaders;
export const fields = [
  "file",
  "id",
  "age",
  "age_low",
  "age_high",
  "age_deviation",
  "gender",
  "mood",
  "mood_votes",
  "mood_of_votes",
  "race",
  "subject",
  "split",
] as const satisfies readonly Field[];
/** Years by which those who guess an age may differ, standard deviation: the largest that is taken for one. */
const maximumDeviation = 50;
export const labelFields = ["age", "gender", "mood"] as const;
/** Headers of the one label of a table that is about one task of the user's own. */
const ownHeaders: readonly string[] = ["label", "labels", "class", "category", "target", "value"];

/** A task that is not built in, and the column that tells it. */
export interface OwnColumn {
  readonly task: TaskRequest;
  readonly header: string;
}

/** What is read of a row. */
export interface RowColumns {
  readonly known: Readonly<Partial<Record<Field, string>>>;
  readonly own: readonly OwnColumn[];
  /** See `LabelWriting`. */
  readonly hasDecimalComma?: boolean | undefined;
}

/** The columns of the fields that are known: those that are named, else by their usual names, as far as they are not named for a task. */
export function chooseColumns(headers: readonly string[], named: FormatOptions["columns"] = {}): RowColumns["known"] {
  const columns: Partial<Record<Field, string>> = {};
  const ofTasks = new Set(Object.keys(named).flatMap((name) => (fields.some((field) => field === name) ? [] : [named[name]])));
  // A column `id` that is said to be a person's tells no faces apart.
  const isNamed = new Set(Object.values(named));
  for (const field of fields) {
    const usual: readonly string[] = knownHeaders[field];
    const isFree = (name: string): boolean => !ofTasks.has(name) && (field !== "id" || !isNamed.has(name));
    const header = named[field] ?? headers.find((name) => usual.includes(name.toLowerCase()) && isFree(name));
    if (header !== undefined) columns[field] = header;
  }
  return columns;
}

/** The column of each task that is not built in; `missing` is a task without one. */
export function chooseOwnColumns(
  headers: readonly string[],
  { columns: named, tasks = [] }: Pick<FormatOptions, "columns" | "tasks">,
): { readonly own: readonly OwnColumn[] } | { readonly missing: TaskRequest } {
  const wanted = tasks.filter(({ name }) => !isBuiltInTask(name));
  const own: OwnColumn[] = [];
  for (const task of wanted) {
    const find = (names: readonly string[]): string | undefined => headers.find((header) => names.includes(foldLabel(header)));
    const same = headers.includes(task.name) ? task.name : find([foldLabel(task.name)]);
    const header = named?.[task.name] ?? same ?? (wanted.length === 1 ? find(ownHeaders) : undefined);
    if (header === undefined) return { missing: task };
    own.push({ task, header });
  }
  return { own };
}

/**
 * The columns without one that was only guessed to name the parts of the data: `set` and the like may tell anything, and do where none of their
 * words is a part.
 * @param hasParts whether one of them is
 */
export function withoutGuessedSplit(known: RowColumns["known"], named: FormatOptions["columns"], hasParts: boolean): RowColumns["known"] {
  const { split, ...others } = known;
  const isGuessed = split !== undefined && named?.["split"] === undefined && foldLabel(split) !== "split";
  return isGuessed && !hasParts ? others : known;
}

export type LabelsRead =
  | { readonly labels: FaceLabels; readonly notes: readonly string[] }
  /** `unlabelled`: every label is empty. */
  | { readonly problem: string; readonly reason: "unknown-label" | "unlabelled" };

/**
 * A value as it is, a text or a list of them among others.
 * @param where it stands, for the message
 * @throws {TF_DATASET_INVALID} for text that was not written as UTF-8: a label would be another one, and a picture not be found
 */
export function requireReadable<Value>(value: Value, where: string): Value {
  const odd = [value].flat().find((text) => typeof text === "string" && text.includes("\uFFFD"));
  if (odd === undefined) return value;
  throw new TensorFaceError("TF_DATASET_INVALID", `${where} cannot be read as text: "${String(odd)}"`, {
    hint: "Save the file as UTF-8; in Excel that is the type CSV UTF-8.",
  });
}

/** The labels of a row; empty values are none. */
export function readLabels(valueOf: ValueOf, { known, own, hasDecimalComma }: RowColumns): LabelsRead {
  const built = readBuiltIn((field) => (known[field] === undefined ? undefined : valueOf(known[field])));
  if ("problem" in built) return { ...built, reason: "unknown-label" };
  const attributes: Record<string, AttributeLabel> = {};
  for (const { task, header } of own) {
    const value = valueOf(header);
    if (isEmpty(value)) continue;
    const label = readOwnLabel(value, task, { separator: tagSeparators, hasDecimalComma });
    if (label === undefined) return { problem: `${task.name} "${shown(value)}"`, reason: "unknown-label" };
    attributes[task.name] = label;
  }
  const hasOwn = Object.keys(attributes).length > 0;
  if (hasOwn || built.labels.moodVotes !== undefined || labelFields.some((field) => built.labels[field] !== undefined))
    return { ...built, labels: hasOwn ? { ...built.labels, attributes } : built.labels };
  const names = ["age", "gender", "mood", ...own.map(({ task }) => task.name)];
  return { problem: `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are empty`, reason: "unlabelled" };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.join(", ") : JSON.stringify(value);
}

/** The text of a value: of a number or text; "" where there is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
}

/** The same of a field that is known: "" also where a word such as `NA` says that nothing is. */
export function knownTextOf(value: unknown): string {
  const text = textOf(value);
  return isNoValueWord(text) ? "" : text;
}

function readBuiltIn(get: (field: Field) => unknown): { labels: FaceLabels; notes: readonly string[] } | { problem: string } {
  const { text, isOpen } = ageText(get);
  const written = { age: text, gender: knownTextOf(get("gender")), mood: knownTextOf(get("mood")) };
  const restored = restoreSpreadsheetRange(written.age);
  const rounded = roundYears(restored);
  const deviation = knownTextOf(get("age_deviation"));
  const age = withDeviation(parseAge(rounded), deviation);
  if (age === "wrong") return { problem: `age_deviation "${deviation}"` };
  const labels = { age, gender: parseGender(written.gender), mood: parseMood(written.mood) };
  const wrong = labelFields.find((field) => written[field] !== "" && labels[field] === undefined);
  if (wrong !== undefined) return { problem: `${wrong} "${written[wrong]}"` };
  const race = knownTextOf(get("race"));
  const { moodVotes, notes } = readVotes(labels.mood, { votes: get("mood_votes"), given: get("mood_of_votes") });
  return {
    labels: {
      ...(labels.age === undefined ? {} : { age: labels.age }),
      ...(labels.gender === undefined ? {} : { gender: labels.gender }),
      ...(labels.mood === undefined ? {} : { mood: labels.mood }),
      ...(moodVotes === undefined ? {} : { moodVotes }),
      ...(race === "" ? {} : { race }),
    },
    notes: [
      ...(restored === written.age ? [] : ["age-spreadsheet-date"]),
      ...(rounded === restored ? [] : ["age-rounded"]),
      ...(isOpen ? ["age-open-ended"] : []),
      ...notes,
    ],
  };
}

/**
 * An age in one value, or in two that are its ends. Of one end alone the other is open: that 60 and more are 60 would be wrong of nearly all of
 * them, and the range is true of somebody who is 60, too.
 */
function ageText(get: (field: Field) => unknown): { readonly text: string; readonly isOpen: boolean } {
  const [age, low, high] = [knownTextOf(get("age")), knownTextOf(get("age_low")), knownTextOf(get("age_high"))];
  if (low !== "" && high !== "") return { text: low === high ? low : `${low}-${high}`, isOpen: false };
  if (age !== "" || low === high) return { text: age, isOpen: false };
  return { text: high !== "" ? `0-${high}` : Number(low) === maximumAge ? low : `${low}-${maximumAge}`, isOpen: true };
}

/** An exact age with the deviation of those who told it, where the text is one; a group of ages says itself how far it goes. */
export function withDeviation(age: FaceLabels["age"], text: string): FaceLabels["age"] | "wrong" {
  if (text === "" || age === undefined || age.low < age.high) return age;
  const deviation = Number(text);
  if (!(deviation >= 0 && deviation <= maximumDeviation)) return "wrong";
  return deviation === 0 ? age : { ...age, deviation };
}

/** By how much shares that were rounded, to two digits each, may miss a sum of 1. */
const roundingSlack = 0.05;

/**
 * The votes beside a mood, as far as they are about it.
 * @param votes a share for each mood, as a list or in a cell with `;` between
 * @param given the mood that they stood beside when they were written; empty where that is not said
 */
export function readVotes(
  mood: FaceLabels["mood"],
  { votes, given }: { readonly votes: unknown; readonly given: unknown },
): { readonly moodVotes?: number[]; readonly notes: readonly string[] } {
  if (isEmpty(votes) || (typeof votes === "string" && knownTextOf(votes) === "")) return { notes: [] };
  const moodVotes = sharesOf(votes);
  if (moodVotes === undefined) return { notes: ["mood-votes-unreadable"] };
  // Somebody has changed the mood since: what others said of the face is not what a person decided.
  const word = textOf(given);
  return word !== "" && parseMood(word) !== mood ? { notes: ["mood-votes-of-another-mood"] } : { moodVotes, notes: [] };
}

/** Shares whose sum is 1. */
function sharesOf(value: unknown): number[] | undefined {
  const shares: unknown =
    typeof value === "string" ? value.split(";").map((share) => (share.trim() === "" ? undefined : Number(share))) : value;
  const isShares =
    Array.isArray(shares) &&
    shares.length === moods.length &&
    shares.every((share) => typeof share === "number" && share >= 0 && share <= 1);
  if (!isShares) return undefined;
  const sum = shares.reduce<number>((total, share) => total + Number(share), 0);
  if (Math.abs(sum - 1) > roundingSlack) return undefined;
  // Those that are not rounded come back to the letter.
  return shares.map((share) => (Math.abs(sum - 1) < 1e-6 ? Number(share) : Number(share) / sum));
}

/** Labels of one task alone, from the word of a class or the words of tags; undefined where they are none of it. */
export function labelsOfWords(words: readonly string[], task: TaskRequest): FaceLabels | undefined {
  if (task.kind === "tags" && !isBuiltInTask(task.name)) {
    const tags = readOwnLabel(words, task, { separator: tagSeparators });
    return tags === undefined ? undefined : { attributes: { [task.name]: tags } };
  }
  const [word, ...more] = words;
  if (word === undefined || more.length > 0) return undefined;
  if (!isBuiltInTask(task.name)) {
    const label = readOwnLabel(word, task, { separator: tagSeparators });
    return label === undefined ? undefined : { attributes: { [task.name]: label } };
  }
  const read = readBuiltIn((field) => (field === task.name ? word : undefined));
  // A class may be called none, which tells nothing of these.
  return "problem" in read || Object.keys(read.labels).length === 0 ? undefined : read.labels;
}

/** The part that a word such as `val` stands for; undefined for other words. */
export function partOf(word: string, carveValidation = false): OfficialPart | undefined {
  const split = parseSplit(word);
  return split === undefined ? undefined : { name: word, split, carveValidation };
}
