import type { ErrorReport } from "../../core/index.ts";
import type { FaceAnalysis } from "../analysis.ts";
import type { AnalyzerOptions, NodeAnalyzerOptions } from "../options.ts";

/** What a thread is started with: options that can be sent to it. */
export type WorkerOptions = Omit<AnalyzerOptions, "onLoad" | "heads"> & Pick<NodeAnalyzerOptions, "modelsFolder">;

/** What goes to a thread: a picture, that nobody waits for it any more, or that it shall finish what it has under way and let go of its networks. */
export type WorkerRequest<Input> =
  | { readonly kind: "analyze"; readonly id: number; readonly input: Input; readonly source: string | undefined }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "dispose" };

/** What comes back: that the networks are loaded, then a result for each picture, and in the end that the thread may be ended. */
export type WorkerReply =
  | { readonly kind: "ready" }
  | { readonly kind: "disposed" }
  | { readonly kind: "done"; readonly id: number; readonly analysis: FaceAnalysis }
  | { readonly kind: "failed"; readonly id: number; readonly error: ErrorReport };
