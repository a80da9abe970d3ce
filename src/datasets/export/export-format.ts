import type { BuiltInTask, Mood, TaskDefinition } from "../../core/index.ts";
import type { DatasetInfo } from "../dataset-info.ts";
import type { DatasetFormat } from "../import/source-row.ts";
import type { FaceLabels, FaceRecord } from "../record.ts";
import type { TaskRequest } from "../tasks.ts";

/** The layouts that a dataset can be written in. */
export const exportFormats = ["csv", "folders", "jsonl", "parquet", "imagefolder", "coco", "label-studio"] as const;
/** A layout that datasets are written in. */
export type ExportFormat = (typeof exportFormats)[number];

/** What is told of every face of an export. */
export interface ExportedLabels {
  readonly info: DatasetInfo;
  /** Built-in tasks of which there are labels. */
  readonly builtIn: readonly BuiltInTask[];
  /** Tasks that are not built in. */
  readonly own: readonly TaskDefinition[];
  /** Whether labels of race are written. */
  readonly race: boolean;
  /** What any of them tells beside its class. */
  readonly beside: readonly SideLabel[];
}

/** What a face's labels may tell beside a class, by the name of its column. */
export type SideLabel = "age_deviation" | "mood_votes";

/** Which of them a face has. */
export function sideLabelsOf({ age, moodVotes }: FaceLabels): readonly SideLabel[] {
  return [...(age?.deviation === undefined ? [] : ["age_deviation" as const]), ...(moodVotes === undefined ? [] : ["mood_votes" as const])];
}

/**
 * Beside votes: the mood that they stand with. An import knows by it that somebody has changed the mood, which votes that contradict it and were
 * so from the beginning, as FER+'s often do, would not show.
 */
export const moodOfVotes = "mood_of_votes";

/** What stands there; undefined where there are no votes, or votes alone. */
export function votedMood({ mood, moodVotes }: FaceLabels): Mood | undefined {
  return moodVotes === undefined ? undefined : mood;
}

/** Writes what is said of the faces, in order of their ids; a record's `file` is where its picture is in the export. */
export interface LabelSheet {
  write(record: FaceRecord): Promise<void>;
  commit(): Promise<void>;
  /** Lets go of files that will not be finished. */
  abandon(): Promise<void>;
}

export interface DatasetExporter {
  /** The folder of a face's picture, `/` between folders. @throws {TF_INVALID_ARGUMENT} for a label or subject that cannot name one */
  folderOf(record: FaceRecord): string;
  /** Whether faces of one picture share its copy; else each has its own. */
  readonly sharesPictures: boolean;
  /** What it has no place for. */
  readonly lacks: readonly SideLabel[];
  /** Begins the files beside the pictures, in an empty folder. */
  open(folder: string): Promise<LabelSheet>;
  /** How `dataset import` reads the export again; absent for what every command opens as it is. */
  readonly importing?: {
    readonly format: DatasetFormat;
    /** What is named of the export. @default its folder */
    readonly file?: string;
    /** What the labels tell, as far as the layout does not say it. */
    readonly tasks: readonly TaskRequest[];
    /** The column of each task that has another name there. */
    readonly columns?: Readonly<Record<string, string>>;
  };
}

/** The labels of one task alone; undefined where there is none. @param task all labels where it is not given */
export function labelsOf(labels: FaceLabels, task: string | undefined): FaceLabels | undefined {
  if (task === undefined) return labels;
  if (task === "age") return labels.age && { age: labels.age };
  if (task === "gender") return labels.gender && { gender: labels.gender };
  if (task === "mood") return labels.mood && { mood: labels.mood, ...(labels.moodVotes && { moodVotes: labels.moodVotes }) };
  const label = labels.attributes?.[task];
  return label === undefined ? undefined : { attributes: { [task]: label } };
}

/** An age as every importer reads it: `25` or `25-32`. */
export function ageWord({ low, high }: NonNullable<FaceLabels["age"]>): string {
  return low === high ? String(low) : `${low}-${high}`;
}

/** Tasks that are not built in, as an import is asked for them. */
export function requestsOf(own: readonly TaskDefinition[]): TaskRequest[] {
  // Age alone is of that kind, and it is built in.
  return own.flatMap(({ kind, ...task }) => (kind === "age" ? [] : [{ ...task, kind }]));
}

/** The columns of the tasks that have other names there. */
export function renamedColumns(own: readonly TaskDefinition[], headerOf: (task: TaskDefinition) => string): Record<string, string> {
  return Object.fromEntries(own.filter((task) => headerOf(task) !== task.name).map((task) => [task.name, headerOf(task)]));
}
