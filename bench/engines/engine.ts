import type { NodeAnalyzerOptions } from "../../src/_entries/node.ts";
import type { BoundingBox, Gender } from "../../src/core/index.ts";

/** One contestant. Each lives in a process of its own, so that its memory is its own. */
export interface BenchEngine {
  /** Name, version and how it is set up, as the report prints it. */
  readonly name: string;
  readonly version: string;
  readonly setup: string;
  /** Analyses one picture file: detection, age, gender and mood of every face. */
  analyze(path: string): Promise<EngineResult>;
  /** Analyses many, as the engine does it best; the number of faces found. */
  analyzeAll(paths: readonly string[]): Promise<number>;
  /** How many of the files are refused, for being too large. */
  countRefused?(paths: readonly string[]): Promise<number>;
  /** All that is said of the faces of some pictures, where two builds of one engine are compared. */
  say?(paths: readonly string[]): Promise<SaidOfFace[][]>;
}

/** What every engine says of a face. */
export interface FoundFace {
  /** In pixels of the picture. */
  readonly box: BoundingBox;
  /** Absent, like the gender, where the engine says nothing. */
  readonly years?: number | undefined;
  /** Where the engine names a group by itself; of the groups in its options. */
  readonly ageGroup?: string | undefined;
  readonly gender?: Gender | undefined;
}

/** All numbers that are said of a face. */
export interface SaidOfFace {
  readonly box: BoundingBox;
  /** By task and label: `mood happy`. */
  readonly probabilities: Readonly<Record<string, number>>;
}

export interface EngineResult {
  readonly faces: readonly FoundFace[];
  /** Milliseconds of the stages, where the engine tells them. */
  readonly stages?: Readonly<Record<string, number>>;
}

export const engineNames = ["tensorface", "human", "face-api"] as const;
export type EngineName = (typeof engineNames)[number];

/** Loads an engine with its networks. Nothing of the others is loaded. `options` are TensorFace's, and so is `build`, the folder of its clone. */
export async function loadEngine(name: EngineName, options: NodeAnalyzerOptions = {}, build?: string): Promise<BenchEngine> {
  if (name === "tensorface") return (await import("./tensorface.ts")).loadTensorFace(options, build);
  if (name === "human") return (await import("./human.ts")).loadHuman();
  return (await import("./face-api.ts")).loadFaceApi();
}
