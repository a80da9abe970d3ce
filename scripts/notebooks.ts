import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { findDeno, findProgram, quietJupyterEnvironment, writeKernel } from "../src/notebook/index.ts";
import { findProblems, parseNotebook } from "./notebooks/check.ts";
import { anyText, endWithUsage, flag, readWords } from "./words.ts";

/**
 * `npm run notebooks`: runs every notebook by Debian's `jupyter nbconvert --execute`, with Deno as the kernel of this project alone, and
 * looks whether each cell shows what it should: under load a cell's output can be lost with exit code 0, and such a notebook runs again.
 *
 *   npm run notebooks -- --html              executed notebooks as pages too, in out/notebooks
 *   npm run notebooks -- 4-a-photo           one of them
 *   TENSORFACE_DATA=DIR npm run notebooks    on data of yours
 */
const { values, operands, usage } = readWords("npm run notebooks --", { html: flag, out: anyText("out/notebooks") }, { more: "NAME" });
const folder = "notebooks";
const cache = resolve(".cache/jupyter");
const out = resolve(values.out);
/** A lost output is no failure; three in a row are. */
const tries = 3;
/** Seconds for one cell, on data of somebody's own too. */
const cellSeconds = 3600;

const jupyter = findProgram("jupyter");
if (jupyter === undefined || findProgram("jupyter-nbconvert") === undefined) {
  console.error("Jupyter's nbconvert is not installed: apt-get install jupyter-nbconvert jupyter-core");
  process.exit(1);
}
await writeKernel(cache, await findDeno(process.cwd()));
await mkdir(out, { recursive: true });
const names = (await readdir(folder)).filter((name) => name.endsWith(".ipynb")).toSorted();
const chosen = names.filter((name) => operands.length === 0 || operands.includes(basename(name, ".ipynb")));
const unknown = operands.filter((name) => !names.includes(`${name}.ipynb`));
if (unknown.length > 0)
  endWithUsage(`there is no notebook "${unknown[0]}"; there are ${names.map((name) => basename(name, ".ipynb")).join(", ")}`, usage);

let failed = 0;
for (const name of chosen) if (!(await check(name))) failed++;
console.log(`notebooks: ${chosen.length} run, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

async function check(name: string): Promise<boolean> {
  const began = performance.now();
  for (let attempt = 1; attempt <= tries; attempt++) {
    if (!(await convert("notebook", join(folder, name), ["--execute", `--ExecutePreprocessor.timeout=${cellSeconds}`]))) {
      console.error(`${name}: a cell ended in an error, see above`);
      return false;
    }
    const problems = findProblems(parseNotebook(await readFile(join(out, name), "utf8")));
    if (problems.length === 0) {
      if (values.html) await convert("html", join(out, name), []);
      console.log(`${name}: every cell shows what it should, ${((performance.now() - began) / 1000).toFixed(1)} s`);
      return true;
    }
    console.error(`${name}, run ${attempt} of ${tries}: ${problems.join("; ")}`);
  }
  return false;
}

/** What nbconvert says is shown where it fails. */
async function convert(format: string, path: string, more: readonly string[]): Promise<boolean> {
  const child = spawn(jupyter!, ["nbconvert", "--to", format, ...more, "--output-dir", out, path], {
    env: { ...process.env, ...quietJupyterEnvironment(cache) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => void (said += chunk.toString()));
  const [code] = await once(child, "close");
  if (code !== 0) console.error(said.trim());
  return code === 0;
}
