import { useSignalEffect } from "@preact/signals";
import type { RefObject } from "preact";
import { useRef } from "preact/hooks";

/** A dialog that is open while signals say so. */
export function useDialog(isOpen: () => boolean): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useSignalEffect(() => {
    if (!isOpen()) {
      dialog.current?.close();
      return;
    }
    dialog.current?.showModal();
    // Its button has the focus and stands last: in a low window that would be all there is to see.
    dialog.current?.scrollTo(0, 0);
  });
  return dialog;
}
