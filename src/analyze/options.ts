import type { LandmarkTemplate } from "../align/index.ts";
import type { AgeGroup, BoundingBox, OptionNames, ProgressListener } from "../core/index.ts";
import type { ModelReference } from "../models/index.ts";
import type { FaceAnalysis } from "./analysis.ts";

/** What may find the faces; what each is good at is measured in docs/lab/detection.md. */
export const detectorChoices = ["blazeface", "ssd", "dlib"] as const;
/** One of the detectors. */
export type DetectorChoice = (typeof detectorChoices)[number];

/** The detector that is best by measurement: docs/lab/detection.md. */
export const defaultDetector: DetectorChoice = "blazeface";

/** What an analyzer tells, and how: set once, when it is made. */
export interface AnalyzerOptions {
  /**
   * The tasks to tell: some of `age`, `gender`, `mood` and what the `models` tell. Where only heads for whole pictures are among them, no
   * face is looked for.
   * @default ["age", "gender", "mood"], and all that the `models` tell
   */
  readonly tasks?: readonly string[] | undefined;
  /** The same, by its older name: give one of the two. @default as `tasks` */
  readonly heads?: readonly string[] | undefined;
  /**
   * Models to use beside the installed ones or in their place: of two that tell a built-in task, the first. Each is an id, a path (of a
   * model's folder, its manifest or a one-file model; in the browser an address), or the contents of a one-file model.
   * @default the registry's choice for each built-in task
   */
  readonly models?: readonly ModelReference[] | undefined;
  /**
   * What finds the faces. `dlib` finds what dlib's frontal face detector finds, the false ones too: upright faces, in boxes from 73 pixels up, in all pixels of a
   * picture, with scores from 0 on without an end.
   * @default "blazeface"
   */
  readonly detector?: DetectorChoice | undefined;
  /**
   * The smallest face to look for: the longer side of its box, in pixels of the source picture. Smaller takes longer, in the square.
   * @default 1/64 of the picture's longer side, at least 20; of a panorama or strip, longer than 16:9, that of a 4:3 photograph of its area; with
   *   `dlib` all that it finds
   */
  readonly minFaceSize?: number | undefined;
  /** Leave out faces of which the detector is less sure: its raw score, 0..1; of `dlib` from 0 on, about 1.5 for a sure face. @default 0, all that are found */
  readonly minScore?: number | undefined;
  /** Keep at most this many faces of a picture, the largest. @default 256 */
  readonly maxFaces?: number | undefined;
  /** Also look for faces that lie on their side or upside down; takes about four times as long. @default false */
  readonly anyRotation?: boolean | undefined;
  /** The groups that age probabilities are summed into; a year between two counts for the nearer one, a year in two for the first. @default Adience's eight */
  readonly ageGroups?: readonly AgeGroup[] | undefined;
  /** Average each head over the face and its mirror image: a little more accurate, twice the head's time. @default as each head's manifest says */
  readonly flipAveraging?: boolean | undefined;
  /**
   * Where the networks run: in Node `cpu`, or what the engine's build has beside it (`webgpu`, `cuda`, ...); in a browser `webgpu` or `wasm`.
   * @default in Node "cpu"; in a browser the first that works, WebGPU before WebAssembly
   */
  readonly device?: string | undefined;
  /** Threads inside one operation of a network. @default the engine's choice, all physical cores */
  readonly threads?: number | undefined;
  /** Pictures in work at the same time, of all calls together; others wait. @default the platform's: in Node twice the cores, and 3 for each worker; 2 in a browser */
  readonly concurrency?: number | undefined;
  /** Told while the networks are read: stage "load", bytes done of all; networks that are there already count at once. */
  readonly onLoad?: ProgressListener | undefined;
  /** What a picture may be, checked before it is decoded. @default the decoder's limits */
  readonly limits?: PictureLimits | undefined;
}
export const analyzerOptionNames: OptionNames<AnalyzerOptions> = {
  tasks: true,
  heads: true,
  models: true,
  detector: true,
  minFaceSize: true,
  minScore: true,
  maxFaces: true,
  anyRotation: true,
  ageGroups: true,
  flipAveraging: true,
  device: true,
  threads: true,
  concurrency: true,
  onLoad: true,
  limits: true,
};

/** What only Node has: threads that help, and models in a folder. */
export interface NodeAnalyzerOptions extends AnalyzerOptions {
  /**
   * Threads that help once 16 pictures have followed each other without a pause, in `analyzeAll` or in overlapping calls of `analyze`. Each
   * has networks of its own: about 250 MiB. They are started when they are first needed and end with `dispose`; 0 for none.
   * @default one less than there are processor cores, at most 3; 0 where `threads` or another device than `cpu` is asked for
   */
  readonly workers?: number | undefined;
  /** Where the package's folder `models` lies, for programs that a bundler moved away from it. @default in the package */
  readonly modelsFolder?: string | undefined;
}
export const nodeAnalyzerOptionNames: OptionNames<NodeAnalyzerOptions> = { ...analyzerOptionNames, workers: true, modelsFolder: true };

/** How large a picture may be; a larger one is an error before it is decoded. */
export interface PictureLimits {
  /** Largest file, in bytes. @default 67108864 (64 MiB) */
  readonly maxBytes?: number | undefined;
  /** Largest picture, in pixels (width times height, before any scaling). @default 128000000 */
  readonly maxPixels?: number | undefined;
}
export const pictureLimitNames: OptionNames<PictureLimits> = { maxBytes: true, maxPixels: true };

/** What may be said of one picture's analysis. */
export interface AnalyzeOptions {
  /** Stops the work with TF_ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** The `source` of the result. @default the path, URL or file name; "the picture", or in a row "picture N", where there is none */
  readonly source?: string | undefined;
  /**
   * Told what is known so far: first the faces without answers, then again whenever some of them have theirs; no more after an abort.
   * What it throws, the call rejects with.
   */
  readonly onFaces?: ((soFar: FaceAnalysis) => void) | undefined;
  /**
   * Look around these places alone, in pixels of the picture: where the faces of a film's last frame have probably gone. Who is elsewhere is not found;
   * a face that went farther than its own width neither. Takes a small part of the time while the places are few. Detectors that cannot look at parts, `ssd`
   * and `dlib`, search the whole picture.
   * @default the whole picture
   */
  readonly near?: readonly BoundingBox[] | undefined;
  /** Find the faces, and tell nothing of them or of the picture. @default false */
  readonly facesOnly?: boolean | undefined;
}
export const analyzeOptionNames: OptionNames<AnalyzeOptions> = { signal: true, source: true, onFaces: true, near: true, facesOnly: true };

/** What may be said of a whole row of pictures. */
export interface AnalyzeAllOptions {
  /** Stops the stream with TF_ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** Told after every picture: stage "analyze", pictures done, and their total where the input is an array. */
  readonly onProgress?: ProgressListener | undefined;
}
export const analyzeAllOptionNames: OptionNames<AnalyzeAllOptions> = { signal: true, onProgress: true };

/** How faces are cut out: by their box and a margin, or by the template of a head. */
export interface CropOptions {
  /** Sides of each crop, in pixels, 1..4096: of a square; with `template` also the width and height of a head's input. @default 224 */
  readonly size?: number | { readonly width: number; readonly height: number } | undefined;
  /**
   * Where the five landmarks shall stand in the crop, as shares of its width and height: the `template` of a head's manifest (`analyzer.manifests`) cuts
   * what that head sees. Turns the face upright and sets its size, so that `margin` and `align` do not go with it.
   * @default none, the detector's box
   */
  readonly template?: LandmarkTemplate | undefined;
  /** What is added to the box at each side, as a share of its longer side, 0..10. @default 0.25 */
  readonly margin?: number | undefined;
  /** Turn the crop about the box's middle, so that the eyes stand level. @default false */
  readonly align?: boolean | undefined;
}
export const cropOptionNames: OptionNames<CropOptions> = { size: true, template: true, margin: true, align: true };
