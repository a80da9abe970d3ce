import type { BuiltInTask } from "../../src/core/index.ts";
import type { TrainingConfigInput } from "../../src/train/index.ts";

/** One training, or one way to use it, that differs from another row in one thing. */
export interface AblationRow {
  /** Also the folder's name. */
  readonly id: string;
  /** What is measured, in words of the table. */
  readonly title: string;
  /** The row that it differs from in this one thing; absent for the row that all others are about. */
  readonly against?: string;
  /** Whether this row or the other has the ingredient; `neither` where nothing is expected of the change. */
  readonly ingredient: "here" | "there" | "neither";
  /** What is trained; or the row whose training is used otherwise. */
  readonly training: TrainingConfigInput | { readonly of: string };
  /** Fields of the configuration that the one thing changes together. @default one field */
  readonly fields?: number;
  /** Answers are means over the face and its mirror image. */
  readonly flip?: boolean;
  /** The words of scripts that write what the training reads. */
  readonly prepare?: readonly (readonly string[])[];
  /** What it learns from beside labels. */
  readonly teacher?: AblationTeacher;
  /** The path of the teacher's manifest, where it is not installed. */
  readonly teacherManifest?: string;
}

export interface AblationMetric {
  readonly task: BuiltInTask;
  readonly metric: "accuracy" | "balancedAccuracy" | "meanAbsoluteError";
  /** Over the column. */
  readonly title: string;
  /** Whether the last column says that an ingredient helps or harms by it. */
  readonly isJudged: boolean;
}

/** An installed model, and what it says of the training faces, one file a dataset of the study: the driver asks it before a row needs it. */
export interface AblationTeacher {
  readonly model: string;
  readonly predictions: string[];
}

/** A recipe in small and its rows, measured on the same faces. */
export interface AblationStudy {
  /** Names the folder and, after `ablations-`, the part of the page. */
  readonly id: string;
  /** Imported datasets, each with the split whose faces all rows are measured on, together. */
  readonly data: readonly { readonly format: string; readonly split: string; readonly title: string }[];
  readonly metrics: readonly AblationMetric[];
  /** All rows, the most wanted first: a run may be stopped after any of them. */
  readonly rows: readonly AblationRow[];
}

/** Where everything of a study is kept. */
export function studyFolder(id: string): string {
  return `.runs/ablations/${id}`;
}

export function teacherOf(study: string, formats: readonly string[], model: string): AblationTeacher {
  return { predictions: formats.map((format) => `${studyFolder(study)}/${model}-${format}.jsonl`), model };
}

const otherSeed = 8;

/** The rows that every study begins with: the recipe as it is, what chance alone does, and the mirror image. */
export function commonRows(whole: TrainingConfigInput): readonly AblationRow[] {
  return [
    { id: "whole", title: "the whole recipe", ingredient: "neither", training: whole },
    {
      id: "seed",
      title: "another seed, nothing else",
      against: "whole",
      ingredient: "neither",
      training: { ...whole, seed: otherSeed },
    },
    {
      id: "mirror",
      title: "mean over the mirror image, at test time",
      against: "whole",
      ingredient: "here",
      training: { of: "whole" },
      flip: true,
    },
  ];
}

/** Makes rows that lack one thing of the whole recipe. */
export function withoutFrom(whole: TrainingConfigInput) {
  return (id: string, title: string, change: Partial<TrainingConfigInput>, fields = 1): AblationRow => ({
    id,
    title,
    against: "whole",
    ingredient: "there",
    training: { ...whole, ...change },
    fields,
  });
}

/** What a row is made by, as far as it decides its numbers: a row that uses another's training changes with that. */
export function describeRecipe({ rows }: Pick<AblationStudy, "rows">, { training, flip = false }: AblationRow): string {
  const made = "of" in training ? rows.find(({ id }) => id === training.of)!.training : training;
  return JSON.stringify({ training: made, flip });
}
