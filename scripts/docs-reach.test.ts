import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { linksToNothing, unreachedPages } from "./docs-reach.ts";

const pages = new Map([
  ["README.md", "[guide](docs/guide/README.md#start) and [elsewhere](https://example.org/docs/lab/lost.md)"],
  ["docs/guide/README.md", "[numbers](../lab/numbers.md)"],
  ["docs/lab/numbers.md", "[back](../../README.md)"],
]);

describe("pages that README.md leads to", () => {
  test("are followed from page to page, also in a circle", () => {
    expect(unreachedPages(pages, "README.md")).toEqual([]);
  });

  test("a planted page that nothing links to is found, also where it links to others", () => {
    const planted = new Map([...pages, ["docs/lab/lost.md", "[numbers](numbers.md)"]]);
    expect(unreachedPages(planted, "README.md")).toEqual(["docs/lab/lost.md"]);
  });
});

describe("pages in the package", () => {
  const packedSchema = z.array(z.object({ files: z.array(z.object({ path: z.string() })) })).length(1);

  test("link to nothing that was left out of it", async () => {
    const words = ["pack", "--dry-run", "--ignore-scripts", "--json"];
    const { stdout } = await promisify(execFile)("npm", words, { shell: process.platform === "win32", maxBuffer: 1e8 });
    const files = packedSchema.parse(JSON.parse(stdout))[0]!.files.map(({ path }) => path);
    const own = files.filter((path) => path.endsWith(".md") && !path.startsWith("dist/"));
    expect(own.length).toBeGreaterThan(50);
    const packed = new Map(await Promise.all(own.map(async (path) => [path, await readFile(path, "utf8")] as const)));
    expect(linksToNothing(packed, files)).toEqual([]);
  });

  test("a planted link to what is not packed is found, one to a folder is not", () => {
    const planted = new Map([["docs/guide/start.md", "[numbers](../lab/numbers.md), [lost](../lab/lost.md), [lab](../lab)"]]);
    expect(linksToNothing(planted, ["docs/guide/start.md", "docs/lab/numbers.md"])).toEqual(["docs/guide/start.md: docs/lab/lost.md"]);
  });
});
