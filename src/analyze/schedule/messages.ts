import type { Answerer } from "../../bridge/index.ts";
import type { FaceAnalysis } from "../analysis.ts";
import type { AnalyzeOptions, AnalyzerOptions, NodeAnalyzerOptions } from "../options.ts";

/** What a thread is started with: options that can be sent to it. */
export type WorkerOptions = Omit<AnalyzerOptions, "onLoad" | "heads"> & Pick<NodeAnalyzerOptions, "modelsFolder">;

/** What a thread is asked. */
export interface PictureQuestion<Input> extends Pick<AnalyzeOptions, "source" | "near" | "facesOnly"> {
  readonly input: Input;
}

/** What a thread answers. */
export interface AnalysisService<Input> {
  /** When its networks are loaded. */
  readonly ready: Answerer<undefined, void>;
  readonly analyze: Answerer<PictureQuestion<Input>, FaceAnalysis>;
  /** When what it has under way is finished and its networks are let go of: then it may be ended. */
  readonly dispose: Answerer<undefined, void>;
}
