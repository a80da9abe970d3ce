import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTable } from "./csv-rows.node.ts";

/** Tables as programs of offices, other systems and people with editors write them. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-tables-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(text: string): Promise<{ readonly headers: readonly string[]; readonly rows: readonly (readonly string[])[] }> {
  const path = join(folder, "table.csv");
  await writeFile(path, text);
  const { headers, rows } = await openTable(path);
  return { headers, rows: await Array.fromAsync(rows, (row) => headers.map((header) => row.cell(header))) };
}

const wanted = {
  headers: ["file", "age"],
  rows: [
    ["a.jpg", "3"],
    ["b.jpg", "4"],
    ["c.jpg", "5"],
  ],
};

describe("lines", () => {
  test.each([
    ["Unix's", "\n", "\n"],
    ["Windows'", "\r\n", "\r\n"],
    ["of old Macs", "\r", "\r"],
    ["a head from Windows, rows added elsewhere", "\r\n", "\n"],
    ["a head from elsewhere, rows added in Windows", "\n", "\r\n"],
  ])("%s", async (_name, first, others) => {
    expect(await read(`file,age${first}a.jpg,3${others}b.jpg,4${others}c.jpg,5${others}`)).toEqual(wanted);
  });

  test("of several kinds between the rows", async () => {
    expect(await read("file,age\r\na.jpg,3\r\nb.jpg,4\nc.jpg,5\r\n")).toEqual(wanted);
  });

  test("within quotes belong to their cell", async () => {
    expect((await read('file,note\r\na.jpg,"one\ntwo"\nb.jpg,"one\r\ntwo"\n')).rows).toEqual([
      ["a.jpg", "one\ntwo"],
      ["b.jpg", "one\r\ntwo"],
    ]);
  });
});

describe("between cells", () => {
  test.each([
    ["semicolons, as offices write where a comma stands in numbers", "file;age\na.jpg;3\nb.jpg;4\nc.jpg;5\n"],
    ["tabs", "file\tage\na.jpg\t3\nb.jpg\t4\nc.jpg\t5\n"],
    ["semicolons, and a mark of byte order", '\uFEFF"file";"age"\r\n"a.jpg";"3"\r\n"b.jpg";"4"\r\n"c.jpg";"5"\r\n'],
  ])("%s", async (_name, text) => {
    expect(await read(text)).toEqual(wanted);
  });

  test("commas, where a head has semicolons and tabs too", async () => {
    expect((await read("file,tags;more\na.jpg,x;y\n")).headers).toEqual(["file", "tags;more"]);
  });

  test.each([
    ["a comma in a head", "file;age, in years;sex\na.jpg;25;f\n", ["file", "age, in years", "sex"]],
    ["a comma within quotes in a head of two", 'file;"mood, as seen"\na.jpg;"happy, I think"\n', ["file", "mood, as seen"]],
    ["commas in numbers", "file;age;size, m\na.jpg;25;1,75\n", ["file", "age", "size, m"]],
  ])("semicolons, with %s", async (_name, text, headers) => {
    expect((await read(text)).headers).toEqual(headers);
  });

  test("commas, with semicolons in a head", async () => {
    expect((await read("file,tags (a;b;c)\na.jpg,a\n")).headers).toEqual(["file", "tags (a;b;c)"]);
    expect((await read('file,"a;b;c"\na.jpg,"a;b"\n')).headers).toEqual(["file", "a;b;c"]);
    expect((await read("file,age,sex\na.jpg,3\n")).headers).toEqual(["file", "age", "sex"]);
  });

  test("a table of one column has no cells to tell apart", async () => {
    expect(await read("file\na.jpg\n")).toEqual({ headers: ["file"], rows: [["a.jpg"]] });
    expect(await read("")).toEqual({ headers: [], rows: [] });
  });
});
