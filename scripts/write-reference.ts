import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeReference } from "./reference/library.ts";

/** Writes `docs/reference/library*.md` and `configuration.md` from docstrings and schemas; `npm run docs` compares them. */

const { pages, problems } = await codeReference();
for (const [page, text] of pages) {
  const path = join("docs", "reference", page);
  const isCurrent = (await readFile(path, "utf8").catch(() => "")) === text;
  if (!isCurrent) await writeFile(path, text);
  console.log(`${path}: ${isCurrent ? "as it was" : "written"}`);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
