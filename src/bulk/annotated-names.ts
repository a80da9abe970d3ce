import { extname, join, resolve } from "node:path";

/** Marks annotated pictures where they stand beside their sources. */
const mark = "-annotated";

export interface AnnotatedNames {
  /** The file for one picture, never a name given before: asked again for the same place, it gives the next one. */
  next(place: string): string;
}

export interface AnnotatedNamesOptions {
  /** Real path of the target folder. */
  readonly folder: string;
  /** Add `-annotated` to every name: the folder may also hold sources. */
  readonly marked: boolean;
}

/** Names that mirror the sources' subfolders; two sources that would meet get `-2`, `-3`, ... */
export function createAnnotatedNames({ folder, marked }: AnnotatedNamesOptions): AnnotatedNames {
  const used = new Set<string>();
  return {
    next: (place) => {
      const extension = annotatedExtension(place);
      const stem = resolve(folder, join("/", place.slice(0, place.length - extname(place).length)).slice(1));
      for (let count = 1; ; count++) {
        const path = `${stem}${marked ? mark : ""}${count === 1 ? "" : `-${count}`}${extension}`;
        // Lower case: on Windows and macOS, A.png and a.png are one file.
        if (used.has(path.toLowerCase())) continue;
        used.add(path.toLowerCase());
        return path;
      }
    },
  };
}

/** Whether a name is one that {@link createAnnotatedNames} gives beside sources. */
export function isMarkedName(name: string): boolean {
  return /-annotated(-\d+)?\.(png|jpe?g|webp)$/i.test(name);
}

/** JPEG and WebP stay what they are; everything else becomes PNG, which loses nothing. */
export function annotatedExtension(place: string): string {
  const extension = extname(place).toLowerCase();
  return [".jpg", ".jpeg", ".webp"].includes(extension) ? extension : ".png";
}
