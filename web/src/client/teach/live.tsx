import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type CameraFrame, watchFaces } from "../camera/camera-loop.ts";
import { AttributeSections } from "../parts/face-card.tsx";
import { getAnalyzer, restarts } from "../state.ts";
import { cameraVideo, isRecording } from "./camera.ts";
import { lesson } from "./state.ts";

/** What the model that was taught last says of the camera's picture. It rests while examples are recorded. */
export function useLiveAnswers(): ReadonlySignal<CameraFrame | undefined> {
  const frame = useSignal<CameraFrame | undefined>(undefined);
  const [video, taught, rests, start] = [cameraVideo.value, lesson.value, isRecording.value, restarts.value];
  useEffect(() => {
    if (video === undefined || taught === undefined || rests) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const found = taught.model.sees === "face" ? "boxes" : undefined;
    // A camera that ends is told by the panel; what fails now is asked again with the next model, or by the next worker.
    watchFaces(video, getAnalyzer(), { judged: "taught", found, signal, onFrame: (next) => (frame.value = next) }).catch(() => undefined);
    return () => {
      controller.abort();
      frame.value = undefined;
    };
  }, [video, taught, rests, start]);
  return frame;
}

export function LiveAnswer({ frame }: { readonly frame: CameraFrame | undefined }) {
  const taught = lesson.value;
  if (taught === undefined)
    return <p class="hint">Hold a class's button while you show it. Answers stand here once the model is taught.</p>;
  if (frame === undefined) return <p class="hint">{isRecording.value ? "Recording…" : "Starting…"}</p>;
  const attributes = taught.model.sees === "face" ? frame.faces[0]?.attributes : frame.attributes;
  if (attributes === undefined) return <p class="hint">No face in sight.</p>;
  return (
    <div class="estimates">
      <AttributeSections attributes={attributes} />
    </div>
  );
}
