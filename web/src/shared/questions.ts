import type { TaskDefinition } from "tensorface/browser";
import type { Likeness, SeenExample, TestMeasures, ToldExample } from "../../../src/retrain/lesson/index.ts";

/** What the page asks of the worker beside pictures, and the answers. What answers is loaded when it is first asked. */

/** Opens a model of the visitor's and tries whether it runs. */
export interface OpenModelAsk {
  readonly files: readonly File[];
}

/** A model of the visitor's, as one file. */
export interface OwnModelFile {
  readonly id: string;
  readonly title: string;
  readonly tasks: readonly TaskDefinition[];
  readonly sees: "face" | "picture";
  readonly file: Blob;
}

/** What of a picture is an example: the face that is found in it, or all of it. */
export type ExampleCrop = "face" | "whole";

/** What a network sees in an example. */
export interface SeeAsk {
  /** A file of the visitor's, or a frame of the camera. */
  readonly picture: Blob;
  readonly crop: ExampleCrop;
  /** Takes the largest of several faces; such pictures are refused otherwise. */
  readonly takesLargest: boolean;
}

/** In words why a picture is no example, or what was seen in it. */
export type SeeAnswer = { readonly reason: string } | Seen;

export interface Seen {
  readonly features: Float32Array;
  /** To find copies by. */
  readonly likeness: Likeness;
  /** SHA-256 of a file; undefined of a frame, and where the browser hashes nothing: on pages that are not secure. */
  readonly sha256: string | undefined;
  /** What the network looked at, small. */
  readonly thumbnail: Blob;
}

/** Makes a model of examples that were seen. It is the one of the profile `taught` from then on. */
export interface TeachAsk {
  readonly id: string;
  readonly task: TaskDefinition;
  readonly crop: ExampleCrop;
  readonly examples: readonly SeenExample[];
}

export interface TeachAnswer {
  readonly model: OwnModelFile;
  readonly measures: TestMeasures;
  readonly told: readonly ToldExample[];
  readonly warnings: readonly string[];
  /** Milliseconds from features to a measured head. */
  readonly took: number;
}
