import type { Answerer } from "../../bridge/index.ts";
import type { HeicOptions } from "./libheif.ts";

/** What a thread that decodes HEIC answers. */
export interface HeicService {
  /** When it can begin. */
  readonly ready: Answerer<undefined, void>;
  /** The picture as a PNG file, which is handed over. */
  readonly decode: Answerer<HeicOptions & { readonly file: Uint8Array }, Uint8Array<ArrayBuffer>>;
}
