import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { portraitOfReadme, readmePicture } from "../scripts/readme-picture.ts";
import { createAnalyzer, decode } from "../src/_entries/node.ts";
import { commands } from "../src/cli/commands.ts";
import { dispatch } from "../src/cli/dispatch.ts";
import { drawnModel } from "../src/models/testing.ts";
import packageJson from "../package.json" with { type: "json" };
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

interface Example {
  readonly page: string;
  readonly line: number;
  /** `js` or `ts`. */
  readonly language: string;
  /** What stands behind the language, of those that are not run here as they are: `browser`, `long`. */
  readonly word: string | undefined;
  readonly code: string;
}

async function examplesOf(page: string): Promise<Example[]> {
  const text = await read(page);
  return [...text.matchAll(/^```(js|ts)(?: (\w+))?\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split("\n").length,
    language: match[1]!,
    word: match[2],
    code: match[3]!,
  }));
}

async function examplesIn(pages: readonly string[]): Promise<Example[]> {
  return (await Promise.all(pages.map(examplesOf))).flat();
}

/** The code with each door of the package as it is in this clone. */
function withDoors(code: string, doorOf: (part: string) => string): string {
  return code.replaceAll(/from "tensorface(\/\w+)?"/g, (_, part = "/node") => `from "${doorOf(part)}"`);
}

const guide = globSync("docs/guide/*.md", { cwd: root }).map((page) => page.replaceAll("\\", "/"));
const examples = await examplesIn(["README.md", ...guide]);

describe("examples in the documents", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(root, "out-examples-"));
    // What the examples take for granted: a clone's files, and the reader's own photograph and folder of such.
    for (const name of ["examples", "photos"]) await cp(join(root, "examples"), join(folder, name), { recursive: true });
    for (const name of ["photo.jpg", "party.jpg"]) await copyFile(join(root, "examples/astronaut.png"), join(folder, name));
    await writeClip(join(folder, "clip.mp4"));
    // A model of the reader's own, as `retrain photos` leaves it.
    await mkdir(join(folder, "photos-model"));
    const photos = { name: "photos", kind: "classes", labels: ["glasses", "none"] } as const;
    await writeFile(join(folder, "photos-model/photos-model.onnx"), await drawnModel(photos, { id: "photos-model" }));
    await copyFile(join(root, "package.json"), join(folder, "package.json"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("are found, and each that is not run as it stands says why", () => {
    expect(examples.length).toBeGreaterThanOrEqual(20);
    // Below, or elsewhere: README's for browsers is compiled by the package's test, `retrain` and what it exports have tests of their own.
    const words = [undefined, "bundled", "mounted", "next", "browser", "long", "transformers"];
    expect(examples.filter(({ word }) => !words.includes(word))).toEqual([]);
  });

  const asTheyStand = examples.filter(({ word }) => word === undefined);
  test.each(asTheyStand)(
    "$page, line $line runs and prints",
    async ({ code, language, line, page }) => {
      const file = join(folder, `${page.replaceAll(/\W/g, "-")}-${line}.m${language}`);
      await writeFile(file, withDoors(code, entryOf));
      const { code: exit, output } = await runFile(file, folder);
      expect({ exit, output }).toEqual({ exit: 0, output: expect.stringMatching(/\S/) });
    },
    120_000,
  );

  test("docs/guide/library.md's plugin answers in an app", async () => {
    const { code } = examples.find(({ word }) => word === "mounted")!;
    const asked = `
      import { readFile } from "node:fs/promises";
      const payload = await readFile("photo.jpg");
      const answer = await app.inject({ method: "POST", url: "/faces/v1/analyze", payload, headers: { "content-type": "image/png" } });
      console.log(answer.statusCode, answer.json().faces.length);
      await app.close();`;
    const file = join(folder, "mounted.mjs");
    await writeFile(file, withDoors(code, entryOf) + asked);
    expect(await runFile(file, folder)).toEqual({ code: 0, output: "200 1\n" });
  }, 120_000);

  test("docs/guide/library.md's settings for Next.js name what is there", async () => {
    const { code } = examples.find(({ word }) => word === "next")!;
    const settings: { default: { serverExternalPackages: string[]; outputFileTracingIncludes: Record<string, string[]> } } = await import(
      `data:text/javascript,${encodeURIComponent(code)}`
    );
    const { serverExternalPackages, outputFileTracingIncludes } = settings.default;
    for (const name of serverExternalPackages.filter((each) => each !== "tensorface"))
      expect(Object.keys(packageJson.dependencies)).toContain(name);
    const traced = Object.values(outputFileTracingIncludes).flat();
    expect(traced).toHaveLength(2);
    for (const pattern of traced) {
      // In a clone the package lies at the root, and `dist` may not have been built.
      const here = pattern.replace("./node_modules/tensorface/", "").replace("dist/*.js", "src/_entries/*.ts");
      for (const each of alternativesOf(here))
        expect({ each, found: globSync(each, { cwd: root }).length > 0 }).toEqual({ each, found: true });
    }
  });
});

/** `{a,b}` as `a` and `b`: each must be there. */
function alternativesOf(pattern: string): string[] {
  const [, names] = /^\{(.+)\}$/.exec(pattern) ?? [];
  return names?.split(",") ?? [pattern];
}

test("a program that was bundled finds the networks beside it, also in a folder with a blank in its name", async () => {
  const folder = await mkdtemp(join(root, "out-bundled program-"));
  try {
    const { code } = examples.find(({ word }) => word === "bundled")!;
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
