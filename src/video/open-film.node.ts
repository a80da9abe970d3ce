import { stat } from "node:fs/promises";
import { TensorFaceError } from "../core/index.ts";
import { readFailure } from "../files/files.node.ts";
import { loadMediabunny } from "./mediabunny.node.ts";
import { type OpenedFilm, readFilm } from "./read-film.ts";

/**
 * Opens a film: MP4, MOV, WebM, Matroska and what else mediabunny reads. Turned and mirrored as its container says.
 *
 * @throws {TF_VIDEO_UNSUPPORTED} when it is no film, holds sound alone, or is coded in a way that is not read; without the packages that read films
 * @throws {TF_VIDEO_CORRUPT} when it is damaged or cut off
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_EMPTY} when there is nothing to read
 * @throws {TF_IMAGE_TOO_LARGE} for frames of more than 128 million pixels
 */
export async function openFilm(path: string): Promise<OpenedFilm> {
  const found = await stat(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  if (!found.isFile()) throw new TensorFaceError("TF_INPUT_UNREADABLE", `${path} is no file`);
  if (found.size === 0) throw new TensorFaceError("TF_INPUT_EMPTY", `${path} is empty (0 bytes)`);
  const library = await loadMediabunny();
  const input = new library.Input({ source: new library.FilePathSource(path), formats: library.ALL_FORMATS });
  return readFilm(library, input, path);
}
