import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { join, posix } from "node:path";

/**
 * What is wrong with the links of a built site: those that lead nowhere, at a page or at a place in one, those that only hold where the site
 * is the root of its host, and parts of a page that would come from elsewhere.
 * @param folder the site
 */
export async function brokenLinks(folder: string): Promise<string[]> {
  const names = (await Array.fromAsync(glob("**/*.html", { cwd: folder }))).map((name) => name.replaceAll("\\", "/"));
  const pages = new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const)));
  const places = new Map(
    [...pages].map(([name, html]) => [name, new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => plain(id!)))]),
  );
  return [...pages].flatMap(([name, html]) =>
    [...html.matchAll(/<(\w+)\s[^>]*?\b(href|src)="([^"]*)"/g)].flatMap(([, tag, , link]) => {
      const problem = problemOf(tag!, plain(link!), name);
      return problem === undefined ? [] : [`${name}: ${problem}`];
    }),
  );

  function problemOf(tag: string, link: string, page: string): string | undefined {
    if (/^(?:data|blob):/.test(link)) return undefined;
    if (/^(?:[a-z]+:|\/\/)/.test(link)) return tag === "a" ? undefined : `"${link}" comes from elsewhere`;
    if (link.startsWith("/")) return `"${link}" holds at the root of a host alone`;
    const [path = "", place] = link.split("#");
    const target = path === "" ? page : posix.join(posix.dirname(page), decodeURIComponent(path));
    const file = target.endsWith("/") || target === "." ? posix.join(target, "index.html") : target;
    if (!existsSync(join(folder, file))) return `"${link}" leads nowhere`;
    if (place === undefined || place === "" || places.get(file)?.has(decodeURIComponent(place)) !== false) return undefined;
    return `"${link}" leads to no place on that page`;
  }
}

const plain = (text: string): string => text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'");
