import { z } from "zod";
import { genders, moods } from "../core/index.ts";

/** A label of a task that is not built in: a class or group, a list of tags, or a number. */
const attributeLabelSchema = z.union([z.string(), z.array(z.string()), z.number()]);

/** The labels of one face; each is absent where the dataset does not tell. */
export const faceLabelsSchema = z.strictObject({
  /**
   * Whole years, both ends included; `low === high` is an exact age. `deviation`: by how many years (standard deviation) people
   * differ who guessed it, where several did.
   */
  age: z
    .strictObject({ low: z.int().min(0), high: z.int().min(0).max(150), deviation: z.number().positive().max(50).optional() })
    .optional(),
  gender: z.enum(genders).optional(),
  mood: z.enum(moods).optional(),
  /** Share of votes for each mood in the order of `moods`, sum 1: soft targets (FER+). */
  moodVotes: z.array(z.number().min(0).max(1)).length(moods.length).optional(),
  /** As annotated; only for reports by group, never an output of a model. */
  race: z.string().optional(),
  /** Labels of tasks that are not built in, by task; `dataset.json` says what the tasks are. */
  attributes: z.record(z.string(), attributeLabelSchema).optional(),
});

/** The parts of a dataset, in the order that reports use. */
export const splits = ["train", "validation", "test"] as const;

/** One line of a dataset's `manifest.jsonl`: a face and what is known of it. */
export const faceRecordSchema = z.strictObject({
  /** Unique in the dataset, stable across imports; the manifest is sorted by it. */
  id: z.string().min(1),
  /** Picture, relative to the dataset's root, `/` between folders. */
  file: z.string().min(1),
  /** SHA-256 of the picture's bytes. */
  sha256: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  labels: faceLabelsSchema,
  /** Who is on it, where known; a subject never stands on both sides of a split. */
  subjectId: z.string().optional(),
  /** Near-duplicate group, once duplicates were searched. */
  group: z.string().optional(),
  /** Which dataset it comes from: `fairface`, `fer2013`, ... */
  source: z.string(),
  split: z.enum(splits),
  /** The dataset's own name of the part it stands in: `val`, `PublicTest`, `fold-0`. */
  officialSplit: z.string().optional(),
  /** Cross-validation fold, where the dataset has them: the makers', until others are drawn. */
  fold: z.int().min(0).optional(),
});

/** The part of a dataset that a face belongs to. */
export type Split = (typeof splits)[number];
export type AttributeLabel = z.infer<typeof attributeLabelSchema>;
/** The labels of one face; each is absent where the dataset does not tell. */
export type FaceLabels = z.infer<typeof faceLabelsSchema>;
/** One line of a dataset's `manifest.jsonl`: a face and what is known of it. */
export type FaceRecord = z.infer<typeof faceRecordSchema>;
