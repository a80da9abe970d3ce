/**
 * Endings by which a film is known: it is too long to be read for it. Those of sound are among them, so that a recording without pictures is
 * refused by name.
 */
export const filmEndings: readonly string[] = ["mp4", "m4v", "mov", "webm", "mkv", "avi", "mp3", "m4a", "wav"];

export function isFilmName(path: string): boolean {
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
  return ending !== undefined && filmEndings.includes(ending);
}
