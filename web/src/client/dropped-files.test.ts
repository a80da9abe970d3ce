import { expect, test } from "vitest";
import { filesOf } from "./dropped-files.ts";

/** As browsers give what was dropped: a file under its path, or a folder whose reader gives its entries in parts of a hundred. */
type Dropped = string | { readonly path: string; readonly inside: readonly Dropped[] };

function entryOf(dropped: Dropped): FileSystemEntry {
  const fullPath = `/${typeof dropped === "string" ? dropped : dropped.path}`;
  const file = (found: (file: File) => void): void => found(new File([], fullPath.slice(fullPath.lastIndexOf("/") + 1)));
  const createReader = (): unknown => {
    let from = 0;
    const readEntries = (found: (entries: readonly FileSystemEntry[]) => void): void => {
      const { inside } = dropped as Exclude<Dropped, string>;
      found(inside.slice(from, (from += 100)).map(entryOf));
    };
    return { readEntries };
  };
  const isFile = typeof dropped === "string";
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the page asks of it
  return { isFile, isDirectory: !isFile, fullPath, file, createReader } as unknown as FileSystemEntry;
}

function drop(...dropped: readonly Dropped[]): DataTransfer {
  const items = dropped.map((one) => ({ webkitGetAsEntry: () => entryOf(one) }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the page asks of it
  return { items, files: [] } as unknown as DataTransfer;
}

test("folders are opened, those in them too, and files keep their paths and their order", async () => {
  const inner = { path: "a/b", inside: ["a/b/2.jpg", "a/b/3.jpg"] };
  const found = await filesOf(drop({ path: "a", inside: ["a/1.jpg", inner, "a/4.jpg"] }, "5.jpg"));
  expect(found.map(({ path, file }) => [path, file.name])).toEqual([
    ["a/1.jpg", "1.jpg"],
    ["a/b/2.jpg", "2.jpg"],
    ["a/b/3.jpg", "3.jpg"],
    ["a/4.jpg", "4.jpg"],
    ["5.jpg", "5.jpg"],
  ]);
});

test("a folder within a folder may hold more files than a call takes arguments", async () => {
  const many = Array.from({ length: 150_000 }, (_, index) => `a/b/${index}.jpg`);
  const found = await filesOf(drop({ path: "a", inside: [{ path: "a/b", inside: many }] }));
  expect(found.length).toBe(many.length);
});
