import { realpath } from "node:fs/promises";
import { extname, resolve } from "node:path";
import type { Input, StreamTargetChunk } from "mediabunny";
import { TensorFaceError } from "../core/index.ts";
import { openPart, type PartOptions } from "../files/files.node.ts";
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
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} when there is no place for it; so do the writer's functions
 */
export async function createFilm(
  path: string,
  from?: { readonly input: Input },
  { open }: Pick<PartOptions, "open"> = {},
): Promise<FilmWriter> {
  const { codec, create } = containers[checkFilmName(path)];
  const library = await loadMediabunny();
  const part = await openPart(path, { replacesKilled: true, open });
  // The library's own target for files takes a part of a write for all of it: a film that a full disk had cut off was said to be written.
  const stream = new WritableStream<StreamTargetChunk>({ write: ({ data, position }) => part.writeAt(data, position) });
  try {
    const target = new library.StreamTarget(stream, { chunked: true });
    const film = await startFilm(library, { format: create(library), target, codec, from });
    let isWhole = false;
    return {
      write: async (frame) => film.write(frame),
      finish: async () => {
        await film.finish();
        await part.flush();
        isWhole = true;
        await part.commit();
      },
      cancel: async () => {
        // It could not take its name: the error tells where it is.
        if (isWhole) return;
        // What could not be written cannot be ended either, and goes.
        await film.cancel().catch(() => undefined);
        await part.remove();
      },
    };
  } catch (error) {
    await part.remove();
    throw error;
  }
}
