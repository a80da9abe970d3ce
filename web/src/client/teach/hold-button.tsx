import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { announcement } from "../state.ts";
import { cameraVideo, frameOf, isRecording, wantsCamera } from "./camera.ts";
import { addPicture, beginRecording, countOf } from "./state.ts";

/** Milliseconds between two pictures of a recording: closer ones hardly differ. */
const pause = 150;

/**
 * Opens the camera, where there is none yet. Records while it is held: by pointer, or by Space or Enter. A click without either, as assistive software gives it, takes one picture.
 */
export function HoldButton({ classId, called }: { readonly classId: number; readonly called: string }) {
  const held = useRef<AbortController | undefined>(undefined);
  const isHeld = useSignal(false);
  const release = (): void => held.current?.abort();
  const press = (): void => {
    const video = cameraVideo.value;
    if (isHeld.value) return;
    if (video === undefined) {
      wantsCamera.value = true;
      announcement.value = "The camera opens. Hold the button again to record.";
      return;
    }
    const controller = new AbortController();
    held.current = controller;
    isHeld.value = true;
    isRecording.value = true;
    void record(video, classId, controller.signal).finally(() => {
      isHeld.value = false;
      isRecording.value = false;
      announcement.value = `${called}: ${countOf(classId)} pictures.`;
    });
  };
  useEffect(() => release, []);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (event.repeat) return;
    press();
  };
  return (
    <button
      type="button"
      class="button small hold"
      data-held={isHeld.value ? "" : undefined}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        press();
      }}
      onPointerUp={release}
      onPointerCancel={release}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={onKey}
      onKeyUp={(event) => {
        event.preventDefault(); // A click would take one more.
        release();
      }}
      onBlur={release}
      onClick={({ detail }) => {
        if (detail === 0 && !isHeld.value) {
          press();
          release();
        }
      }}
    >
      {isHeld.value ? "Recording…" : "Hold to record"}
      <span class="visually-hidden"> {called}</span>
    </button>
  );
}

/** One picture at least, and further ones until the signal fires. */
async function record(video: HTMLVideoElement, classId: number, signal: AbortSignal): Promise<void> {
  const recording = beginRecording();
  let count = 0;
  do {
    const next = performance.now() + pause;
    await addPicture(classId, { source: await frameOf(video), name: `picture ${++count} of the camera`, recording });
    await new Promise((resolve) => setTimeout(resolve, next - performance.now()));
  } while (!signal.aborted);
}
