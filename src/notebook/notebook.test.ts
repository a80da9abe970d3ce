import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAnalyzer } from "../analyze/create-analyzer.node.ts";
import { packageFolder } from "../files/package.node.ts";
import { filledImage } from "../image/index.ts";
import { chart, exampleData, faceGrid, picture, pictures, table } from "./index.ts";
import type { MediaBundle } from "./display.ts";
import { currentKernel, type Kernel } from "./kernel.ts";
import { showIn, showLiveIn, showProgressIn } from "./show.ts";
import { findDeno, findProgram, setUpWorkplace } from "./workplace.ts";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "notebook-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Shown {
  readonly what: "show" | "replace";
  readonly text: unknown;
  readonly id: string | undefined;
}

function recordingKernel(): Kernel & { readonly shown: Shown[] } {
  const shown: Shown[] = [];
  const note = (what: Shown["what"]) => async (forms: MediaBundle, id?: string) => void shown.push({ what, text: forms["text/plain"], id });
  return { shown, show: note("show"), replace: note("replace") };
}

const red = filledImage(60, 40, [200, 30, 30]);

describe("what cells show", () => {
  test("a table: numbers at the right, digits as asked for, and what is left out is counted", () => {
    const rows = [
      { mood: "happy <b>", right: 0.91234, faces: 120 },
      { mood: "sad", right: null, faces: 7 },
      { mood: "angry", right: 0.5, faces: 9 },
    ];
    const { forms } = table(rows, { title: "By mood", digits: 2, limit: 2 });
    const cells = String(forms["text/plain"])
      .split("\n")
      .map((line) => line.trim().split(/ {2,}/));
    expect(cells).toEqual([["By mood"], ["mood", "right", "faces"], ["happy <b>", "0.91", "120"], ["sad", "7"], ["... and 1 more"]]);
    expect(forms["text/html"]).toContain("happy &lt;b&gt;");
    expect(forms["text/html"]).toContain('<td class="right">0.91</td>');
  });

  test("a table: a column has the same digits in every row", () => {
    const { forms } = table(
      [
        { right: 100, faces: 5, most: Number.POSITIVE_INFINITY },
        { right: 47.62, faces: 21 },
      ],
      { digits: 1 },
    );
    const rows = [...String(forms["text/html"]).matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) => row!.replaceAll(/<[^>]+>/g, " ").trim());
    expect(rows.slice(1).map((row) => row.split(/\s+/))).toEqual([
      ["100.0", "5", "Infinity"],
      ["47.6", "21"],
    ]);
  });

  test("a table without rows is an empty one", () => {
    expect(table([], { title: "Nothing" }).forms["text/plain"]).toContain("Nothing");
  });

  test("a chart: SVG and Vega-Lite of the same data, and a picture of it for viewers that clean SVG away", async () => {
    const spec = {
      title: "Faces [all]",
      data: { values: [{ mood: "happy", faces: 3 }] },
      mark: "bar",
      encoding: { y: { field: "mood", type: "nominal" }, x: { field: "faces", type: "quantitative" } },
    };
    const { forms } = await chart(spec);
    expect(forms["image/svg+xml"]).toMatch(/^<svg .*happy/s);
    expect(forms["application/vnd.vegalite.v5+json"]).toMatchObject(spec);
    expect(forms["text/markdown"]).toMatch(/^!\[Faces all\]\(data:image\/svg\+xml;base64,[\w+/=]+\)$/);
    expect(forms["text/plain"]).toBe("Faces [all] (a chart)");
    await expect(chart({ data: { values: [] } })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  });

  test("pictures: one as a file, several as a grid with captions", async () => {
    const one = await picture(red);
    expect(Buffer.from(String(one.forms["image/jpeg"]), "base64").subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    const grid = await pictures([{ image: red, caption: "a & b" }, { image: red }], { columns: 3 });
    expect(String(grid.forms["text/html"]).match(/<img /g)).toHaveLength(2);
    expect(grid.forms["text/html"]).toContain("repeat(3, 1fr)");
    expect(grid.forms["text/html"]).toContain("a &amp; b");
    await expect(picture(join(folder, "missing.jpg"))).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND" });
  });

  test("faces of an analysis: boxed on the picture, and in rows with what was told", async () => {
    await using analyzer = await createAnalyzer();
    const path = "examples/astronaut.png";
    const analysis = await analyzer.analyze(path);
    const [boxed, plain] = await Promise.all([picture(path, { faces: analysis }), picture(path)]);
    expect(boxed.forms["text/plain"]).toBe("picture of 512 x 512, 1 face");
    expect(boxed.forms["image/jpeg"]).not.toBe(plain.forms["image/jpeg"]);
    const { forms } = await faceGrid(path, analysis);
    expect(forms["text/plain"]).toMatch(/^1 picture\n {2}1: female .*happy/);
  });
});

describe("showing", () => {
  test("keeps the order and awaits what is promised; the kernel asks values by Jupyter's symbol", async () => {
    const kernel = recordingKernel();
    await showIn(kernel, ["first", chart({ title: "second", data: { values: [] }, mark: "bar" }), table([{ a: 1 }])]);
    expect(kernel.shown.map(({ text }) => String(text).split("\n")[0])).toEqual(["first", "second (a chart)", expect.any(String)]);
    const display = table([{ a: 1 }]);
    const ask: unknown = Reflect.get(display, Symbol.for("Jupyter.display"));
    expect(typeof ask === "function" ? ask() : undefined).toEqual(display.forms);
  });

  test("outside of a notebook things are printed", async () => {
    const lines: string[] = [];
    await showIn(
      currentKernel((text) => lines.push(text)),
      ["hello"],
    );
    expect(lines).toEqual(["hello"]);
  });

  test("what changes stays in one place, under an id of its own; the last state is shown, some between may not be", async () => {
    const kernel = recordingKernel();
    const live = await showLiveIn(kernel, "0", 5);
    for (let step = 1; step <= 20; step++) live.replace(String(step));
    await live.end();
    const [first, ...others] = kernel.shown;
    expect(first).toMatchObject({ what: "show", text: "0" });
    expect(others.every(({ what, id }) => what === "replace" && id === first!.id)).toBe(true);
    expect(others.at(-1)!.text).toBe("20");
    expect(others.length).toBeLessThan(20);
    const other = await showLiveIn(kernel, "again");
    await other.end();
    expect(kernel.shown.at(-1)!.id).not.toBe(first!.id);
  });

  test("progress moves and ends with how long it took", async () => {
    const kernel = recordingKernel();
    const progress = await showProgressIn(kernel, "Learning");
    progress.update({ stage: "features", done: 3, total: 10 });
    await progress.end();
    expect(kernel.shown[0]!.text).toBe("Learning: begins");
    expect(kernel.shown.at(-1)!.text).toMatch(/^Learning: done in \d/);
    expect(kernel.shown.some(({ text }) => String(text).startsWith("Learning: features: 3 of 10"))).toBe(true);
  });

  test("a thing that cannot be drawn is told at the end", async () => {
    const live = await showLiveIn(recordingKernel(), "0");
    live.replace(Promise.reject(new Error("no such chart")));
    await expect(live.end()).rejects.toThrow("no such chart");
  });

  test("a thing whose place another took before it was drawn may fail: nobody waits for it", async () => {
    const kernel = recordingKernel();
    const live = await showLiveIn(kernel, "0", 5);
    live.replace("1");
    live.replace(Promise.reject(new Error("no such chart")));
    live.replace("2");
    await live.end();
    expect(kernel.shown.at(-1)!.text).toBe("2");
  });
});

describe("data to begin with", () => {
  test("without data of somebody's own: sets of class folders and a group are drawn, the same each time, and not drawn twice", async () => {
    const data = await exampleData({ folder: join(folder, "drawn"), count: 2 });
    expect(data.isMade).toBe(true);
    expect(data.sets.map(({ name, classes }) => [name, classes.length])).toEqual([
      ["glasses", 2],
      ["light", 3],
      ["turn", 3],
    ]);
    for (const { folder: set, classes } of data.sets)
      for (const name of classes) expect(await readdir(join(set, name))).toEqual(["0.jpg", "1.jpg"]);
    const path = join(data.sets[0]!.folder, "glasses", "0.jpg");
    const [bytes, { mtimeMs }] = [await readFile(path), await stat(path)];
    await exampleData({ folder: join(folder, "drawn"), count: 2 });
    expect((await stat(path)).mtimeMs).toBe(mtimeMs);
    await exampleData({ folder: join(folder, "again"), count: 2 });
    expect(await readFile(path.replace("drawn", "again"))).toEqual(bytes);
    await using analyzer = await createAnalyzer({ tasks: [] });
    expect((await analyzer.analyze(data.group)).faces).toHaveLength(6);
  }, 120_000);

  test("data of somebody's own: each folder with class folders is a set", async () => {
    const own = join(folder, "own");
    for (const name of ["moods/happy", "moods/sad", "notes"]) await mkdir(join(own, name), { recursive: true });
    // An empty variable of the environment names nothing.
    const { isMade, sets } = await exampleData({ from: own, group: "", folder: join(folder, "drawn") });
    expect({ isMade, sets }).toEqual({ isMade: false, sets: [{ name: "moods", folder: join(own, "moods"), classes: ["happy", "sad"] }] });
  });

  test("says what to do where named data are missing or are no sets", async () => {
    const drawn = join(folder, "drawn");
    await expect(exampleData({ from: join(folder, "nowhere"), folder: drawn })).rejects.toMatchObject({
      code: "TF_INPUT_NOT_FOUND",
      message: expect.stringContaining("TENSORFACE_DATA"),
    });
    await expect(exampleData({ from: join(folder, "own", "moods"), folder: drawn })).rejects.toMatchObject({
      code: "TF_DATASET_LAYOUT",
      message: expect.stringContaining("data/moods/happy/1.jpg"),
    });
    await expect(exampleData({ count: 0, folder: drawn })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
    await expect(exampleData({ group: join(folder, "none.jpg"), folder: drawn })).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND" });
  });
});

describe("where notebooks run", () => {
  test("a folder with the notebooks and a kernel for it alone; what somebody changed is kept", async () => {
    const work = join(folder, "work");
    const deno = await findDeno(process.cwd());
    expect(existsSync(deno)).toBe(true);
    const options = { deno, cache: join(work, ".jupyter") };
    const { environment, notebooks } = await setUpWorkplace(work, options);
    expect(notebooks).toHaveLength(5);
    const kernel: unknown = JSON.parse(
      await readFile(join(environment["JUPYTER_PATH"]!.split(":")[0]!, "kernels", "deno", "kernel.json"), "utf8"),
    );
    expect(kernel).toMatchObject({ argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"], language: "typescript" });
    const settings: unknown = JSON.parse(await readFile(join(work, "deno.json"), "utf8"));
    expect(settings).toMatchObject({
      imports: {
        "tensorface/notebook": expect.stringMatching(/^file:.*notebook\.(ts|js)$/),
        fastify: expect.stringMatching(/^file:.*fastify/),
      },
    });
    const { exports } = JSON.parse(await readFile(join(packageFolder()!, "package.json"), "utf8")) as { readonly exports: object };
    const doors = Object.keys(exports).filter((door) => !/browser|models|package/.test(door));
    for (const door of doors) expect(settings).toHaveProperty(["imports", door.replace(".", "tensorface")]);
    await writeFile(notebooks[0]!, "mine");
    await setUpWorkplace(work, options);
    expect(await readFile(notebooks[0]!, "utf8")).toBe("mine");
  });

  test("a folder that was made for TensorFace elsewhere finds it where it is now, and what somebody added there is kept", async () => {
    const work = join(folder, "moved");
    const path = join(work, "deno.json");
    const options = { deno: "deno", cache: join(work, ".jupyter") };
    await mkdir(work);
    await writeFile(path, JSON.stringify({ lock: false, imports: { tensorface: "file:///gone/index.js", lodash: "npm:lodash" } }));
    await setUpWorkplace(work, options);
    const settings: unknown = JSON.parse(await readFile(path, "utf8"));
    const found: unknown = expect.stringMatching(/^file:.*_entries\/node\.ts$/);
    expect(settings).toMatchObject({ lock: false, nodeModulesDir: "manual", imports: { tensorface: found, lodash: "npm:lodash" } });
    const own = '{ "imports": {} } // mine';
    await writeFile(path, own);
    await setUpWorkplace(work, options);
    expect(await readFile(path, "utf8")).toBe(own);
  });

  test("a clone's own folder keeps its settings, which name no place of this machine", async () => {
    const own = join(packageFolder()!, "notebooks");
    const path = join(own, "deno.json");
    const before = await readFile(path, "utf8");
    await setUpWorkplace(own, { deno: "deno", cache: join(folder, "own", ".jupyter") });
    expect(await readFile(path, "utf8")).toBe(before);
    const { exports } = JSON.parse(await readFile(join(packageFolder()!, "package.json"), "utf8")) as { readonly exports: object };
    const doors = Object.keys(exports).filter((door) => !/browser|models|package/.test(door));
    const { imports } = JSON.parse(before) as { readonly imports: Record<string, string> };
    expect(Object.keys(imports).toSorted()).toEqual(doors.map((door) => door.replace(".", "tensorface")).toSorted());
    for (const target of Object.values(imports)) expect(existsSync(join(own, target))).toBe(true);
  });

  test("programs are looked for on the PATH", async () => {
    expect(findProgram("no-such-program")).toBeUndefined();
    await expect(findDeno(tmpdir(), { PATH: folder })).rejects.toMatchObject({
      code: "TF_TOOL_MISSING",
      hint: expect.stringContaining("npm install deno"),
    });
  });
});
