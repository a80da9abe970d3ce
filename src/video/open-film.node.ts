import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expectThat, isTypedArray, isWebObject, TensorFaceError } from "../core/index.ts";
import { readFailure } from "../files/files.node.ts";
import { loadMediabunny } from "./mediabunny.node.ts";
import { type FilmLimits, type OpenedFilm, readFilm } from "./read-film.ts";

/** A film's file: a path, an address of a file, or its bytes. */
export type FilmInput = string | URL | Uint8Array;

/** How a film is opened. */
export interface OpenFilmOptions extends FilmLimits {
  /** What messages and results call it. @default the path, or "film" */
  readonly source?: string | undefined;
}

/**
 * Opens a film: MP4, MOV, WebM, Matroska and what else mediabunny reads. Turned and mirrored as its container says.
 *
 * @throws the codes of {@link readFilm}, and {TF_VIDEO_UNSUPPORTED} without the packages that read films
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_EMPTY} when there is nothing to read
 */
export async function openFilm(file: FilmInput, options: OpenFilmOptions = {}): Promise<OpenedFilm> {
  const isFile = typeof file === "string" || isWebObject(file, "URL") || isTypedArray(file, "Uint8Array");
  expectThat(isFile, "a film is a path, a file URL or bytes", file);
  const path = isWebObject(file, "URL") ? filePathOf(file) : file;
  const source = options.source ?? (typeof path === "string" ? path : "film");
  await checkThere(path, source);
  const library = await loadMediabunny();
  const from = typeof path === "string" ? new library.FilePathSource(path) : new library.BufferSource(path);
  return readFilm(library, new library.Input({ source: from, formats: library.ALL_FORMATS }), { ...options, source });
}

/** @throws {TF_INPUT_UNREADABLE} when it is an address on the net */
function filePathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `${url.href} is not a file URL of this machine`, { cause: error });
  }
}

async function checkThere(path: string | Uint8Array, source: string): Promise<void> {
  const found =
    typeof path === "string"
      ? await stat(path).catch((error: unknown) => {
          throw readFailure(error, path);
        })
      : { size: path.byteLength, isFile: () => true };
  if (!found.isFile()) throw new TensorFaceError("TF_INPUT_UNREADABLE", `${source} is no file`);
  if (found.size === 0) throw new TensorFaceError("TF_INPUT_EMPTY", `${source} is empty (0 bytes)`);
}
