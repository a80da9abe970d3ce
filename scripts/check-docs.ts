import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { errorCatalogue } from "../src/core/index.ts";
import { linksOf, unlistedPages, unreachedPages } from "./docs-reach.ts";
import { namesOfNothing } from "./map-paths.ts";
import { unknownNames } from "./named.ts";
import { codeReference } from "./reference/library.ts";

/** What the documentation promises, held against the repository: error codes, relative links, npm scripts, pages that can be found, the reference of the code. */
const problems: string[] = [];

const errorsPage = await readFile("docs/reference/errors.md", "utf8");
for (const code of Object.keys(errorCatalogue)) {
  if (!errorsPage.includes(`## ${code}\n`)) problems.push(`docs/reference/errors.md: no entry "## ${code}"`);
}
for (const [, code] of errorsPage.matchAll(/^## (TF_\w+)$/gm)) {
  if (!Object.hasOwn(errorCatalogue, code!)) problems.push(`docs/reference/errors.md: "${code}" is not in src/core/errors.ts`);
}

const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(await readFile("package.json", "utf8")));
const pages = await Array.fromAsync(glob(["*.md", "docs/**/*.md", "examples/**/*.md", "web/*.md"]));
const texts = new Map<string, string>();
for (const page of pages) {
  const text = await readFile(page, "utf8");
  texts.set(page.replaceAll("\\", "/"), text);
  for (const target of linksOf(text)) {
    if (!existsSync(join(dirname(page), target))) problems.push(`${page}: link to "${target}" leads nowhere`);
  }
  for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g)) {
    if (!Object.hasOwn(scripts, script!)) problems.push(`${page}: "npm run ${script}" is not a script of package.json`);
  }
  for (const words of unknownNames(text)) problems.push(`${page}: "${words}" has a name that scripts/named.ts does not know`);
}

// Whoever begins at the map must find what it names.
const files = await Array.fromAsync(glob(["{src,web,docs,test,scripts,bench,recipes,models,examples}/**/*", ".ci/*", "*.{md,json,ts}"]));
for (const name of namesOfNothing(
  `${texts.get("AGENTS.md")}\n${texts.get("CONTRIBUTING.md")}`,
  files.map((file) => file.replaceAll("\\", "/")),
)) {
  problems.push(`AGENTS.md, CONTRIBUTING.md: "${name}" is not there`);
}

// A model's notes are part of its card.
const isPage = (page: string): boolean => page.startsWith("docs/") && !page.endsWith(".notes.md");
const hidden = unreachedPages(texts, "README.md").filter(isPage);
for (const page of hidden) problems.push(`${page}: no link leads here from README.md; docs/guide/README.md lists the pages`);
// What the lists leave out, the site's side bar leaves out too.
const lists = ["docs/guide/README.md", "docs/decisions/README.md"];
for (const page of unlistedPages(texts, lists).filter(isPage))
  problems.push(`${page}: in none of the lists of pages, ${lists.join(" and ")}`);

// The reference is what the code says of itself.
const reference = await codeReference();
problems.push(...reference.problems);
for (const [page, text] of reference.pages) {
  if (texts.get(`docs/reference/${page}`) !== text)
    problems.push(`docs/reference/${page}: not what the code says; run npm run write -- reference`);
}

// Whoever passes a network on must be able to say whose it is.
const notice = await readFile("NOTICE", "utf8");
for (const path of await Array.fromAsync(glob(["models/*.json", "models/converted/*.json"]))) {
  const id = basename(path, ".json");
  if (existsSync(path.replace(/\.json$/, ".onnx")) && !notice.includes(id)) problems.push(`NOTICE: does not name the network "${id}"`);
}

for (const problem of problems) console.error(problem);
console.log(`docs: ${pages.length} pages, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
