import { z } from "zod";
import { datasetFormats } from "./import/source-row.ts";
import { splits } from "./record.ts";
import { taskDefinitionSchema } from "./tasks.ts";

const countsByName = z.record(z.string(), z.int().min(0));

/** What `dataset.json` says of a dataset as a whole. It holds no date: the same import writes the same bytes. */
export const datasetInfoSchema = z.strictObject({
  schema: z.literal("tensorface.dataset/1"),
  format: z.enum(datasetFormats),
  title: z.string(),
  url: z.string().optional(),
  licence: z.string(),
  /** Folder that `file` in the records is relative to, itself relative to the dataset's folder; `/` between folders. */
  root: z.string(),
  /** What was imported, relative as `root` is; absent in datasets of the first version. */
  source: z.string().optional(),
  manifest: z.enum(["manifest.jsonl", "manifest.parquet"]),
  /** What its labels tell beside age, gender and mood. @default none */
  tasks: z.array(taskDefinitionSchema).optional(),
  /** SHA-256 of the manifest as the import wrote it. */
  manifestSha256: z.string(),
  /** What was asked for, and what was asked: the command line. */
  command: z.string(),
  options: z.record(z.string(), z.unknown()),
  versions: z.record(z.string(), z.string()),
  counts: z.strictObject({
    /** Rows of the source; always faces + rejections. */
    rows: z.int().min(0),
    faces: z.int().min(0),
    rejections: z.int().min(0),
    rejectionsByReason: countsByName,
    /** Rows that had to be mended to be read, by what was mended. */
    notes: countsByName,
    bySplit: z.strictObject({ [splits[0]]: z.int(), [splits[1]]: z.int(), [splits[2]]: z.int() }),
    /** Faces by class; of tags, by each tag; of numbers, by the number in two digits. */
    byLabel: z.object({ age: countsByName, gender: countsByName, mood: countsByName, race: countsByName }).catchall(countsByName),
  }),
});

/** A dataset's `dataset.json`: where it comes from, how it was imported, and what it holds. */
export type DatasetInfo = z.infer<typeof datasetInfoSchema>;
/** How many faces a dataset holds, by split and label, and what was rejected, by reason. */
export type DatasetCounts = DatasetInfo["counts"];
