import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** A file with the folders that it lies in, where folders were dropped: `photos/glasses/1.jpg`. */
export interface DroppedFile {
  readonly file: File;
  readonly path: string;
}

/**
 * Takes files that are dropped or pasted anywhere on the page, with what they were dropped on; says whether something is being dragged
 * over it.
 */
export function useDropAndPaste(onFiles: (files: readonly DroppedFile[], target: EventTarget | null) => void): Signal<boolean> {
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
        const { dataTransfer, target } = event;
        if (dataTransfer !== null) void filesOf(dataTransfer).then((files) => onFiles(files, target));
      },
      { signal },
    );
    addEventListener(
      "paste",
      (event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        if (files.length > 0) onFiles(files.map(atNoPath), event.target);
      },
      { signal },
    );
    return () => controller.abort();
  }, []);
  return isDragging;
}

const atNoPath = (file: File): DroppedFile => ({ file, path: file.name });

/** The files of a drop; folders are opened. */
async function filesOf(transfer: DataTransfer): Promise<DroppedFile[]> {
  // The entries must be asked for before the first await: afterwards the browser has emptied the list.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null || entry.isFile)) return [...transfer.files].map(atNoPath);
  const lists = await Promise.all(entries.map(async (entry) => (entry === null ? [] : filesIn(entry))));
  return lists.flat();
}

/** What of a folder is of use: pictures, and models. */
const wanted = /\.(onnx|json|hei[cf])$/i;

async function filesIn(entry: FileSystemEntry): Promise<DroppedFile[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (isFile(entry)) return [{ file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)), path }];
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const found: DroppedFile[] = [];
  // A reader gives its entries in parts, an empty one last.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return found.filter(({ file }) => file.type.startsWith("image/") || wanted.test(file.name));
    for (const child of part) found.push(...(await filesIn(child)));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
