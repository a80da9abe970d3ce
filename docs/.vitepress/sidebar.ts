import { readFileSync } from "node:fs";
import { posix } from "node:path";

export interface SidebarPart {
  readonly text: string;
  readonly collapsed: boolean;
  readonly items: { readonly text: string; readonly link: string }[];
}

/**
 * The side bar, from the page that lists all pages: its sections with the links of their tables, and the decisions from their own list. So a
 * page that is found by reading is found here too.
 */
export function sidebarOf(index: string, decisions: string): { readonly sidebar: SidebarPart[] } {
  const sections = readFileSync(index, "utf8").split(/^## /m).slice(1);
  const parts = sections.map((section): SidebarPart => {
    const [text = ""] = section.split("\n");
    return { text, collapsed: text === "Models", items: linksOf(section, "docs/guide") };
  });
  const why: SidebarPart = { text: "Decisions", collapsed: true, items: linksOf(readFileSync(decisions, "utf8"), "docs/decisions") };
  return { sidebar: [...parts.filter(({ items }) => items.length > 0), why] };
}

/** The first link of each table row or list item, as the site names the page. */
function linksOf(text: string, folder: string): { readonly text: string; readonly link: string }[] {
  return [...text.matchAll(/^(?:\| |- )\[([^\]]+)\]\(([^)#]+)\.md\)/gm)].map(([, name, target]) => ({
    text: name!.replaceAll("`", ""),
    link: `/${posix
      .join(folder, target!)
      .replace(/^docs\//, "")
      .replace(/(^|\/)README$/, "$1")}`,
  }));
}
