import {
  BufferTarget,
  canEncodeVideo,
  MkvOutputFormat,
  MovOutputFormat,
  Mp4OutputFormat,
  type OutputFormat,
  StreamTarget,
  type VideoCodec,
  WebMOutputFormat,
} from "mediabunny";
import { TensorFaceError } from "../core/index.ts";
import type { FilmWriter } from "./film.ts";
import { type FilmWriterLibrary, startFilm } from "./film-output.ts";
import type { OpenedFilm } from "./read-film.ts";

interface Container {
  readonly ending: string;
  readonly type: string;
  /** How pictures may be coded in it, the most welcome first. */
  readonly codecs: readonly VideoCodec[];
  readonly create: () => OutputFormat;
}

const mp4: Container = { ending: "mp4", type: "video/mp4", codecs: ["avc", "vp9", "av1"], create: () => new Mp4OutputFormat() };
const containers: readonly Container[] = [
  mp4,
  { ending: "mov", type: "video/quicktime", codecs: ["avc"], create: () => new MovOutputFormat() },
  { ending: "mkv", type: "video/matroska", codecs: ["avc", "vp9", "av1"], create: () => new MkvOutputFormat() },
  { ending: "webm", type: "video/webm", codecs: ["vp9", "vp8", "av1"], create: () => new WebMOutputFormat() },
];

/** A film that is written where the browser keeps a page's own files. */
export interface BrowserFilmWriter extends FilmWriter {
  /** What was written, once it is finished. */
  readonly file: () => Promise<File>;
}

/**
 * Begins a film in the container that `film` came in, with its sound. One at a time: only that of the call before is kept.
 * @throws {TF_VIDEO_UNSUPPORTED} when this browser encodes no film of this size, or the container cannot hold the sound
 */
export async function createFilm(library: FilmWriterLibrary, film: OpenedFilm): Promise<BrowserFilmWriter> {
  const ending = /\.(\w+)$/.exec(film.source)?.[1]?.toLowerCase();
  const container = containers.find((one) => one.ending === ending) ?? mp4;
  const codec = await codecFor(container, film);
  const name = `${film.source.replace(/\.\w+$/, "")}-blurred.${container.ending}`;
  const place = await openPlace(name, container.type);
  const writer = await startFilm(library, { format: container.create(), target: place.target, codec, from: film });
  const finish = async (): Promise<void> => {
    await writer.finish();
    written++;
  };
  return { ...writer, finish, file: place.file };
}

/** Encoders take even sides alone; films are written so. */
async function codecFor({ codecs, ending }: Container, { width, height }: OpenedFilm): Promise<VideoCodec> {
  const size = { width: width + (width & 1), height: height + (height & 1) };
  if (globalThis.VideoEncoder !== undefined) for (const codec of codecs) if (await canEncodeVideo(codec, size)) return codec;
  throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", `this browser writes no ${ending} films of ${width} x ${height} pixels`, {
    hint: "Another browser may; `tensorface blur` does it on the command line.",
  });
}

interface Place {
  readonly target: StreamTarget | BufferTarget;
  readonly file: () => Promise<File>;
}

const folderName = "tensorface-films";
/** Films that were written to their end. */
let written = 0;

/**
 * A file of the page's own, so that no film is in memory; in memory where the browser has no place for it, as in private windows. The one that was written
 * last stays meanwhile: it may still be on its way to where its visitor saves it.
 */
async function openPlace(name: string, type: string): Promise<Place> {
  try {
    const root = await navigator.storage.getDirectory();
    // What earlier visits wrote has been taken away, or is not wanted; so has the last but one.
    if (written === 0) await root.removeEntry(folderName, { recursive: true }).catch(() => undefined);
    const place = `film-${written % 2}`;
    const folder = await root.getDirectoryHandle(folderName, { create: true });
    await folder.removeEntry(place).catch(() => undefined);
    const handle = await folder.getFileHandle(place, { create: true });
    const target = new StreamTarget(await handle.createWritable(), { chunked: true });
    return { target, file: async () => new File([await handle.getFile()], name, { type }) };
  } catch {
    const target = new BufferTarget();
    return { target, file: async () => new File([target.buffer ?? new ArrayBuffer()], name, { type }) };
  }
}
