import { counted } from "../../../../src/core/index.ts";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { announcement } from "../state.ts";
import { cameraVideo, frameOf, isRecording, wantsCamera } from "./camera.ts";
import { addPicture, beginRecording, countOf } from "./state.ts";

/** Milliseconds between two pictures of a recording: closer ones hardly differ. */
const pause = 150;

/**
 * Records while it is held: by pointer, or by Space or Enter; where there is no camera yet, it opens one and records once that shows a picture. A click without either, as assistive software gives it, takes one picture.
 */
export function HoldButton({ classId, called }: { readonly classId: number; readonly called: string }) {
  const held = useRef<AbortController | undefined>(undefined);
  const isHeld = useSignal(false);
  const release = (): void => held.current?.abort();
  const press = async (): Promise<void> => {
    if (isHeld.value) return;
    const { signal } = (held.current = new AbortController());
    isHeld.value = true;
    try {
      const video = cameraVideo.value ?? (await openedCamera(signal));
      if (video === undefined) return;
      isRecording.value = true;
      await record(video, classId, signal);
      announcement.value = `${called}: ${counted(countOf(classId), "picture")}.`;
    } finally {
      isHeld.value = false;
      isRecording.value = false;
    }
  };
  useEffect(() => release, []);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (event.repeat) return;
    void press();
  };
  return (
    <button
      type="button"
      class="button small hold"
      data-held={isHeld.value ? "" : undefined}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        void press();
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
          void press();
          release();
        }
      }}
    >
      {!isHeld.value ? "Hold to record" : cameraVideo.value === undefined ? "Opening the camera…" : "Recording…"}
      <span class="visually-hidden"> {called}</span>
    </button>
  );
}

/** The camera once it shows a picture, opened for it; undefined where the signal fires before. */
async function openedCamera(signal: AbortSignal): Promise<HTMLVideoElement | undefined> {
  wantsCamera.value = true;
  announcement.value = "The camera opens. Hold the button to record.";
  const { promise, resolve } = Promise.withResolvers<HTMLVideoElement | undefined>();
  const stop = cameraVideo.subscribe((video) => video !== undefined && resolve(video));
  signal.addEventListener("abort", () => resolve(undefined), { once: true });
  return promise.finally(stop);
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
