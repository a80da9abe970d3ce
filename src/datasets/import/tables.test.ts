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

interface Read {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

async function read(text: string, name = "table.csv"): Promise<Read> {
  const path = join(folder, name);
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

  test.each([",", ";", "\t"])("what a first line for Excel says: %j", async (between) => {
    const rows = ["file,age", "a.jpg,3", "b.jpg,4", "c.jpg,5"].map((row) => row.replace(",", between));
    expect(await read(`sep=${between}\r\n${rows.join("\r\n")}\r\n`)).toEqual(wanted);
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

/** IANA's text/tab-separated-values knows no quotes; offices and pandas write them around cells that hold one, a tab or a line's end. */
describe("quotes between tabs", () => {
  test.each([
    [
      "at the beginning of a cell that has no second one",
      'file\tnote\na.jpg\t"so he said\nb.jpg\tb\n',
      [
        ["a.jpg", '"so he said'],
        ["b.jpg", "b"],
      ],
    ],
    [
      "around a word at the beginning",
      'file\tnote\na.jpg\t"so" he said\nb.jpg\tb\n',
      [
        ["a.jpg", '"so" he said'],
        ["b.jpg", "b"],
      ],
    ],
    [
      "that end a cell rows later",
      'file\tnote\na.jpg\t"so\nb.jpg\tb\nc.jpg\tsaid he"\n',
      [
        ["a.jpg", '"so'],
        ["b.jpg", "b"],
        ["c.jpg", 'said he"'],
      ],
    ],
    [
      "in the first column, rows apart",
      'note\tfile\n"so\ta.jpg\nso"\tb.jpg\n',
      [
        ['"so', "a.jpg"],
        ['so"', "b.jpg"],
      ],
    ],
    [
      "for inches",
      'file\tnote\na.jpg\t5" wide\nb.jpg\t6"\n',
      [
        ["a.jpg", '5" wide'],
        ["b.jpg", '6"'],
      ],
    ],
    [
      "around a whole cell, with one inside",
      'file\tnote\r\na.jpg\t"5"" wide"\r\nb.jpg\t"6"""\r\n',
      [
        ["a.jpg", '5" wide'],
        ["b.jpg", '6"'],
      ],
    ],
    [
      "around all cells",
      '"file"\t"note"\n"a.jpg"\t"a, b"\n"b.jpg"\t""\n',
      [
        ["a.jpg", "a, b"],
        ["b.jpg", ""],
      ],
    ],
    [
      "around tabs and lines",
      'file\tnote\na.jpg\t"one\ttwo"\nb.jpg\t"one\ntwo"\n',
      [
        ["a.jpg", "one\ttwo"],
        ["b.jpg", "one\ntwo"],
      ],
    ],
    [
      "in rows that are too short",
      'file\tnote\tmore\na.jpg\t"so\nb.jpg\n',
      [
        ["a.jpg", '"so', ""],
        ["b.jpg", "", ""],
      ],
    ],
  ])("%s", async (_name, text, rows) => {
    expect(await read(text, "table.tsv")).toEqual({
      headers:
        rows[0]!.length > 2
          ? ["file", "note", "more"]
          : [text.split("\t")[0]!.replaceAll('"', ""), text.startsWith("note") ? "file" : "note"],
      rows,
    });
    expect((await read(text)).rows).toEqual(rows);
  });

  test("in the head", async () => {
    expect(await read('file\t"so" he said\na.jpg\tb\n', "table.tsv")).toEqual({
      headers: ["file", '"so" he said'],
      rows: [["a.jpg", "b"]],
    });
  });

  test("a table that is called one of tabs has them, whatever its head holds", async () => {
    expect((await read("file\tage, in years\na.jpg\t3\n", "table.TSV")).headers).toEqual(["file", "age, in years"]);
  });
});
