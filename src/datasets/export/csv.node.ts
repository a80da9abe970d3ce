import { join } from "node:path";
import { foldLabel, type TaskDefinition, TensorFaceError } from "../../core/index.ts";
import { createAtomicWriter } from "../../files/files.node.ts";
import { isKnownHeader, isTagSeparator, isNoTagWord } from "../import/table-words.ts";
import type { AttributeLabel, FaceRecord } from "../record.ts";
import { ageWord, type DatasetExporter, type ExportedLabels, moodOfVotes, renamedColumns, requestsOf, votedMood } from "./export-format.ts";
import { pictureFolder } from "./picture-folder.ts";

const tableName = "labels.csv";

interface Column {
  readonly header: string;
  readonly read: (record: FaceRecord) => string;
}

/** The column of a task that is not built in: its name, but for those that an import takes for something else. */
function headerOf({ name }: TaskDefinition, own: readonly TaskDefinition[]): string {
  const isTwin = own.some((other) => other.name !== name && foldLabel(other.name) === foldLabel(name));
  // No task has a colon in its name.
  return isTwin || isKnownHeader(name) ? `own:${name}` : name;
}

function columnsOf({ builtIn, own, race, beside }: ExportedLabels): readonly Column[] {
  const labels: Column[] = [
    { header: "age", read: ({ labels: { age } }) => (age === undefined ? "" : ageWord(age)) },
    { header: "gender", read: ({ labels: { gender = "" } }) => gender },
    { header: "mood", read: ({ labels: { mood = "" } }) => mood },
  ];
  const sides: Column[] = [
    { header: "age_deviation", read: ({ labels: { age } }) => String(age?.deviation ?? "") },
    { header: "mood_votes", read: ({ labels: { moodVotes = [] } }) => moodVotes.join(";") },
    { header: moodOfVotes, read: ({ labels }) => votedMood(labels) ?? "" },
  ];
  return [
    { header: "file", read: ({ file }) => file },
    { header: "id", read: idBelowSource },
    { header: "split", read: ({ split }) => split },
    { header: "subject", read: ({ subjectId = "" }) => subjectId },
    ...labels.filter(({ header }) => builtIn.some((task) => task === header)),
    ...sides.filter(({ header }) => beside.some((name) => name === header || (name === "mood_votes" && header === moodOfVotes))),
    ...(race ? [{ header: "race", read: ({ labels: { race: word = "" } }: FaceRecord) => word }] : []),
    ...own.map((task) => ({
      header: headerOf(task, own),
      read: ({ labels: { attributes } }: FaceRecord) => ownCell(task.name, attributes?.[task.name]),
    })),
  ];
}

/** An import puts the source's name before the ids of a table. */
function idBelowSource({ id, source }: FaceRecord): string {
  return id.startsWith(`${source}/`) ? id.slice(source.length + 1) : id;
}

function ownCell(task: string, label: AttributeLabel | undefined): string {
  if (label === undefined) return "";
  if (!Array.isArray(label)) return String(label);
  const odd = label.find((tag) => isTagSeparator(tag) || (label.length === 1 && isNoTagWord(tag)));
  if (odd === undefined) return label.join(";") || "none";
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `the tag "${odd}" of ${task} cannot stand in a table: it would be read as something else`,
    {
      hint: "Export as jsonl, which holds every label as it is.",
    },
  );
}

function line(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\n`;
}

/** A table beside its pictures, as `dataset import csv` reads it. */
export function csvExporter(labels: ExportedLabels): DatasetExporter {
  const columns = columnsOf(labels);
  const { own } = labels;
  return {
    folderOf: pictureFolder,
    sharesPictures: true,
    lacks: [],
    async open(folder) {
      const writer = await createAtomicWriter(join(folder, tableName));
      await writer.write(line(columns.map(({ header }) => header)));
      return { ...writer, write: (record) => writer.write(line(columns.map(({ read }) => read(record)))) };
    },
    importing: { format: "csv", file: tableName, tasks: requestsOf(own), columns: renamedColumns(own, (task) => headerOf(task, own)) },
  };
}
