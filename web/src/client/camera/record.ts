import { createLiveTracks } from "../../../../src/video/index.ts";
import { kindOfRecordings, recorded, type Recording, recording } from "./recording.ts";

/** Begins a recording. It ends by itself with the camera. */
export function startRecording(stream: MediaStream): void {
  const kind = kindOfRecordings();
  // The camera may have been closed while this was fetched.
  if (kind === undefined || recording.value !== undefined || !stream.active) return;
  const recorder = new MediaRecorder(stream, { mimeType: kind.type });
  const parts: Blob[] = [];
  const tracks = createLiveTracks();
  const since = performance.now();
  let until = Number.POSITIVE_INFINITY;
  const add: Recording["add"] = ({ faces, time }) => {
    if (time >= since && time <= until) tracks.add((time - since) / 1000, faces);
  };
  const name = `camera-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.${kind.ending}`;
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  recorder.addEventListener("stop", () => {
    const film = new File(parts, name, { type: kind.type.split(";")[0]! });
    until = Math.min(until, performance.now());
    recorded.value = { film, table: () => tracks.table(), add, seconds: (until - since) / 1000 };
    recording.value = undefined;
  });
  recorder.start(1000);
  recorded.value = undefined;
  recording.value = {
    since,
    add,
    stop: () => {
      if (recorder.state === "inactive") return;
      until = performance.now();
      recorder.stop();
    },
  };
}
