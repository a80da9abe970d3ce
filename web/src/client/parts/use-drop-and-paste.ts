import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Takes pictures that are dropped or pasted anywhere on the page; says whether something is being dragged over it. */
export function useDropAndPaste(onFiles: (files: File[]) => void): Signal<boolean> {
  const isDragging = useSignal(false);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const drag = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes("Files") !== true) return;
      event.preventDefault();
      isDragging.value = true;
    };
    addEventListener("dragenter", drag, { signal });
    addEventListener("dragover", drag, { signal });
    addEventListener("dragleave", (event) => (isDragging.value = event.relatedTarget !== null), { signal });
    addEventListener(
      "drop",
      (event) => {
        event.preventDefault();
        isDragging.value = false;
        if (event.dataTransfer !== null) void filesOf(event.dataTransfer).then(onFiles);
      },
      { signal },
    );
    addEventListener(
      "paste",
      (event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        if (files.length > 0) onFiles(files);
      },
      { signal },
    );
    return () => controller.abort();
  }, []);
  return isDragging;
}

/** The files of a drop; folders are opened. */
async function filesOf(transfer: DataTransfer): Promise<File[]> {
  // The entries must be asked for before the first await: afterwards the browser has emptied the list.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null || entry.isFile)) return [...transfer.files];
  const lists = await Promise.all(entries.map(async (entry) => (entry === null ? [] : filesIn(entry))));
  return lists.flat();
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (isFile(entry)) return [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))];
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const found: File[] = [];
  // A reader gives its entries in parts, an empty one last.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return found.filter(({ type }) => type.startsWith("image/"));
    for (const child of part) found.push(...(await filesIn(child)));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
