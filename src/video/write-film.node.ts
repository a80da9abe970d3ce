import { mkdir, realpath, rm } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import type { Input } from "mediabunny";
import { TensorFaceError } from "../core/index.ts";
import { commitPart, hiddenPart, removeKilledParts, writeFailure } from "../files/files.node.ts";
import type { FilmWriter } from "./film.ts";
import { startFilm } from "./film-output.ts";
import { loadMediabunny, type MediabunnyLibrary } from "./mediabunny.node.ts";

/** Containers by the file's ending, and how pictures are coded in them. */
const containers = {
  ".mp4": { codec: "avc", create: (library: MediabunnyLibrary) => new library.Mp4OutputFormat() },
  ".mov": { codec: "avc", create: (library: MediabunnyLibrary) => new library.MovOutputFormat() },
  ".mkv": { codec: "avc", create: (library: MediabunnyLibrary) => new library.MkvOutputFormat() },
  ".webm": { codec: "vp9", create: (library: MediabunnyLibrary) => new library.WebMOutputFormat() },
} as const;

/** Endings of the films that can be written. */
const endings = [".mp4", ".mov", ".mkv", ".webm"] as const satisfies (keyof typeof containers)[];

/** @throws {TF_INVALID_ARGUMENT} for another ending */
export function checkFilmName(path: string): keyof typeof containers {
  const ending = extname(path).toLowerCase();
  const known = endings.find((name) => name === ending);
  if (known !== undefined) return known;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `films are written as ${endings.join(", ")}, not as "${ending}" (${path})`);
}

/**
 * Two names may mean the same place, by links.
 * @throws {TF_INVALID_ARGUMENT} when what is written would replace what is read
 */
export async function checkNotInput(out: string, input: string): Promise<void> {
  const place = async (path: string): Promise<string> => realpath(path).catch(() => resolve(path));
  if ((await place(out)) !== (await place(input))) return;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `${out} is the input itself: it would be lost`, { hint: "Choose another name." });
}

/**
 * Begins to write a film. Its frames have the times that they are given; the sound of `from` is copied as it is coded, and what else that
 * file tells (names, places, a thumbnail) is left behind. It stands under another name until it is whole.
 *
 * @throws {TF_INVALID_ARGUMENT} when the ending of `path` names no container that is written
 * @throws {TF_VIDEO_UNSUPPORTED} when the container cannot hold the sound as it is
 * @throws {TF_OUTPUT_UNWRITABLE} when there is no place for it
 */
export async function createFilm(path: string, from?: { readonly input: Input }): Promise<FilmWriter> {
  const { codec, create } = containers[checkFilmName(path)];
  const library = await loadMediabunny();
  const part = await hiddenPart(path);
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, path);
  });
  const film = await startFilm(library, { format: create(library), target: new library.FilePathTarget(part), codec, from });
  return {
    write: async (frame) => film.write(frame),
    finish: async () => {
      await film.finish();
      await commitPart(part, path).catch((error: unknown) => {
        throw writeFailure(error, path);
      });
      await removeKilledParts(path);
    },
    cancel: async () => {
      await film.cancel();
      await rm(part, { force: true });
    },
  };
}
