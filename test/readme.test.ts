import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { copyFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { portraitOfReadme, readmePicture } from "../scripts/readme-picture.ts";
import { createAnalyzer, decode } from "../src/_entries/node.ts";
import { commands } from "../src/cli/commands.ts";
import { dispatch } from "../src/cli/dispatch.ts";
import { readConfig } from "../src/train/run/config-file.node.ts";
import { createFilm } from "../src/video/write-film.node.ts";
import { run } from "./support/command.ts";

/**
 * The documents show what the program really does: examples are run, help pages and the demo's output are compared.
 * `UPDATE_DOCS=1 npx vitest run test/readme.test.ts` writes what is shown anew.
 */
const root = fileURLToPath(new URL("..", import.meta.url));
const isUpdate = process.env["UPDATE_DOCS"] === "1";
const entryOf = (part: string): string => new URL(`../src/_entries${part}.ts`, import.meta.url).href;

const read = (page: string): Promise<string> => readFile(join(root, page), "utf8");

async function examplesOf(page: string): Promise<{ page: string; line: number; code: string }[]> {
  const text = await read(page);
  return [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split("\n").length,
    code: match[1]!,
  }));
}

const pagesWithExamples = [
  "README.md",
  "docs/guide/library.md",
  "docs/guide/one-picture.md",
  "docs/guide/many-pictures.md",
  "docs/guide/films.md",
];
const examples = (await Promise.all(pagesWithExamples.map(examplesOf))).flat();

describe("examples in the documents", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(root, "out-examples-"));
    // What the examples take for granted: a clone's files, and the reader's own photograph and folder of such.
    for (const name of ["examples", "photos"]) await cp(join(root, "examples"), join(folder, name), { recursive: true });
    await copyFile(join(root, "examples/astronaut.png"), join(folder, "photo.jpg"));
    await writeClip(join(folder, "clip.mp4"));
    await copyFile(join(root, "package.json"), join(folder, "package.json"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("are found", () => {
    expect(examples.length).toBeGreaterThanOrEqual(12);
  });

  test.each(examples)("$page, line $line runs and prints", async ({ code, line, page }) => {
    const file = join(folder, `${page.replaceAll(/\W/g, "-")}-${line}.mjs`);
    await writeFile(
      file,
      code.replaceAll(/from "tensorface(\/\w+)?"/g, (_, part = "/node") => `from "${entryOf(part)}"`),
    );
    const { code: exit, output } = await runFile(file, folder);
    expect({ exit, output }).toEqual({ exit: 0, output: expect.stringMatching(/\S/) });
  });
});

test("a program that was bundled finds the networks beside it, also in a folder with a blank in its name", async () => {
  const folder = await mkdtemp(join(root, "out-bundled program-"));
  try {
    const [, code] = /^```js bundled\n([\s\S]*?)^```$/m.exec(await read("docs/guide/library.md"))!;
    const file = join(folder, "program.mjs");
    await symlink(join(root, "models"), join(folder, "models"), "junction");
    const checked = [
      `import { createAnalyzer } from "${entryOf("/node")}";`,
      code,
      "console.log(analyzer.models.length > 0);",
      "await analyzer.dispose();",
    ];
    await writeFile(file, checked.join("\n"));
    expect(await runFile(file, folder)).toEqual({ code: 0, output: "true\n" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe("what the documents import", () => {
  const pages = [...globSync("docs/{guide,reference}/*.md", { cwd: root }), "README.md"].map((page) => page.replaceAll("\\", "/"));

  test("is exported by that door of the package", async () => {
    const found: string[] = [];
    const missing: string[] = [];
    for (const page of pages) {
      const code = [...(await read(page)).matchAll(/^```(?:js|ts)\b.*\n([\s\S]*?)^```$/gm)].map(([, block]) => block!).join("\n");
      for (const [, names, part = "/node"] of code.matchAll(/^import \{([^}]+)\} from "tensorface(\/\w+)?";$/gm)) {
        const exported: object = await import(entryOf(part));
        const imported = names!.split(",").map((name) => name.trim());
        found.push(...imported);
        missing.push(...imported.filter((name) => !(name in exported)).map((name) => `${page}: ${name} of tensorface${part}`));
      }
    }
    expect(found.length).toBeGreaterThan(30);
    expect(missing).toEqual([]);
  }, 120_000);

  test("the recipe of docs/reference/training.md is one that train takes", async () => {
    const [, code] = /^```ts recipe\n([\s\S]*?)^```$/m.exec(await read("docs/reference/training.md")) ?? [];
    const folder = await mkdtemp(join(root, "out-recipe-"));
    try {
      const file = join(folder, "mine.ts");
      await writeFile(file, code!);
      const config = await readConfig(file);
      expect(config.network.heads.map(({ task }) => task)).toEqual(["gender"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("what the documents show of the command", () => {
  test("the README's demo is what the demo prints", async () => {
    const { stdout, code } = await run(["analyze", "examples/astronaut.png", "--format", "table"], { cwd: root });
    expect(code).toBe(0);
    const block = /(<!-- demo:begin -->\n+```text\n)([\s\S]*?)(```\n+<!-- demo:end -->)/;
    const readme = await read("README.md");
    if (isUpdate) await writeFile(join(root, "README.md"), readme.replace(block, `$1${stdout}$3`));
    const shown = block.exec(await read("README.md"))?.[2] ?? "";
    expect(comparable(stdout)).toEqual(comparable(shown));
    const differences = numbers(stdout).map((value, index) => Math.abs(value - numbers(shown)[index]!));
    // Other processors round differently: the last digit may differ.
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  });

  test("docs/guide/web.md says what the page's networks weigh", async () => {
    await using analyzer = await createAnalyzer({ workers: 0 });
    const bytes = analyzer.manifests.reduce((sum, manifest) => sum + manifest.bytes, 0);
    expect(bytes).toBeGreaterThan(1e6);
    expect(await read("docs/guide/web.md")).toContain(`The networks are loaded once (${(bytes / 1e6).toFixed(1)} MB, and the engine of`);
  });

  test("the README's picture is the portrait as --annotate draws on it", async () => {
    const [shown, drawn] = await Promise.all(
      [readFile(join(root, readmePicture)), portraitOfReadme()].map(async (file) => (await decode(await file)).image),
    );
    expect([shown!.width, shown!.height]).toEqual([drawn!.width, drawn!.height]);
    let sum = 0;
    for (const [index, value] of drawn!.data.entries()) sum += Math.abs(value - shown!.data[index]!);
    const difference = sum / drawn!.data.length;
    // Another word in the label would be 0.2; the last digit of a number may differ on other processors.
    expect(difference).toBeLessThan(0.05);
  });

  test("the help pages of docs/reference/commands.md are what --help prints", async () => {
    const page = await read("docs/reference/commands.md");
    const names = [...page.matchAll(/^```help ([\w -]+)$/gm)].map((match) => match[1]!);
    expect((await commandNames()).filter((name) => !names.includes(name))).toEqual([]);
    const pages = await Promise.all(names.map(async (name) => [name, await helpOf(name)] as const));
    // One by the program itself: the others are what it would print.
    expect((await run(["dataset", "import", "--help"])).stdout).toBe(await helpOf("dataset import"));
    let updated = page;
    for (const [name, help] of pages)
      updated = updated.replace(
        new RegExp(`(^\`\`\`help ${name}\n)[\\s\\S]*?(^\`\`\`$)`, "m"),
        (_, begin: string, end: string) => begin + help + end,
      );
    if (isUpdate) await writeFile(join(root, "docs/reference/commands.md"), updated);
    expect(await read("docs/reference/commands.md")).toBe(updated);
  });
});

/** A second of the portrait. */
async function writeClip(path: string): Promise<void> {
  const { image } = await decode(join(root, "examples/astronaut.png"));
  const writer = await createFilm(path);
  for (let index = 0; index < 10; index++) await writer.write({ time: index / 10, duration: 0.1, image });
  await writer.finish();
}

/** Every command with each of its own, as they are typed. */
async function commandNames(): Promise<string[]> {
  const names: string[] = [];
  for (const [name, { load }] of Object.entries(commands)) {
    const { subCommands = {} } = await load();
    const own = Object.keys(await (typeof subCommands === "function" ? subCommands() : subCommands));
    names.push(name, ...own.map((each) => `${name} ${each}`));
  }
  return names;
}

async function helpOf(name: string): Promise<string> {
  const printed: string[] = [];
  const refuse = (text: string): never => {
    throw new Error(text);
  };
  await dispatch([...name.split(" "), "--help"], { commands, version: "", print: (text) => printed.push(text), report: refuse });
  return printed.join("");
}

/** The text without bars, numbers and times. */
function comparable(table: string): string[] {
  return table.split("\n").map((line) =>
    line
      .replaceAll(/[█▉▊▋▌▍▎▏]/g, " ")
      .replaceAll(/\d+/g, "0")
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
}

/** All numbers but the milliseconds. */
function numbers(table: string): number[] {
  return [...table.replaceAll(/\d+ ms/g, "").matchAll(/\d+(\.\d+)?/g)].map(([text]) => Number(text));
}

function runFile(file: string, cwd: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [file], { cwd });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output: Buffer.concat(chunks).toString() })));
}
