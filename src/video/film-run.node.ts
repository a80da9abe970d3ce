import { basename, extname, join } from "node:path";
import type { FaceAnalyzer } from "../analyze/index.ts";
import { type ProgressListener, TensorFaceError } from "../core/index.ts";
import { openPart, writeFileAtomically } from "../files/files.node.ts";
import type { RasterImage } from "../image/index.ts";
import { type FollowedFilm, followFaces } from "./analyze-film.ts";
import { annotateFilm } from "./annotate-film.ts";
import { tellsSeconds } from "./film.ts";
import { openFilm } from "./open-film.node.ts";
import { type FrameAnalysis, jsonLine, secondsCsv, tracksJson } from "./results.ts";
import { checkFilmName, checkNotInput, createFilm } from "./write-film.node.ts";

export interface FilmRunOptions {
  readonly every?: number | undefined;
  /** Lines for frames go here; beside it, what is told of the tracks and the table by second. Undefined: `write` alone. */
  readonly out?: string | undefined;
  /** A folder for the film with boxes. */
  readonly annotate?: string | undefined;
  /** Pixels of a frame. @default as {@link openFilm} */
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In seconds of the film. */
  readonly onProgress?: ProgressListener | undefined;
  /** Takes the lines for frames where there is no file for them. */
  readonly write: (text: string) => Promise<void>;
}

type Following = AsyncGenerator<FrameAnalysis, FollowedFilm, undefined>;

export interface FilmRunResult {
  readonly frames: number;
  readonly tracks: number;
  /** Seconds. */
  readonly duration: number;
  readonly written: readonly string[];
}

/**
 * All of `tensorface analyze FILM`: finds, follows, writes.
 * @throws {TF_INVALID_ARGUMENT} when a target is the film itself, or is called what it is not
 * @throws the codes of {@link openFilm}
 */
export async function runFilm(
  path: string,
  analyzer: Pick<FaceAnalyzer<RasterImage>, "analyze">,
  { every, out, annotate, maxPixels, signal, onProgress, write }: FilmRunOptions,
): Promise<FilmRunResult> {
  const annotated = annotate === undefined ? undefined : join(annotate, basename(path));
  if (annotated !== undefined) checkFilmName(annotated);
  if (out !== undefined) checkLinesName(out);
  for (const target of [annotated, out]) if (target !== undefined) await checkNotInput(target, path);
  await using film = await openFilm(path, { maxPixels });
  const told = (stage: string) => tellsSeconds(film, stage, onProgress);
  const frames = followFaces(film, analyzer, { every, signal, onFrame: told("follow") });
  const written: string[] = [];
  const followed = out === undefined ? await writeLines(frames, write) : await writeLinesTo(out, frames);
  if (out !== undefined) {
    const stem = out.slice(0, out.length - extname(out).length);
    const files = [
      [`${stem}.tracks.json`, tracksJson(followed.told)],
      [`${stem}.seconds.csv`, secondsCsv(followed.told)],
    ] as const;
    for (const [file, text] of files) await writeFileAtomically(file, text);
    written.push(out, ...files.map(([file]) => file));
  }
  if (annotated !== undefined) {
    const writer = await createFilm(annotated, film);
    await annotateFilm(film, writer, followed, { signal, onFrame: told("draw") });
    written.push(annotated);
  }
  return { frames: followed.told.frames, tracks: followed.tracks.length, duration: film.duration, written };
}

/** Writes each frame's line as soon as it is known. */
async function writeLines(frames: Following, write: FilmRunOptions["write"]): Promise<FollowedFilm> {
  // What it would end with early is nothing to anybody.
  const followed: AsyncGenerator<FrameAnalysis, unknown, undefined> = frames;
  try {
    for (;;) {
      const { done, value } = await frames.next();
      if (done === true) return value;
      await write(jsonLine(value));
    }
  } finally {
    // Where a line cannot be written, the frame that was decoded for it is let go before the film is closed.
    await followed.return(undefined);
  }
}

/** The file takes its name when the film was seen to its end. */
async function writeLinesTo(path: string, frames: Following): Promise<FollowedFilm> {
  const part = await openPart(path, { replacesKilled: true });
  let followed: FollowedFilm;
  try {
    followed = await writeLines(frames, async (line) => part.write(line));
  } catch (error) {
    await part.remove();
    throw error;
  }
  await part.commit();
  return followed;
}

function checkLinesName(path: string): void {
  if ([".jsonl", ".ndjson"].includes(extname(path).toLowerCase())) return;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `what is told of a film is written as JSONL, and "${path}" is not called so`, {
    hint: "Name it clip.jsonl, say: clip.tracks.json and the table clip.seconds.csv come beside it.",
  });
}
