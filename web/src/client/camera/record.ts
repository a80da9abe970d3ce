import { createLiveTracks } from "../../../../src/video/index.ts";
import { kindOfRecordings, recorded, recording } from "./recording.ts";

/** Begins a recording. It ends by itself with the camera. */
export function startRecording(stream: MediaStream): void {
  const kind = kindOfRecordings();
  // The camera may have been closed while this was fetched.
  if (kind === undefined || recording.value !== undefined || !stream.active) return;
  const recorder = new MediaRecorder(stream, { mimeType: kind.type });
  const parts: Blob[] = [];
  const tracks = createLiveTracks();
  const since = performance.now();
  const name = `camera-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.${kind.ending}`;
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  recorder.addEventListener("stop", () => {
    const film = new File(parts, name, { type: kind.type.split(";")[0]! });
    recorded.value = { film, table: tracks.table(), seconds: (performance.now() - since) / 1000 };
    recording.value = undefined;
  });
  recorder.start(1000);
  recorded.value = undefined;
  recording.value = {
    since,
    add: ({ faces, time }) => {
      if (time >= since) tracks.add((time - since) / 1000, faces);
    },
    stop: () => {
      if (recorder.state !== "inactive") recorder.stop();
    },
  };
}
