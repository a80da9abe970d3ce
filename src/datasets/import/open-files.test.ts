import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { partialPath } from "../../files/files.node.ts";
import { encode } from "../../image/encode.node.ts";
import { filledImage } from "../../image/index.ts";
import { openTable } from "./csv-rows.node.ts";
import { sortLines } from "./external-sort.node.ts";
import { readFerPlus } from "./fer-plus.node.ts";
import { importDataset } from "./import.node.ts";

/** What is not read to its end is closed all the same, and not when somebody collects garbage. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "open-files-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The files of the folder that this process has open, by Linux's books. */
async function openFiles(): Promise<string[]> {
  const links = (await readdir("/proc/self/fd")).map(async (fd) => readlink(join("/proc/self/fd", fd)).catch(() => ""));
  return (await Promise.all(links)).filter((path) => path.startsWith(folder));
}

describe.skipIf(process.platform !== "linux")("closes", () => {
  test("a table of which the headers alone are wanted, and one whose reader stops", async () => {
    const path = join(folder, "table.csv");
    await writeFile(path, `file,mood\n${"a.jpg,happy\n".repeat(50_000)}`);
    const table = await openTable(path);
    expect(table.headers).toEqual(["file", "mood"]);
    expect(await openFiles()).toEqual([]);
    for await (const row of table.rows) {
      expect([row.number, row.cell("mood")]).toEqual([1, "happy"]);
      expect(await openFiles()).toEqual([path]);
      break;
    }
    expect(await openFiles()).toEqual([]);
  });

  test("a manifest beside which no rejections can be written", async () => {
    const [source, out] = [join(folder, "source"), join(folder, "out")];
    await mkdir(source);
    await writeFile(join(source, "a.png"), await encode(filledImage(3, 3, [1, 2, 3]), { format: "png" }));
    await writeFile(join(source, "t.csv"), "file,mood\na.png,happy\n");
    const inTheWay = partialPath(join(out, "rejections.jsonl"));
    await mkdir(inTheWay, { recursive: true });
    await writeFile(join(inTheWay, "x"), "");
    await expect(importDataset("csv", join(source, "t.csv"), out)).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE" });
    expect(await openFiles()).toEqual([]);
    expect((await readdir(out)).filter((name) => name.includes("manifest"))).toEqual([]);
  });

  test("runs of a sort whose reader stops", async () => {
    const lines = async function* (): AsyncGenerator<{ key: string; line: string }> {
      for (let index = 0; index < 9; index++) yield { key: String(8 - index), line: "x" };
    };
    const runs = join(folder, "runs");
    await mkdir(runs);
    for await (const { key } of sortLines(lines(), { folder: runs, runLength: 2 })) {
      expect(key).toBe("0");
      break;
    }
    expect(await openFiles()).toEqual([]);
  });

  test("votes that do not belong to their table", async () => {
    const headers = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF";
    const path = join(folder, "fer2013new.csv");
    await writeFile(path, `${headers}\n${"Training,fer0000000.png,10,0,0,0,0,0,0,0,0,0\n".repeat(20_000)}`);
    {
      await using votes = await readFerPlus(path);
      await expect(votes.next("PublicTest")).rejects.toThrow("expected");
    }
    expect(await openFiles()).toEqual([]);
  });
});
