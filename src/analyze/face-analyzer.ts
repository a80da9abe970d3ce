import type { TaskDefinition } from "../core/index.ts";
import type { ModelManifest } from "../models/index.ts";
import type { AnalysisOutcome, FaceAnalysis } from "./analysis.ts";
import type { AnalyzeAllOptions, AnalyzeOptions } from "./options.ts";

/** A task that an analyzer tells. */
export interface ToldTask extends TaskDefinition {
  readonly sees: "face" | "picture";
  /** The id of the model that tells it. */
  readonly model: string;
  /** Whether it can say that a face is none of its classes. */
  readonly hasNovelty: boolean;
  /** Whether it was calibrated and gives a set of labels beside the most probable one. */
  readonly hasSet: boolean;
}

/** A picture with the name that its result shall carry. */
export interface NamedPicture<Input> {
  readonly input: Input;
  readonly source: string;
}

/** Finds faces and tells what its heads know of them. It holds native memory: dispose it. */
export interface FaceAnalyzer<Input> extends AsyncDisposable {
  /** Ids of the networks in use, the detector first. */
  readonly models: readonly string[];
  /** What is known of these networks, in the same order. */
  readonly manifests: readonly ModelManifest[];
  /** What is told, of each face or of the whole picture: built-in tasks first. */
  readonly tasks: readonly ToldTask[];
  /** Where the networks run. */
  readonly device: string;
  /**
   * Analyses one picture. Calls at the same time share batches; those beyond the analyzer's `concurrency` wait, and read what they were
   * given (a canvas, a buffer) when their turn comes.
   * @throws {TF_INVALID_ARGUMENT} for an option of the wrong kind, or a name that is none
   * @throws {TF_ABORTED} as soon as the signal is aborted
   * @throws {TF_DISPOSED} after {@link dispose}
   * @throws the decoder's codes (`TF_INPUT_*`, `TF_IMAGE_*`) for a picture that cannot be read
   */
  analyze(input: Input, options?: AnalyzeOptions): Promise<FaceAnalysis>;
  /**
   * Analyses many pictures and yields their outcomes in the order of the input. Reads ahead no further than the
   * analyzer's `concurrency`, by default as much again for each worker, so that memory is bounded. A picture that fails becomes a `FailedAnalysis` and the stream goes on.
   * An error that `inputs` themselves throw is thrown on, after the outcomes of the pictures that they gave before it.
   * @throws {TF_INVALID_ARGUMENT} when `inputs` is no list and no iterator, an option of the wrong kind, or a name that is none
   * @throws {TF_ABORTED} as soon as the signal is aborted
   * @throws {TF_DISPOSED} after {@link dispose}
   */
  analyzeAll(
    inputs: Iterable<Input | NamedPicture<Input>> | AsyncIterable<Input | NamedPicture<Input>>,
    options?: AnalyzeAllOptions,
  ): AsyncGenerator<AnalysisOutcome, void, undefined>;
  /** Waits for all that was asked for and releases the networks. Calling it twice does nothing more. */
  dispose(): Promise<void>;
}
