import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { FileAtPath } from "../../shared/sort-files.ts";
import { filesOf } from "../dropped-files.ts";
import { atPath } from "../take-files.ts";

/**
 * Takes files that are dropped or pasted anywhere on the page, with what they were dropped on; says whether files are being dragged
 * over it.
 * @param onUnreadable a folder could not be opened, or was taken away meanwhile
 */
export function useDropAndPaste(
  onFiles: (files: readonly FileAtPath[], target: EventTarget | null) => void,
  onUnreadable: () => void,
): Signal<boolean> {
  const isDragging = useSignal(false);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    // Browsers pass a picture of the page itself off as a file, too.
    let isOwn = false;
    const bringsFiles = ({ dataTransfer }: DragEvent): boolean => !isOwn && dataTransfer?.types.includes("Files") === true;
    const drag = (event: DragEvent): void => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      isDragging.value = true;
    };
    addEventListener("dragstart", () => (isOwn = true), { signal });
    // The end of a drag is not told where what was dragged is gone; no pointer moves before it.
    for (const end of ["dragend", "pointermove"]) addEventListener(end, () => (isOwn = false), { signal });
    addEventListener("dragenter", drag, { signal });
    addEventListener("dragover", drag, { signal });
    addEventListener("dragleave", (event) => event.relatedTarget === null && (isDragging.value = false), { signal });
    addEventListener(
      "drop",
      (event) => {
        const isMeant = bringsFiles(event);
        isOwn = isDragging.value = false;
        // Text goes into the field that it was dropped on.
        if (!isMeant) return;
        event.preventDefault();
        const { dataTransfer, target } = event;
        if (dataTransfer !== null) filesOf(dataTransfer).then((files) => onFiles(files, target), onUnreadable);
      },
      { signal },
    );
    addEventListener(
      "paste",
      (event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        if (files.length > 0) onFiles(files.map(atPath), event.target);
      },
      { signal },
    );
    return () => controller.abort();
  }, []);
  return isDragging;
}
