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
}

export interface EngineResult {
  readonly faces: number;
  /** Milliseconds of the stages, where the engine tells them. */
  readonly stages?: Readonly<Record<string, number>>;
}

export const engineNames = ["tensorface", "human", "face-api"] as const;
export type EngineName = (typeof engineNames)[number];

/** Loads an engine with its networks. Nothing of the others is loaded. */
export async function loadEngine(name: EngineName): Promise<BenchEngine> {
  if (name === "tensorface") return (await import("./tensorface.ts")).loadTensorFace();
  if (name === "human") return (await import("./human.ts")).loadHuman();
  return (await import("./face-api.ts")).loadFaceApi();
}
