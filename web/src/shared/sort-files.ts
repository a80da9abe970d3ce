import { isFilmName } from "../../../src/video/index.ts";
import { isHeicFile } from "./heic.ts";

/** A file with the folders that it lies in, where folders were brought: `photos/glasses/1.jpg`. */
export interface FileAtPath {
  readonly file: File;
  readonly path: string;
}

/** What a visitor brought, by what the page does with it. */
export interface SortedFiles {
  readonly photos: readonly File[];
  readonly films: readonly File[];
  /** The files of a model; empty where there is no network among them. */
  readonly model: readonly File[];
  /** What is passed over that somebody may have meant, as a sentence. */
  readonly leftOut: string | undefined;
}

/** Files of a model: a network, or a network beside its manifest. */
export function isModelFile({ name }: File): boolean {
  return /\.(onnx|json)$/i.test(name);
}

export function isNetworkFile({ name }: File): boolean {
  return /\.onnx$/i.test(name);
}

function isFilm({ name, type }: File): boolean {
  return type.startsWith("video/") || isFilmName(name);
}

/**
 * Photos, films and models. A file that was brought by itself is tried, whatever it is: who brought it is told why it is none of them. Of a
 * folder only what the page reads is taken, and films only where there are no photos: a holiday's films take hours.
 */
export function sortFiles(brought: readonly FileAtPath[]): SortedFiles {
  const hasModel = brought.some(({ file }) => isNetworkFile(file));
  const isAlone = ({ file, path }: FileAtPath): boolean => path === "" || path === file.name;
  const isPhoto = (one: FileAtPath): boolean => {
    if (isFilm(one.file) || (hasModel && isModelFile(one.file))) return false;
    return isAlone(one) || one.file.type.startsWith("image/") || isHeicFile(one.file);
  };
  const photos = brought.filter(isPhoto).map(({ file }) => file);
  const films = brought.filter(({ file }) => isFilm(file));
  const taken = photos.length === 0 ? films : films.filter(isAlone);
  const model = hasModel ? brought.map(({ file }) => file).filter(isModelFile) : [];
  const left = films.length - taken.length;
  const isNothing = photos.length + taken.length + model.length === 0;
  return {
    photos,
    films: taken.map(({ file }) => file),
    model,
    leftOut: isNothing ? "No photo, film or model is among these files." : left > 0 ? leftFilms(left) : undefined,
  };
}

function leftFilms(count: number): string {
  return count === 1
    ? "A film in the folder was left out: bring it by itself to look into it."
    : `${count} films in the folder were left out: bring them by themselves to look into them.`;
}
