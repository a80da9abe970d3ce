import type { OptionNames } from "../../core/index.ts";
import type { FaceLabels, Split } from "../record.ts";
import type { TaskRequest } from "../tasks.ts";

/** The layouts that can be imported. */
export const datasetFormats = [
  "adience",
  "fairface",
  "fer2013",
  "utkface",
  "folder",
  "csv",
  "coco",
  "imagefolder",
  "label-studio",
] as const;
/** A layout that datasets are read from. */
export type DatasetFormat = (typeof datasetFormats)[number];

/** Formats of data that is the user's own: two such datasets have nothing in common but their layout. */
const ownFormats: ReadonlySet<string> = new Set<DatasetFormat>(["folder", "csv", "coco", "imagefolder", "label-studio"]);

export function isOwnFormat(format: string): boolean {
  return ownFormats.has(format);
}

/** By which names faces are known: their dataset's, and the published one's where it was imported under another name. */
export function sourceNames(source: string, format: string): string[] {
  return source === format || isOwnFormat(format) ? [source] : [source, format];
}

/** Why a row of a source did not become a face. */
export const rejectionReasons = [
  "missing-picture",
  "unreadable-picture",
  "unknown-label",
  "unlabelled",
  "dropped-label",
  "malformed-row",
  "malformed-name",
  "not-a-face",
  "duplicate-id",
  "empty-class",
  "missing-part",
] as const;
/** Why a row of a source became no face. */
export type RejectionReason = (typeof rejectionReasons)[number];

/** A part of the data as its makers cut it. */
export interface OfficialPart {
  /** Their name for it: `val`, `PublicTest`, `fold-0`. */
  readonly name: string;
  readonly split: Split;
  /** Whether the dataset has no validation part of its own, so that one is cut from its training data. */
  readonly carveValidation: boolean;
}

/** A rectangle in a picture, in pixels of the picture as its table knows it. */
export interface PictureBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The picture's size in its table, where it says one: it may have been scaled since. */
  readonly within?: { readonly width: number; readonly height: number } | undefined;
}

/**
 * A picture of the source: a file below its root, bytes of one, a part of either, or grey pixels; the latter two are written to `file` as PNG.
 */
export interface PictureSource {
  /** Relative to the root, `/` between folders. */
  readonly file: string;
  /** The bytes of a file that the source holds itself. */
  readonly bytes?: Uint8Array | undefined;
  /** The file below the root, where it is called otherwise there. @default `file` */
  readonly from?: string | undefined;
  /** The part of another file that is cut out. */
  readonly part?: { readonly file: string; readonly box: PictureBox } | undefined;
  readonly pixels?: { readonly width: number; readonly height: number; readonly grey: Uint8Array };
}

/** A face that a source lists. Its picture has not been looked at yet. */
export interface SourceFace {
  readonly kind: "face";
  /** Stable across imports, unique in the source. */
  readonly id: string;
  /** Where it is listed, for messages: `labels.csv row 12`. */
  readonly row: string;
  readonly picture: PictureSource;
  readonly labels: FaceLabels;
  readonly subjectId?: string | undefined;
  readonly official?: OfficialPart | undefined;
  readonly fold?: number | undefined;
  /** What had to be mended to read the row, counted in `dataset.json`: `age-spreadsheet-date`. */
  readonly notes?: readonly string[];
}

/** A row that is no usable face, with the reason. */
export interface SourceRejection {
  readonly kind: "rejection";
  readonly row: string;
  readonly file?: string;
  readonly reason: RejectionReason;
  /** For people: what was found. */
  readonly detail: string;
}

export type SourceRow = SourceFace | SourceRejection;

/** What only some formats look at. */
export interface FormatOptions {
  /** Adience: `strict` keeps the eight published groups only, `mapped` puts odd labels into them. @default "strict" */
  readonly labels?: "strict" | "mapped" | undefined;
  /** Adience: which pictures. @default "aligned" where that folder is there, else "faces" */
  readonly pictures?: "faces" | "aligned" | undefined;
  /** Adience: the frontal subset's label files (`fold_frontal_*`). @default false */
  readonly frontal?: boolean | undefined;
  /** Adience: the fold that is the test set, 0 to 4. @default 4 */
  readonly testFold?: number | undefined;
  /** FER2013: path of `fer2013new.csv` with the FER+ votes. @default the one beside the labels, if there */
  readonly ferPlus?: string | undefined;
  /** CSV: the column of each field, by field: `{ file: "path", mood: "emotion" }`. @default recognised by name */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /**
   * Of your own data: what the labels tell, where it is not (only) age, gender or mood: any words or numbers. Of folders and COCO one task:
   * all class folders or categories are its labels. @default what an export says of itself
   */
  readonly tasks?: readonly TaskRequest[] | undefined;
  /** Of your own data: the source's name in ids and records. @default what an export says of itself, else the format */
  readonly name?: string | undefined;
  /** How much around a box is cut out with it, as a share of its sides. @default 0, of the boxes in an analysis 0.4 */
  readonly margin?: number | undefined;
}
export const formatOptionNames: OptionNames<FormatOptions> = {
  labels: true,
  pictures: true,
  frontal: true,
  testFold: true,
  ferPlus: true,
  columns: true,
  tasks: true,
  name: true,
  margin: true,
};

export interface DatasetImporter {
  readonly format: DatasetFormat;
  readonly title: string;
  /** Where the data and its terms are published; absent for data of the user's own. */
  readonly url?: string;
  readonly licence: string;
  /**
   * Every row of the source, always in the same order.
   * @param source a path as the user gave it
   * @throws {TF_INPUT_NOT_FOUND} when nothing is there
   * @throws {TF_DATASET_LAYOUT} when it is something else
   */
  open(source: string, options: FormatOptions): Promise<OpenSource>;
}

export interface OpenSource {
  /** The folder that picture paths are relative to. */
  readonly root: string;
  /** How many rows there will be, where that is known beforehand. */
  readonly total?: number;
  /** Whether some pictures are given as pixels or parts, so that all are written into the dataset's folder. */
  readonly ownsPixels?: boolean;
  /** What the source says of itself. */
  readonly about?:
    | { readonly name: string; readonly title: string; readonly url?: string | undefined; readonly licence: string }
    | undefined;
  /** What the labels tell, as asked for or as the source says itself. @default the tasks of the options */
  readonly tasks?: readonly TaskRequest[] | undefined;
  readonly rows: AsyncIterable<SourceRow>;
}
