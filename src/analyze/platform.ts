import type { DecodedPicture, DecodeOptions } from "../image/index.ts";
import type { ModelStore } from "../models/index.ts";
import type { PictureResizer } from "../detect/index.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import type { ExtraWorker } from "./schedule/pool.ts";
import type { AnalyzerOptions } from "./options.ts";

/**
 * What an analyzer needs of the platform that it runs on. The entries bind it; nothing in this room asks where it is.
 */
export interface AnalyzerPlatform<Input> {
  /** Reads and decodes; see the image room for what it guarantees. */
  readonly decode: (input: Input, options: DecodeOptions) => Promise<DecodedPicture>;
  /** Told of a picture when it is accepted, before its turn: what becomes of it until then must end no process. */
  readonly hold?: ((input: Input) => void) | undefined;
  /** Scales decoded pictures. */
  readonly resize: PictureResizer;
  readonly runtime: InferenceRuntime;
  readonly models: ModelStore;
  /** How many pictures are in work at the same time where nothing else is asked for. */
  readonly concurrency: number;
  /** Threads that share the pictures of a long row with this one; absent where there are none. */
  readonly workers?: { readonly count: number; readonly start: (options: AnalyzerOptions) => ExtraWorker<Input> } | undefined;
  /** Settles in the event loop's next turn. */
  readonly nextTurn: () => Promise<void>;
}
