import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createAnalyzer } from "../src/_entries/node.ts";

/**
 * TensorFace in other runtimes than Node: its sources, as they stand. Deno and Bun come as npm packages whose install scripts, which only
 * put a program elsewhere, are not run.
 */
const run = promisify(execFile);
const portrait = resolve("examples/astronaut.png");

let folder: string;
// Beside node_modules: a program finds its packages from where it stands.
beforeEach(async () => void (folder = await mkdtemp(resolve("out-runtimes-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const told = z.object({ x: z.number(), width: z.number(), mood: z.string(), age: z.number(), runtime: z.string() });

describe.each([
  ["deno", ["run", "--allow-all"], () => resolve("node_modules/.bin/deno")],
  ["bun", ["run"], bun],
] as const)("%s", (name, flags, program) => {
  test("analyses the portrait as Node does, and a row of pictures with a thread that ends with it", { timeout: 180_000 }, async () => {
    const script = join(folder, "analyze.ts");
    await writeFile(
      script,
      `import { createAnalyzer, decode, encode } from "${resolve("src/_entries/node.ts")}";
      const analyzer = await createAnalyzer({ workers: 1 });
      const [face] = (await analyzer.analyze(${JSON.stringify(portrait)})).faces;
      // A row so long that a thread is called, which is ended with the analyzer.
      const small = await encode((await decode(${JSON.stringify(portrait)}, { maxSide: 128 })).image);
      await Promise.all(Array.from({ length: 20 }, () => analyzer.analyze(small)));
      await analyzer.dispose();
      const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
      console.log(JSON.stringify({ x: face.box.x, width: face.box.width, mood: face.mood.label, age: face.age.years, runtime }));`,
    );
    const { stdout } = await run(await program(), [...flags, script], { env: { ...process.env, DENO_DIR: join(folder, "deno") } });
    const there = told.parse(JSON.parse(stdout));

    await using analyzer = await createAnalyzer();
    const [face] = (await analyzer.analyze({ path: portrait })).faces;
    expect(there).toMatchObject({ runtime: name, mood: face!.mood!.label });
    expect(there.x).toBeCloseTo(face!.box.x, 3);
    expect(there.width).toBeCloseTo(face!.box.width, 3);
    expect(there.age).toBeCloseTo(face!.age!.years, 3);
  });
});

/** The program for this machine; which of its packages was installed, npm decides. */
async function bun(): Promise<string> {
  const packages = (await readdir("node_modules/@oven")).map((name) => join("node_modules/@oven", name, "bin"));
  const programs = packages.flatMap((bin) => [join(bin, "bun"), join(bin, "bun.exe")]).filter((path) => existsSync(path));
  const [path] = programs.toSorted((a, b) => a.length - b.length);
  if (path === undefined) throw new Error("npm installed no program of the package bun");
  return resolve(path);
}
