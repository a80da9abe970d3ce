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

interface VisitFolder {
  readonly folder: FileSystemDirectoryHandle;
  /** Begins the names of this visit's films: other tabs keep theirs in the same folder. */
  readonly visit: string;
}

let openedFolder: Promise<VisitFolder> | undefined;

/**
 * A file of the page's own, so that no film is in memory; in memory where the browser has no place for it, as in private windows. The one that was written
 * last stays meanwhile: it may still be on its way to where its visitor saves it.
 */
async function openPlace(name: string, type: string): Promise<Place> {
  try {
    const { folder, visit } = await (openedFolder ??= openFolder());
    // The last but one has been saved, or is not wanted.
    const place = `${visit}-${written % 2}`;
    await folder.removeEntry(place).catch(() => undefined);
    const handle = await folder.getFileHandle(place, { create: true });
    const target = new StreamTarget(await handle.createWritable(), { chunked: true });
    return { target, file: async () => new File([await handle.getFile()], name, { type }) };
  } catch {
    const target = new BufferTarget();
    return { target, file: async () => new File([target.buffer ?? new ArrayBuffer()], name, { type }) };
  }
}

/** The folder without the films of visits that are over: a visit holds a lock for as long as it lasts. */
async function openFolder(): Promise<VisitFolder> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(folderName, { create: true });
  const visit = crypto.randomUUID();
  await new Promise<void>((granted, refused) => {
    const untilTheEnd = async (): Promise<never> => {
      granted();
      return new Promise<never>(() => {});
    };
    navigator.locks.request(lockOf(visit), untilTheEnd).catch(refused);
  });
  const { held = [] } = await navigator.locks.query();
  const lasting = new Set(held.map(({ name }) => name));
  for (const film of await Array.fromAsync(folder.keys())) {
    if (!lasting.has(lockOf(film.replace(/-\d$/, "")))) await folder.removeEntry(film).catch(() => undefined);
  }
  return { folder, visit };
}

function lockOf(visit: string): string {
  return `${folderName}/${visit}`;
}
