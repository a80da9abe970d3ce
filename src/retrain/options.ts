import type { OptionNames, ProgressListener, TaskDefinition } from "../core/index.ts";
import type { HeadManifest } from "../models/index.ts";
import type { CropChoice } from "./decide-crop.node.ts";
import type { TestMeasures } from "./measure.ts";

/** How a task is answered, where the user says it. */
export const retrainKinds = ["classes", "ordered", "tags", "number"] as const;
/** How a task that `retrain` makes is answered. */
export type RetrainKind = (typeof retrainKinds)[number];

/** What `retrain` is told beside its source; all of it may be left out. */
export interface RetrainOptions {
  /** Folder of the model. @default the name */
  readonly out?: string | undefined;
  /** What the model is called: lower case, digits, dashes. @default as the folder of `out`; without one the source's name and `-model` */
  readonly name?: string | undefined;
  /** What it tells: the field of its answers. @default the source's name, or the one task of a dataset */
  readonly task?: string | undefined;
  /** @default `ordered` where every class folder begins with another number, as `0-9` and `10-19`; else `classes`; a dataset says it */
  readonly kind?: RetrainKind | undefined;
  /** @default "auto": looks at some pictures */
  readonly crop?: CropChoice | undefined;
  /** Takes the largest face of a picture with several, where faces are cut out. @default false: such pictures are left out */
  readonly largest?: boolean | undefined;
  /**
   * An installed network or the path of one, also of one that was made elsewhere. Several with `+` between look side by side; of several
   * with commas between the best one is chosen by cross-validation.
   * @default by cross-validation the best of `age-gender-10+mood-9`, `faceres`, an earlier layer of `faceres`, and up to three that the user imported
   */
  readonly backbone?: string | undefined;
  /**
   * How a network that was made elsewhere wants its pictures, where its files do not say it: pixels of a side as `299`, or width and height
   * as `224x192`. @default as its files say
   */
  readonly size?: string | undefined;
  /**
   * And what becomes of the pixels: `0..1`, `-1..1`, `0..255`, `imagenet`, or `MEAN:DEVIATION` in units of 0..255. @default as its files say
   */
  readonly scale?: string | undefined;
  /**
   * Learns the network's last blocks on as well, with the chosen head, and keeps whichever is better on pictures that are not asked at the
   * end. It takes minutes to hours. @default false
   */
  readonly fineTune?: boolean | undefined;
  /** Folder of what was computed: faces found, features. @default `.cache/retrain` */
  readonly cache?: string | undefined;
  /** Parts of the data that take turns in choosing and asking, 2 to 100. @default 5; 3 of more than 1,000 pictures */
  readonly folds?: number | undefined;
  /** A whole number from 0 on. @default 1 */
  readonly seed?: number | undefined;
  /** Whether the report shows pictures of the examples. @default true */
  readonly pictures?: boolean | undefined;
  /** Told what was decided, a line at a time. */
  readonly onNote?: ((note: string) => void) | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}
export const retrainOptionNames: OptionNames<RetrainOptions> = {
  out: true,
  name: true,
  task: true,
  kind: true,
  crop: true,
  largest: true,
  backbone: true,
  size: true,
  scale: true,
  fineTune: true,
  cache: true,
  folds: true,
  seed: true,
  pictures: true,
  onNote: true,
  onProgress: true,
  signal: true,
};

/** A picture that was left out: a reason in few words, as `no face`. */
export interface LeftOut {
  readonly file: string;
  readonly reason: string;
}

/** What learning the network's last blocks on has brought. */
export interface FineTuning {
  /** Whether the model is the one that was learnt on: it was better on the pictures that validate. */
  readonly isKept: boolean;
  /** Mean loss on the pictures that validate, before and after. */
  readonly before: number;
  readonly after: number;
  /** The pass that was best, and how many there were. */
  readonly epoch: number;
  readonly epochs: number;
  readonly validated: number;
}

/** A model that was made, and how good it is. */
export interface RetrainResult {
  /** Folder of the model. */
  readonly out: string;
  readonly manifest: HeadManifest;
  readonly task: TaskDefinition;
  /** Examples that it was made of; those that it learnt from, and those that it was asked about at the end. */
  readonly examples: { readonly used: number; readonly learnt: number; readonly tested: number };
  /** By label, in the order of the task's labels; by tag for tags; none for numbers. */
  readonly counts: readonly number[];
  readonly testKind: "cross-validation" | "held out";
  readonly measures: TestMeasures;
  readonly leftOut: readonly LeftOut[];
  /** Pictures of a dataset that its review has dropped, or given another label of the task; absent where no decisions are applied. */
  readonly cleaning?: { readonly dropped: number; readonly relabelled: number } | undefined;
  readonly fineTuning?: FineTuning | undefined;
  /** What a reader must know before believing the numbers. */
  readonly warnings: readonly string[];
}
