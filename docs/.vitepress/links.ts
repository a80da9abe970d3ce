import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { z } from "zod";

interface Options {
  /** The repository. */
  readonly root: string;
  /** Takes the files that pages link to and that are no pages, from the root. */
  readonly linked: Set<string>;
}

/** Where a file of the repository stands in the site: `docs` is its root, and a folder's README its first page. */
export const placeOf = (file: string): string => file.replace(/^docs\//, "").replace(/(^|\/)README\.md$/, "$1index.md");

/**
 * Links as the repository's files have them become links of the site. Those to data below `docs` stay, and the file is put beside the page;
 * those to source files become plain text, since the sources are not part of the site.
 */
export function linksToPlaces(markdown: MarkdownRenderer, { root, linked }: Options): void {
  markdown.core.ruler.push("links-to-places", ({ tokens, env }) => {
    const page = pathOf(pageSchema.parse(env), root);
    for (const { children } of tokens) {
      let isPlain = false;
      for (const token of children ?? []) {
        if (token.type === "link_close" && isPlain) {
          Object.assign(token, plain);
          isPlain = false;
        }
        if (token.type !== "link_open") continue;
        const [target = "", anchor] = decodeURI(token.attrGet("href") ?? "").split("#");
        if (target === "" || /^[a-z]+:/.test(target)) continue;
        const file = posix.join(posix.dirname(page), target);
        const isPage = file.endsWith(".md");
        if (!isPage && !(file.startsWith("docs/") && existsSync(join(root, file)))) {
          Object.assign(token, plain);
          isPlain = true;
          continue;
        }
        const href = posix.relative(posix.dirname(placeOf(page)), placeOf(file));
        token.attrSet("href", anchor === undefined ? href : `${href}#${anchor}`);
        if (isPage) continue;
        linked.add(file);
        token.attrSet("target", "_blank");
      }
    }
  });
}

const plain = { type: "text", content: "", tag: "", nesting: 0 };

/** What VitePress says of the page; `realPath` is the source, where the page stands at another place. */
const pageSchema = z.object({ path: z.string(), realPath: z.string().optional() });

/** The Markdown file from the repository's root, with `/`. */
function pathOf({ path, realPath }: z.infer<typeof pageSchema>, root: string): string {
  return posix.relative(root.replaceAll("\\", "/"), (realPath ?? path).replaceAll("\\", "/"));
}
