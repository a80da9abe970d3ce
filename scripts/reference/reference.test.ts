import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EntrySource, entriesOf, libraryReference, type Reference } from "./library.ts";
import { openProgram } from "./program.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-reference-"));
  const compilerOptions = { target: "es2024", module: "nodenext", strict: true, noEmit: true, types: [], allowImportingTsExtensions: true };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The reference of drawn entries: `main` is `drawn`, any other `drawn/NAME`. */
async function referenceOf(files: Readonly<Record<string, string>>): Promise<Reference> {
  const entries: EntrySource[] = [];
  for (const [name, text] of Object.entries(files)) {
    const source = join(folder, `${name}.ts`);
    await writeFile(source, text);
    if (name.startsWith("_")) continue;
    entries.push({ specifier: name === "main" ? "drawn" : `drawn/${name}`, source, page: `${name}.md` });
  }
  using program = openProgram(join(folder, "tsconfig.json"));
  return await libraryReference(program, entries);
}

const shapes = `/** A box. */
export interface Box {
  /** In pixels. @default 1 */
  readonly width?: number | undefined;
}
`;

const main = `/** What is drawn. */
export type { Box } from "./_shapes.ts";
import type { Box } from "./_shapes.ts";

/**
 * Draws a box.
 * @param box where it is
 * @returns what was drawn
 * @throws {TF_ABORTED | TF_DISPOSED} when it is stopped
 * @example
 * draw({ width: 2 });
 */
export function draw(box: Box, { times = 1 }: { readonly times?: number } = {}): string[] {
  return Array.from({ length: times }, () => String(box.width));
}
`;

describe("the reference of the library", () => {
  test("says what docstrings and types say", async () => {
    const { pages, problems } = await referenceOf({ _shapes: shapes, main });
    expect(problems).toEqual([]);
    const page = pages.get("main.md")!;
    expect(page).toContain("function draw(box: Box, options?: { times?: number }): string[]");
    expect(page).toContain("- `box`: [`Box`](#box); where it is");
    expect(page).toContain("**Gives** what was drawn");
    expect(page).toContain("- [TF_ABORTED](errors.md#tf_aborted), [TF_DISPOSED](errors.md#tf_disposed) when it is stopped");
    expect(page).toContain("```js\ndraw({ width: 2 });\n```");
    expect(page).toContain("- `width?`: `number`. In pixels. *Default: 1.*");
  });

  test("tells of an export once, and links to it from other pages", async () => {
    const more = `/** More. */\nexport type { Box } from "./_shapes.ts";\nimport type { Box } from "./_shapes.ts";\n/** A second one. */\nexport function again(box: Box): void { box.width; }\n`;
    const { pages } = await referenceOf({ _shapes: shapes, main, more });
    expect(pages.get("more.md")).toContain("[Box](main.md#box)");
    expect(pages.get("more.md")).toContain("- `box`: [`Box`](main.md#box)");
    expect(pages.get("more.md")).not.toContain("### Box");
  });

  test("a planted export without a docstring is a problem", async () => {
    const { problems } = await referenceOf({ _shapes: shapes, main: `${main}export const planted = 1;\n` });
    expect(problems).toEqual(['drawn: "planted" has no docstring']);
  });

  test("a planted signature that names what nobody exports is a problem", async () => {
    const planted = main.replace('export type { Box } from "./_shapes.ts";\n', "");
    const { problems } = await referenceOf({ _shapes: shapes, main: planted });
    expect(problems).toEqual(['drawn: "draw" names "Box", which no entry exports']);
  });

  test("every door of a package has a page", async () => {
    const file = join(folder, "doors.json");
    const doors = { ".": { types: "./dist/index.d.ts" }, "./new": { types: "./dist/new.d.ts" }, "./models/*": "./models/*" };
    await writeFile(file, JSON.stringify({ name: "drawn", exports: doors }));
    expect(await entriesOf(file)).toEqual([
      { specifier: "drawn", source: "src/_entries/node.ts", page: "library.md" },
      { specifier: "drawn/new", source: "src/_entries/new.ts", page: "library-new.md" },
    ]);
  });
});
