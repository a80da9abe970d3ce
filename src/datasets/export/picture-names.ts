/** Names of pictures that no disk takes for one another. */
export interface PictureNames {
  /**
   * A name that was not given before, also where case or accents' spelling do not count.
   * @param folder `/` between folders
   * @param name as the picture is called; what some system does not take becomes `_`
   */
  next(folder: string, name: string): string;
}

// oxlint-disable-next-line no-control-regex -- no system takes these in names
const refusedCharacters = /[\\/<>:"|?*\u0000-\u001F]/g;

/** One step of a path as every system takes it, and no listing hides it. */
export function safeName(name: string): string {
  return name.replaceAll(refusedCharacters, "_").replace(/^[.\s]|[.\s]$/g, "_");
}

/** What disks take for one name. */
function keyOf(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

export function createPictureNames(): PictureNames {
  const given = new Set<string>();
  // Where the search for a free number goes on: a dataset may have one name in thousands of folders.
  const nextNumber = new Map<string, number>();
  return {
    next(folder, name) {
      const safe = safeName(name);
      const dot = safe.lastIndexOf(".");
      const [stem, ending] = dot <= 0 ? [safe, ""] : [safe.slice(0, dot), safe.slice(dot)];
      const wanted = keyOf(`${folder}/${safe}`);
      for (let count = nextNumber.get(wanted) ?? 1; ; count++) {
        const path = `${folder}/${stem}${count === 1 ? "" : `-${count}`}${ending}`;
        if (given.has(keyOf(path))) continue;
        given.add(keyOf(path));
        nextNumber.set(wanted, count + 1);
        return path;
      }
    },
  };
}
