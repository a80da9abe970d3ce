import type { ErrorReport } from "../../core/index.ts";
import type { HeicOptions } from "./libheif.ts";

/** What a thread that decodes HEIC is asked. */
export interface HeicRequest extends HeicOptions {
  readonly id: number;
  readonly file: Uint8Array;
}

/** What it says: that it can begin, and of each file the picture as a PNG file or why there is none. */
export type HeicReply =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly id: number; readonly png: Uint8Array<ArrayBuffer> }
  | { readonly kind: "failed"; readonly id: number; readonly error: ErrorReport };
