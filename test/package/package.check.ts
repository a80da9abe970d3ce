import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linksToNothing } from "../../scripts/docs-reach.ts";

/** The package as a user gets it: packed, installed into an empty folder, called, imported and bundled. */
const repository = fileURLToPath(new URL("../..", import.meta.url));
const portrait = join(repository, "examples/astronaut.png");
let consumer = "";
let tarball = "";

interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; `npm` scripts and `npx` of a user, not of this repository. */
async function run(cwd: string, program: string, ...words: string[]): Promise<Output> {
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip", NODE_OPTIONS: "", npm_config_audit: "false", npm_config_fund: "false" };
  return promisify(execFile)(program, words, { cwd, env, maxBuffer: 64 * 1024 * 1024 });
}

/** TypeScript as a careful project has it: nothing is taken on trust, the declarations of packages included. */
const strict = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2024", "--lib", "esnext,dom", "--skipLibCheck", "false"];

const node = (...words: string[]): Promise<Output> => run(consumer, process.execPath, ...words);

async function script(name: string, text: string): Promise<string> {
  await writeFile(join(consumer, name), text);
  return name;
}

beforeAll(async () => {
  consumer = await realpath(await mkdtemp(join(tmpdir(), "tensorface-package-")));
  const packed = join(consumer, "packed");
  await mkdir(packed);
  await run(repository, "npm", "run", "build");
  await run(repository, "npm", "pack", "--ignore-scripts", "--pack-destination", packed);
  tarball = join(packed, (await readdir(packed))[0]!);
  await script("package.json", JSON.stringify({ name: "consumer", version: "1.0.0", private: true, type: "module" }));
  await run(consumer, "npm", "install", tarball, "onnxruntime-web", "vite", "esbuild", "typescript");
});
afterAll(() => rm(consumer, { recursive: true, force: true }));

describe("the packed files", () => {
  test("are built output, networks, notebooks and papers: no sources, tests, data or maps of this machine", async () => {
    const { stdout } = await run(repository, "tar", "-tzf", tarball);
    const files = stdout
      .trim()
      .split("\n")
      .map((path) => path.replace(/^package\//, ""));
    const tops = [...new Set(files.map((path) => path.split("/")[0]!))].toSorted((a, b) => a.localeCompare(b));
    const papers = ["AGENTS.md", "CONTRIBUTING.md", "docs", "examples", "LICENSE", "LICENSES", "NOTICE", "README.md"];
    expect(new Set(tops)).toEqual(new Set([...papers, "dist", "models", "notebooks", "package.json", "recipes"]));
    expect(files.filter((path) => /\.test\.|\.(jpg|jpeg|csv)$|node_modules/.test(path))).toEqual([]);
    expect(files.some((path) => path.endsWith(".onnx"))).toBe(true);
    expect(files.filter((path) => path.startsWith("models/rivals"))).toEqual([]);
  });

  test("have pages that link to nothing that was left out", async () => {
    const { stdout } = await run(repository, "tar", "-tzf", tarball);
    const files = stdout
      .trim()
      .replaceAll(/^package\//gm, "")
      .split("\n");
    const pages = files.filter((path) => path.endsWith(".md") && !path.startsWith("dist/"));
    expect(pages.length).toBeGreaterThan(50);
    const installed = join(consumer, "node_modules/tensorface");
    const texts = new Map(await Promise.all(pages.map(async (path) => [path, await readFile(join(installed, path), "utf8")] as const)));
    expect(linksToNothing(texts, files)).toEqual([]);
  });

  test("stay within their budget", async () => {
    expect((await stat(tarball)).size).toBeLessThan(megabytes(40));
    const sizes = await Promise.all(
      ["index.js", "browser.js", "cli.js"].map(async (name) => (await stat(join(consumer, "node_modules/tensorface/dist", name))).size),
    );
    expect(Math.max(...sizes)).toBeLessThan(megabytes(0.4));
  });

  test("publint and are-the-types-wrong find nothing", async () => {
    const publint = await run(repository, "npx", "publint", "--strict", tarball);
    const types = await run(repository, "npx", "attw", "--profile", "esm-only", "--exclude-entrypoints", "./models", "--", tarball);
    expect(publint.stdout).toContain("All good");
    expect(types.stdout).toContain("node16 (from ESM): 🟢 (ESM)");
  });
});

describe("an installation", () => {
  /** Bytes in a folder, in units of 1,024 x 1,024. */
  async function size(folder: string): Promise<number> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const sizes = await Promise.all(files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
    return sizes.reduce((sum, bytes) => sum + bytes, 0) / megabytes(1);
  }

  test("is small: two thirds of the bytes and a ninth of the packages of version 0.1", async () => {
    const folder = join(consumer, "alone");
    await mkdir(folder);
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "alone", private: true }));
    await run(folder, "npm", "install", tarball);
    const lock = JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8")) as {
      packages: Record<string, { optional?: boolean }>;
    };
    const installed = await readdir(join(folder, "node_modules"), { withFileTypes: true });
    expect(Object.keys(lock.packages).length).toBeLessThan(60);
    expect(installed.length).toBeLessThan(40);
    expect(await size(join(folder, "node_modules"))).toBeLessThan(384);
  });

  test("names what is bundled in it, with the texts of the licences", async () => {
    for (const file of ["licences.txt", "web/licences.txt"]) {
      const text = await readFile(join(consumer, "node_modules/tensorface/dist", file), "utf8");
      expect(text).toContain(file.startsWith("web") ? "## preact" : "## fastify");
      expect(text).toContain("Permission is hereby granted");
    }
  });
});

describe("the command", () => {
  test("npx tensorface --version tells the package's version", async () => {
    const manifest = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as { version: string };
    expect((await run(consumer, "npx", "tensorface", "--version")).stdout.trim()).toBe(manifest.version);
  });

  test("npx tensorface analyze finds the face and writes the annotated picture", async () => {
    await cp(portrait, join(consumer, "portrait.png"));
    const { stdout } = await run(consumer, "npx", "tensorface", "analyze", "portrait.png", "--annotate", "out");
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "tensorface.analysis/1",
      source: "portrait.png",
      faces: [{ gender: { label: "female" }, mood: { label: "happy" } }],
    });
    expect((await stat(join(consumer, "out/portrait.png"))).size).toBeGreaterThan(1000);
  });

  test("npx tensorface bulk plans, works, verifies and merges, and names the package that a queue or a bucket needs", async () => {
    await mkdir(join(consumer, "photos"));
    await cp(portrait, join(consumer, "photos/portrait.png"));
    const bulk = (...words: string[]): Promise<Output> => run(consumer, "npx", "tensorface", "bulk", ...words);
    expect((await bulk("plan", "photos", "--out", "results")).stderr).toContain("1 picture in 1 shard");
    expect((await bulk("work", "results")).stderr).toContain("1 of 1 shard done, 1 of 1 picture, 1 face");
    expect((await bulk("verify", "results")).stdout).toContain("1 of 1 shard whole, 0 damaged");
    await bulk("merge", "results", "--out", "faces.parquet", "--rows", "faces");
    expect((await readFile(join(consumer, "faces.parquet"))).subarray(0, 4).toString()).toBe("PAR1");
    await expect(bulk("work", "results", "--queue", "redis://127.0.0.1:1")).rejects.toMatchObject({
      stderr: expect.stringMatching(/npm install bullmq ioredis \[TF_QUEUE_UNAVAILABLE\]/),
    });
    await expect(bulk("plan", "s3://bucket/photos/", "--out", "from-bucket")).rejects.toMatchObject({
      stderr: expect.stringContaining("npm install @aws-sdk/client-s3"),
    });
  });

  test("npx tensorface serve serves the page, its sample and its networks", async () => {
    const server = spawn("npx", ["tensorface", "serve", "--port", "0"], { cwd: consumer, detached: true });
    try {
      const [printed] = (await once(server.stdout, "data")) as [Buffer];
      const address = /http:\S+/.exec(printed.toString())?.[0] ?? "";
      expect(await (await fetch(`${address}/`)).text()).toContain("<title>TensorFace");
      for (const path of ["astronaut.png", "models/index.json"]) expect((await fetch(`${address}/${path}`)).status).toBe(200);
    } finally {
      process.kill(-server.pid!, "SIGTERM");
    }
  });

  test("every network that comes with it is whole", async () => {
    expect((await run(consumer, "npx", "tensorface", "models", "verify")).stdout).not.toMatch(/corrupt|missing/i);
  });
});

describe("the library", () => {
  test("loads the engine and the picture library with the first analyzer and picture, not when it is imported", async () => {
    const text = `import "tensorface";
      const loaded = () => process.report.getReport().sharedObjects.filter((path) => /libvips|onnxruntime/.test(path)).length;
      const before = loaded();
      const { createAnalyzer } = await import("tensorface");
      await using analyzer = await createAnalyzer({ workers: 0 });
      await analyzer.analyze("portrait.png");
      console.log(before, loaded() >= 2);`;
    expect((await node(await script("lazy.mjs", text))).stdout.trim()).toBe("0 true");
  });

  test("an import loads no package, and takes no more of the processor than the engine and the picture library alone would", async () => {
    const dist = join(consumer, "node_modules/tensorface/dist");
    const files = new Set<string>();
    const foreign = new Set<string>();
    const follow = async (path: string): Promise<void> => {
      if (files.has(path)) return;
      files.add(path);
      const text = await readFile(path, "utf8");
      for (const [, specifier] of text.matchAll(/^(?:import|export)\b[^"'();]*["']([^"']+)["']/gm)) {
        if (specifier!.startsWith(".")) await follow(join(path, "..", specifier!));
        else if (!specifier!.startsWith("node:")) foreign.add(specifier!);
      }
    };
    await follow(join(dist, "index.js"));
    expect([...foreign]).toEqual([]);
    expect(files.size).toBeGreaterThan(3);
    const sizes = await Promise.all([...files].map(async (path) => (await stat(path)).size));
    expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(megabytes(0.5));

    const timed = (names: readonly string[]): string => `
      const before = process.cpuUsage();
      for (const name of ${JSON.stringify(names)}) await import(name);
      const { user, system } = process.cpuUsage(before);
      console.log((user + system) / 1000);`;
    const programs = [await script("own.mjs", timed(["tensorface"])), await script("both.mjs", timed(["onnxruntime-node", "sharp"]))];
    const times: number[][] = [[], []];
    for (let round = 0; round < 9; round++)
      for (const [index, program] of programs.entries()) times[index]!.push(Number((await node(program)).stdout));
    const [own, both] = times.map((all) => all.toSorted((a, b) => a - b)[4]!);
    // 0.7 to 0.8 of it; an import that loaded one of them would take half as much again. What it took in 0.1: `npm run bench -- import`.
    expect(own! / both!).toBeLessThan(1.2);
  });

  test("is imported from a module and analyses", async () => {
    const text = `import { createAnalyzer } from "tensorface";
      await using analyzer = await createAnalyzer();
      const { faces } = await analyzer.analyze("portrait.png");
      console.log(faces.length, faces[0].gender.label);`;
    expect((await node(await script("use.mjs", text))).stdout).toBe("1 female\n");
  });

  test("is required from CommonJS, which Node 22.12 and newer allow", async () => {
    const text = `const { createAnalyzer } = require("tensorface"); console.log(typeof createAnalyzer);`;
    expect((await node(await script("use.cjs", text))).stdout).toBe("function\n");
  });

  test("says what films need where it is not installed", async () => {
    const text = `import { createAnalyzer } from "tensorface";
      import { analyzeVideo } from "tensorface/video";
      await using analyzer = await createAnalyzer({ workers: 0 });
      await (await import("node:fs/promises")).writeFile("clip.mp4", "no film");
      await analyzeVideo("clip.mp4", analyzer).next().catch(({ code, hint }) => console.log(code, hint));`;
    expect((await node(await script("film.mjs", text))).stdout).toBe("TF_VIDEO_UNSUPPORTED npm install mediabunny @mediabunny/server\n");
  });

  test("its types hold in a strict project, without the package that checks data", async () => {
    expect(await readdir(join(consumer, "node_modules"))).not.toContain("zod");
    await script(
      "use.ts",
      `import type { FaceRecord } from "tensorface/datasets";
      import { type EvaluationReport, evaluationReportSchema } from "tensorface/evaluate";
      import type { TrainingConfig } from "tensorface/train";
      type IsAny<T> = 0 extends 1 & T ? true : false;
      const told: IsAny<FaceRecord["labels"] | EvaluationReport["tasks"] | TrainingConfig["batchSize"]> = false;
      const report: EvaluationReport = evaluationReportSchema.parse(told);
      // @ts-expect-error -- a report is no number
      const wrong: number = evaluationReportSchema.parse(report);
      console.log(wrong);
      import { createAnalyzer, type FaceAnalysis, isTensorFaceError } from "tensorface";
      import { createAnalyzer as createInBrowser } from "tensorface/browser";
      import { analyzeVideo, type FrameAnalysis } from "tensorface/video";
      const analyzer = await createAnalyzer({ tasks: ["age"] });
      for await (const told of analyzeVideo("clip.mp4", analyzer)) {
        const frame: FrameAnalysis | undefined = told.schema === "tensorface.frame/1" ? told : undefined;
        console.log(frame?.faces[0]?.age?.years);
      }
      const analysis: FaceAnalysis = await analyzer.analyze("portrait.png");
      const years: number | undefined = analysis.faces[0]?.age?.years;
      // @ts-expect-error -- tasks are named
      await createAnalyzer({ tasks: [1] });
      console.log(years, isTensorFaceError(new Error()), createInBrowser);`,
    );
    expect((await run(consumer, "npx", "tsc", ...strict, "--exactOptionalPropertyTypes", "use.ts")).stdout).toBe("");
  });

  test("the README's examples are strict TypeScript too", async () => {
    const readme = await readFile(join(repository, "README.md"), "utf8");
    const examples = [...readme.matchAll(/^```js(?: browser)?\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const [index, code] of examples.entries()) {
      await script(`readme-${index}.mts`, code);
      expect((await run(consumer, "npx", "tsc", ...strict, "--types", "", `readme-${index}.mts`)).stdout).toBe("");
    }
  });

  test.each(["esm", "cjs"])(
    "works in a bundle of form %s that is moved away from the package, with the networks beside it",
    async (form) => {
      const folder = join(consumer, `moved-${form}`);
      await script(
        "bundled.mts",
        `import { createAnalyzer } from "tensorface";
      const where = process.argv[2];
      createAnalyzer(where === undefined ? {} : { modelsFolder: where })
        .then(async (analyzer) => {
          const { faces } = await analyzer.analyze("portrait.png");
          console.log(faces.length, faces[0]?.gender?.label);
          await analyzer.dispose();
        })
        .catch((error) => console.log(error.code, error.hint));`,
      );
      const file = join(folder, `app.${form === "esm" ? "mjs" : "cjs"}`);
      const words = [
        "--bundle",
        "--platform=node",
        `--format=${form}`,
        "--external:onnxruntime-node",
        "--external:sharp",
        `--outfile=${file}`,
      ];
      await run(consumer, "npx", "esbuild", "bundled.mts", ...words, "--log-level=error");
      await cp(join(consumer, "node_modules/tensorface/models"), join(folder, "models"), { recursive: true });
      expect((await node(file, join(folder, "models"))).stdout).toBe("1 female\n");
      expect((await node(file)).stdout).toMatch(/^TF_MODEL_NOT_FOUND .*modelsFolder/);
    },
  );
});

describe("the other doors", () => {
  /** An empty folder as `npm init -y` leaves it, with the package in it. */
  async function project(name: string, ...packages: string[]): Promise<string> {
    const folder = join(consumer, name);
    await mkdir(folder);
    await run(folder, "npm", "init", "-y");
    await run(folder, "npm", "install", tarball, ...packages);
    return folder;
  }

  test("a dataset is imported, a network trained for an epoch from a TypeScript configuration, exported, evaluated and used", async () => {
    const folder = await project("workshop");
    // Drawn squares: bright ones and dark ones.
    await writeFile(
      join(folder, "draw.mjs"),
      `import { mkdir } from "node:fs/promises";
      import { encode } from "tensorface";
      for (const [label, light] of [["bright", 200], ["dark", 40]]) {
        await mkdir("pictures/" + label, { recursive: true });
        for (let index = 0; index < 24; index++) {
          const data = Uint8ClampedArray.from({ length: 24 * 24 * 3 }, (_, at) => light + ((at * 31 + index * 17) % 40));
          const bytes = await encode({ width: 24, height: 24, data }, { format: "png" });
          await (await import("node:fs/promises")).writeFile("pictures/" + label + "/" + index + ".png", bytes);
        }
      }
      const { importDataset, openDataset } = await import("tensorface/datasets");
      await importDataset("folder", "pictures", "data", { validation: 0.25, tasks: [{ name: "light" }] });
      const dataset = await openDataset("data");
      console.log(dataset.info.counts.faces);`,
    );
    expect((await run(folder, process.execPath, "draw.mjs")).stdout).toBe("48\n");
    await writeFile(
      join(folder, "light.ts"),
      `import { defineTraining, conv, dense, globalPool, activation } from "tensorface/train";
      export default defineTraining({
        name: "light",
        description: "Bright or dark",
        seed: 1,
        data: [{ path: "data" }],
        picture: { side: 16, colour: "rgb", mean: 127.5, standardDeviation: 64 },
        network: {
          backbone: [conv(8, { kernel: 3, stride: 2 }), activation("relu"), globalPool()],
          heads: [{ task: "light", kind: "classes", labels: ["bright", "dark"], layers: [dense(2)] }],
        },
        losses: [{ kind: "crossEntropy", head: "light", target: { kind: "class" } }],
        optimiser: { kind: "adamw" },
        schedule: { kind: "oneCycle", peak: 0.02 },
        batchSize: 8,
        epochs: 1,
        validation: { select: ["light.accuracy"] },
      });`,
    );
    await run(folder, "npx", "tensorface", "train", "light.ts");
    await run(folder, "npx", "tensorface", "export", "light.ts", "--sees", "picture");
    const { stdout } = await run(
      folder,
      "npx",
      "tensorface",
      "analyze",
      "pictures/dark/1.png",
      "--model",
      ".runs/light/light.json",
      "--tasks",
      "light",
    );
    expect(Object.keys(JSON.parse(stdout).attributes.light.probabilities)).toEqual(["bright", "dark"]);
  });

  test("a recipe of the package is trained by its name, from its own file, and from a copy that was changed", async () => {
    const folder = await project("recipe");
    const packed = join(folder, "node_modules/tensorface/recipes/fer2013-small.ts");
    await writeFile(join(folder, "mine.ts"), (await readFile(packed, "utf8")).replaceAll("fer2013-small", "mine"));
    for (const name of ["fer2013-small", packed, "mine.ts"]) {
      // Its dataset is for users to fetch: what is missing is named after the configuration was read.
      const failure = await run(folder, "npx", "tensorface", "train", name).catch((error: Output) => error);
      expect(failure.stderr).toContain(`training ${name === "mine.ts" ? "mine" : "fer2013-small"} in .runs/`);
      expect(failure.stderr).toContain('".data/imported/fer2013" does not exist');
      expect(failure.stderr).not.toContain("Warning");
    }
  });

  test("the API is mounted into somebody's own Fastify app", async () => {
    const folder = await project("mounted", "fastify");
    await writeFile(
      join(folder, "app.mjs"),
      `import Fastify from "fastify";
      import { readFile } from "node:fs/promises";
      import { createServerParts, tensorface } from "tensorface/server";
      const app = Fastify();
      const parts = await createServerParts({ workers: 0 });
      app.addHook("onClose", () => parts.analyzer.dispose());
      await app.register(tensorface, { prefix: "/faces", parts });
      const payload = await readFile(process.argv[2]);
      const answer = await app.inject({ method: "POST", url: "/faces/v1/analyze", payload, headers: { "content-type": "image/png" } });
      console.log(answer.statusCode, answer.json().faces.length);
      await app.close();`,
    );
    expect((await run(folder, process.execPath, "app.mjs", portrait)).stdout).toBe("200 1\n");
  });

  test("a test of Jest, which gives every file globals of its own, finds faces and gets coded errors", async () => {
    const folder = await project("jest", "jest");
    await cp(portrait, join(folder, "portrait.png"));
    await writeFile(
      join(folder, "faces.test.mjs"),
      `import { createAnalyzer } from "tensorface";
      test("faces", async () => {
        const analyzer = await createAnalyzer({ workers: 0 });
        const { faces } = await analyzer.analyze("portrait.png");
        expect(faces[0].gender.label).toBe("female");
        await expect(analyzer.analyze("nowhere.png")).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND" });
        await analyzer.dispose();
      });`,
    );
    const words = ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--testMatch", "**/*.test.mjs"];
    expect((await run(folder, process.execPath, ...words)).stderr).toContain("1 passed");
  });

  test("their types hold without skipLibCheck, and a recipe that a module exports can be named", async () => {
    const folder = join(consumer, "mounted");
    await writeFile(
      join(folder, "doors.mts"),
      `import { importDataset } from "tensorface/datasets";
      import { defineTraining, trainNetwork } from "tensorface/train";
      import { evaluateTasks } from "tensorface/evaluate";
      import { tensorface } from "tensorface/server";
      console.log(importDataset, trainNetwork, evaluateTasks, tensorface);
      declare const config: Parameters<typeof defineTraining>[0];
      export default defineTraining(config);`,
    );
    await run(folder, "npm", "install", "typescript", "@types/node");
    expect((await run(folder, "npx", "tsc", ...strict, "--declaration", "--types", "node", "doors.mts")).stdout).toBe("");
  });
});

describe("the browser entry", () => {
  const page = `import { createAnalyzer } from "tensorface/browser"; globalThis.createAnalyzer = createAnalyzer;`;

  test("is bundled by Vite without anything of Node", async () => {
    await script("page.js", page);
    await script("index.html", `<script type="module" src="./page.js"></script>`);
    const { stdout, stderr } = await run(consumer, "npx", "vite", "build");
    expect(stdout + stderr).not.toMatch(/externalized for browser|could not be resolved|failed to resolve/i);
    expect(await traces(join(consumer, "dist"))).toEqual([]);
  });

  test("is bundled by esbuild without polyfills", async () => {
    await script("page.js", page);
    await run(
      consumer,
      "npx",
      "esbuild",
      "page.js",
      "--bundle",
      "--format=esm",
      "--platform=browser",
      "--outfile=bundled/page.js",
      "--log-level=warning",
    );
    expect(await traces(join(consumer, "bundled"))).toEqual([]);
  });

  test("the main entry is the browser's one under the browser condition", async () => {
    await script("main.js", page.replace("tensorface/browser", "tensorface"));
    await run(
      consumer,
      "npx",
      "esbuild",
      "main.js",
      "--bundle",
      "--format=esm",
      "--platform=browser",
      "--conditions=browser",
      "--outfile=bundled/main.js",
    );
    expect(await traces(join(consumer, "bundled"))).toEqual([]);
  });
});

/**
 * What only Node has, in a bundle for browsers. onnxruntime-web asks for `node:fs` in branches that only Node enters, by
 * dynamic imports, which bundlers leave alone: those are no trace.
 */
async function traces(folder: string): Promise<string[]> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => /\.m?js$/.test(name));
  expect(files).not.toEqual([]);
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  const foreign =
    /(?:from|import)\s*["'](?:node:[\w/]+|fs|path|os|onnxruntime-node|sharp)["']|require\(["'](?:node:[\w/]+|sharp)["']\)|onnxruntime-node/g;
  return texts.flatMap((text) => text.match(foreign) ?? []);
}

function megabytes(count: number): number {
  return count * 1024 * 1024;
}
