import { type AgeGroup, type BuiltInTask, genders, isBuiltInTask, kindOfBuiltIn, landmarkNames, moods } from "../core/index.ts";
import type { AnalysisOutcome, AnalyzedFace, AttributeEstimate, Attributes, FaceAnalysis, LabelEstimate } from "./analysis.ts";
import type { ToldTask } from "./face-analyzer.ts";
import { others, pixels, years } from "./rounding.ts";

/** Outcomes as a spreadsheet, piece by piece: the one form of the command line and of the web page. */
export interface OutcomeCsv {
  /** The first line, with the names of the columns. */
  readonly header: string;
  /** The lines of one picture. */
  rows(outcome: AnalysisOutcome): string;
}

/** What the columns depend on. */
export type CsvTask = Pick<ToldTask, "name" | "kind" | "labels" | "sees" | "hasNovelty" | "hasSet">;

/** Built-in tasks as a table needs them. */
export function builtInCsvTasks(tasks: readonly BuiltInTask[]): CsvTask[] {
  return tasks.map((name) => ({ name, kind: kindOfBuiltIn(name), sees: "face", hasNovelty: false, hasSet: false }));
}

/** What stands in a cell: words, a number or nothing. */
export type Cell = string | number | undefined;

/** A column: its name and what stands in it, words or numbers. */
export type OutcomeColumn<Told> =
  | { readonly name: string; readonly isText: true; readonly value: (told: Told) => string | undefined }
  | { readonly name: string; readonly isText?: false; readonly value: (told: Told) => number | undefined };

/** A column of what is told of a face. */
export type FaceColumn = OutcomeColumn<AnalyzedFace>;

/** The columns of faces and pictures by themselves, for tables that have types. */
export interface OutcomeColumns {
  readonly ofFace: readonly FaceColumn[];
  readonly ofPicture: readonly OutcomeColumn<FaceAnalysis>[];
}

/**
 * The columns that {@link createOutcomeCsv} writes, without those of the picture as such and of errors.
 * @param taken names that the table has for other columns
 */
export function outcomeColumns(tasks: readonly CsvTask[], ageGroups: readonly AgeGroup[], taken: readonly string[]): OutcomeColumns {
  const columns = builtInColumns(tasks, ageGroups);
  const names = new Set([...taken, ...columns.map(({ name }) => name)]);
  const own = tasks.filter(({ name }) => !isBuiltInTask(name)).flatMap((task) => attributeColumns(task, names));
  const seen = (sees: "face" | "picture"): OutcomeColumn<{ readonly attributes?: Attributes }>[] =>
    own.flatMap(({ column, ...each }) => (each.sees === sees ? [column] : []));
  return { ofFace: [...columns, ...seen("face")], ofPicture: seen("picture") };
}

/** Before the columns of a face: the picture. `face` counts from 1 and is empty where there is no face. */
const pictureColumns = ["source", "width", "height", "faces", "face"] as const;
const errorColumns = ["error_code", "error_message"] as const;

/**
 * One row a face (RFC 4180, lines end in CR LF); one row without a face for a picture that has none, and one with
 * `error_code` for a picture that failed. The columns depend on the tasks and age groups alone, never on the pictures; what is told of the
 * whole picture stands in each of its rows.
 * @param more columns of a face behind those of the analysis
 */
export function createOutcomeCsv(tasks: readonly CsvTask[], ageGroups: readonly AgeGroup[], more: readonly FaceColumn[] = []): OutcomeCsv {
  const told = tasks.filter(({ name }) => !isBuiltInTask(name));
  const columns = [...builtInColumns(tasks, ageGroups), ...more];
  const taken = new Set([...pictureColumns, ...columns.map(({ name }) => name), ...errorColumns]);
  const own = told.flatMap((task) => attributeColumns(task, taken));
  const blank = columns.map(() => undefined);
  const cells = (outcome: FaceAnalysis, face: AnalyzedFace | undefined): Cell[] =>
    own.map(({ sees, column }) => column.value((sees === "picture" ? outcome : face) ?? {}));
  return {
    header: csvRow([...pictureColumns, ...columns.map(({ name }) => name), ...own.map(({ column }) => column.name), ...errorColumns]),
    rows: (outcome) => {
      if ("error" in outcome) {
        const nothing = [undefined, undefined, undefined, undefined, ...blank, ...own.map(() => undefined)];
        return csvRow([outcome.source, ...nothing, outcome.error.code, outcome.error.message]);
      }
      if (outcome.faces.length === 0) {
        return csvRow([...pictureCells(outcome), undefined, ...blank, ...cells(outcome, undefined), undefined, undefined]);
      }
      return outcome.faces
        .map((face, index) => {
          const ofFace = columns.map(({ value }) => value(face));
          return csvRow([...pictureCells(outcome), index + 1, ...ofFace, ...cells(outcome, face), undefined, undefined]);
        })
        .join("");
    },
  };
}

/**
 * The columns of tasks that are not built in, for tables of another kind.
 * @param taken names that the table has for other columns
 */
export function ownTaskColumns(tasks: readonly CsvTask[], taken: readonly string[]): readonly AttributeColumn[] {
  const names = new Set(taken);
  return tasks.flatMap((task) => attributeColumns(task, names));
}

/** A task that is not built in, as its answer shows it. */
export function taskOfAnswer(name: string, sees: CsvTask["sees"], estimate: AttributeEstimate): CsvTask {
  if ("value" in estimate) return { name, sees, kind: "number", hasNovelty: false, hasSet: false };
  const labels = Object.keys(estimate.probabilities);
  if ("labels" in estimate) return { name, sees, kind: "tags", labels, hasNovelty: false, hasSet: false };
  return { name, sees, kind: "classes", labels, hasNovelty: estimate.novelty !== undefined, hasSet: estimate.set !== undefined };
}

/** A column of a task that is not built in. */
export interface AttributeColumn {
  readonly sees: "face" | "picture";
  readonly column: OutcomeColumn<{ readonly attributes?: Attributes }>;
}

/** `taken`: names of columns that are there; one that a task would take again is marked, and all are added. */
function attributeColumns(task: CsvTask, taken: Set<string>): AttributeColumn[] {
  const { name, sees, kind, labels = [] } = task;
  const at =
    <Value>(read: (estimate: AttributeEstimate) => Value | undefined) =>
    ({ attributes }: { readonly attributes?: Attributes }): Value | undefined => {
      const estimate = attributes?.[name];
      return estimate === undefined ? undefined : read(estimate);
    };
  const nameOf = (suffix: string): string => free(`${name}${suffix}`, taken);
  const words = (suffix: string, read: (estimate: AttributeEstimate) => string | undefined): AttributeColumn => ({
    sees,
    column: { name: nameOf(suffix), isText: true, value: at(read) },
  });
  const number = (suffix: string, read: (estimate: AttributeEstimate) => number | undefined): AttributeColumn => ({
    sees,
    column: { name: nameOf(suffix), value: at(read) },
  });
  if (kind === "number") {
    return [
      number("", (estimate) => ("value" in estimate ? others(estimate.value) : undefined)),
      number("_low", (estimate) => ("value" in estimate ? others(estimate.interval.low) : undefined)),
      number("_high", (estimate) => ("value" in estimate ? others(estimate.interval.high) : undefined)),
    ];
  }
  const answer =
    kind === "tags"
      ? [words("", (estimate) => ("labels" in estimate ? estimate.labels.join(";") || "none" : undefined))]
      : [
          words("", (estimate) => ("label" in estimate ? (estimate.label ?? undefined) : undefined)),
          number("_confidence", (estimate) => ("label" in estimate ? probability(estimate.confidence) : undefined)),
          ...(task.hasSet ? [words("_set", (estimate) => ("label" in estimate ? setCell(estimate.set) : undefined))] : []),
          ...(task.hasNovelty ? [number("_novelty", (estimate) => ("label" in estimate ? probability(estimate.novelty) : undefined))] : []),
        ];
  const each = labels.map((label) =>
    number(`_${label}`, (estimate) => ("probabilities" in estimate ? probability(estimate.probabilities[label]) : undefined)),
  );
  return [...answer, ...each];
}

function free(wish: string, taken: Set<string>): string {
  let name = wish;
  while (taken.has(name)) name = `attribute_${name}`;
  taken.add(name);
  return name;
}

function pictureCells({ source, width, height, faces }: FaceAnalysis): Cell[] {
  return [source, width, height, faces.length];
}

function builtInColumns(tasks: readonly CsvTask[], ageGroups: readonly AgeGroup[]): FaceColumn[] {
  const builtIn = tasks.flatMap(({ name }) => (isBuiltInTask(name) ? [name] : []));
  return faceColumns(builtIn, ageGroups, new Set(tasks.filter(({ hasSet }) => hasSet).map(({ name }) => name)));
}

function faceColumns(tasks: readonly BuiltInTask[], ageGroups: readonly AgeGroup[], withSets: ReadonlySet<string>): FaceColumn[] {
  const columns: FaceColumn[] = [
    { name: "x", value: (face) => pixels(face.box.x) },
    { name: "y", value: (face) => pixels(face.box.y) },
    { name: "box_width", value: (face) => pixels(face.box.width) },
    { name: "box_height", value: (face) => pixels(face.box.height) },
    { name: "score", value: (face) => probability(face.score) },
  ];
  for (const name of landmarkNames) {
    const column = snakeCase(name);
    columns.push(
      { name: `${column}_x`, value: (face) => pixels(face.landmarks[name].x) },
      { name: `${column}_y`, value: (face) => pixels(face.landmarks[name].y) },
    );
  }
  if (tasks.includes("age")) columns.push(...ageColumns(ageGroups));
  if (tasks.includes("gender")) columns.push(...labelColumns("gender", genders, withSets));
  if (tasks.includes("mood")) columns.push(...labelColumns("mood", moods, withSets));
  return columns;
}

function ageColumns(groups: readonly AgeGroup[]): FaceColumn[] {
  return [
    { name: "age_years", value: ({ age }) => age && years(age.years) },
    { name: "age_low", value: ({ age }) => age?.interval.low },
    { name: "age_high", value: ({ age }) => age?.interval.high },
    { name: "age_group", isText: true, value: ({ age }) => age && `${age.group} years` },
    ...groups.map(({ name }) => ({ name: `age_${name}`, value: ({ age }: AnalyzedFace) => probability(age?.probabilities[name]) })),
  ];
}

function labelColumns(name: "gender" | "mood", labels: readonly string[], withSets: ReadonlySet<string>): FaceColumn[] {
  const of = (face: AnalyzedFace): LabelEstimate<string> | undefined => face[name];
  return [
    { name, isText: true, value: (face) => of(face)?.label },
    { name: `${name}_confidence`, value: (face) => probability(of(face)?.confidence) },
    ...(withSets.has(name) ? [{ name: `${name}_set`, isText: true as const, value: (face: AnalyzedFace) => setCell(of(face)?.set) }] : []),
    ...labels.map((label) => ({ name: `${name}_${label}`, value: (face: AnalyzedFace) => probability(of(face)?.probabilities[label]) })),
  ];
}

/** As tags stand in a table. */
function setCell(set: LabelEstimate<string>["set"]): string | undefined {
  return set?.labels.join(";");
}

const probability = (value: number | undefined): number | undefined => (value === undefined ? undefined : others(value));

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A line of a table. */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(encodeCell).join(",")}\r\n`;
}

/** Text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP, "CSV Injection"): a file can be named `=HYPERLINK(...).jpg`. */
export function spreadsheetText(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}

/** Text as a cell holds it; numbers are written as they are. */
function encodeCell(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  const safe = spreadsheetText(cell);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
