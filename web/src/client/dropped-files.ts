import type { FileAtPath } from "../shared/sort-files.ts";
import { atPath } from "./take-files.ts";

/** The files of a drop; folders are opened. */
export async function filesOf(transfer: DataTransfer): Promise<FileAtPath[]> {
  // The entries must be asked for before the first await: afterwards the browser has emptied the list.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null || entry.isFile)) return [...transfer.files].map(atPath);
  const lists = await Promise.all(entries.map(async (entry) => (entry === null ? [] : filesIn(entry))));
  return lists.flat();
}

/** Adds to the files of a folder one by one: a call takes only so many arguments. */
async function filesIn(entry: FileSystemEntry, found: FileAtPath[] = []): Promise<FileAtPath[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (isFile(entry)) found.push({ file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)), path });
  if (!isFolder(entry)) return found;
  const reader = entry.createReader();
  // A reader gives its entries in parts, an empty one last.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return found;
    for (const child of part) await filesIn(child, found);
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
