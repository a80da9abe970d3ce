import { posix } from "node:path";

/**
 * Files that a map of the code names and that are not there. A name in code counts as one where it has a `/` or the ending of a source file;
 * it may begin at the root, at `src`, or at a room.
 * @param files every file of the repository, `/` between folders
 */
export function namesOfNothing(map: string, files: readonly string[]): string[] {
  const known = new Set(files.flatMap((file) => endingsOf(file)));
  const named = [...map.matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/?)`/g)].map(([, name]) => name!.replace(/\/$/, ""));
  return [...new Set(named)].filter((name) => /\/|\.(?:node\.|browser\.)?(?:ts|tsx|md)$/.test(name) && !isElse(name) && !known.has(name));
}

/** Every way to say a file or one of its folders: `src/image/cut.ts`, `image/cut.ts`, `cut.ts`, `src/image`, `image`. */
function endingsOf(file: string): string[] {
  const parts = file.split("/");
  return parts.flatMap((_, from) => parts.slice(from).map((_, count) => posix.join(...parts.slice(from, from + count + 1))));
}

/** What programs import is no file, and what is built or an ending by itself need not be there. */
const isElse = (name: string): boolean => /^(?:tensorface\/|\.|out\/|dist\/|models\/(?:converted|prepared|rivals)$)/.test(name);
