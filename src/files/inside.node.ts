import { isAbsolute, relative, resolve, sep } from "node:path";

/**
 * A path below a folder in one spelling, `/` between folders: `f/1.jpg` for `./f/1.jpg`, `f//1.jpg` and `f/g/../1.jpg`. Nothing is looked
 * up on the disk.
 * @returns `undefined` for a path that leaves the folder, or is the folder itself
 */
export function pathInside(folder: string, path: string): string | undefined {
  const base = resolve(folder);
  const way = relative(base, resolve(base, path));
  const steps = way.split(sep);
  return way === "" || isAbsolute(way) || steps[0] === ".." ? undefined : steps.join("/");
}
