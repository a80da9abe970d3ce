import { posix } from "node:path";

/** The relative links of a Markdown page: as written, without what follows `#`. */
export function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => decodeURIComponent(target!));
}

/**
 * The pages that nobody finds who begins at `start` and follows links.
 * @param pages the text of each page, by its path from the repository's root, `/` between folders
 */
export function unreachedPages(pages: ReadonlyMap<string, string>, start: string): string[] {
  const reached = new Set<string>();
  const waiting = [start];
  for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
    const text = pages.get(page);
    if (text === undefined || reached.has(page)) continue;
    reached.add(page);
    for (const target of linksOf(text)) waiting.push(posix.join(posix.dirname(page), target));
  }
  return [...pages.keys()].filter((page) => !reached.has(page));
}

/**
 * The pages that no list names: the site's side bar is read from the lists, so that a page which others link to would be missing there.
 * @param pages the text of each page, by its path from the repository's root, `/` between folders
 * @param lists paths of the pages that list others
 */
export function unlistedPages(pages: ReadonlyMap<string, string>, lists: readonly string[]): string[] {
  const listed = new Set(
    lists.flatMap((list) => [list, ...linksOf(pages.get(list) ?? "").map((target) => posix.join(posix.dirname(list), target))]),
  );
  return [...pages.keys()].filter((page) => !listed.has(page));
}

/**
 * Links of pages that lead to none of the files that are there: beside a page that is read where it was packed, not in the repository.
 * @param pages the text of each page, by its path, `/` between folders
 * @param files every file that is there, by its path
 */
export function linksToNothing(pages: ReadonlyMap<string, string>, files: readonly string[]): string[] {
  const there = new Set(files);
  return [...pages].flatMap(([page, text]) =>
    linksOf(text)
      .map((target) => posix.join(posix.dirname(page), target))
      .filter((path) => !there.has(path) && !files.some((file) => file.startsWith(`${path}/`)))
      .map((path) => `${page}: ${path}`),
  );
}
