import { signal } from "@preact/signals";
import { createLiveTracks } from "../../../../src/video/index.ts";
import type { CameraFrame } from "./camera-loop.ts";

/** What the camera shows, recorded on this device, with a table of who was seen in what mood when. */

export interface Recorded {
  readonly film: File;
  /** A row for each person and second. */
  readonly table: string;
  readonly seconds: number;
}

interface Recording {
  /** On the clock of `performance.now()`. */
  readonly since: number;
  readonly add: (frame: CameraFrame) => void;
  readonly stop: () => void;
}

/** What is being recorded. */
export const recording = signal<Recording | undefined>(undefined);
/** What was recorded last; it stays until the next, or until it is thrown away. */
export const recorded = signal<Recorded | undefined>(undefined);

const kinds = [
  { type: "video/mp4;codecs=avc1.640028", ending: "mp4" },
  { type: "video/webm;codecs=vp9", ending: "webm" },
  { type: "video/webm", ending: "webm" },
  { type: "video/mp4", ending: "mp4" },
] as const;

/** Whether this browser records anything. */
export function canRecord(): boolean {
  return kindOf() !== undefined;
}

function kindOf(): (typeof kinds)[number] | undefined {
  return globalThis.MediaRecorder === undefined ? undefined : kinds.find(({ type }) => MediaRecorder.isTypeSupported(type));
}

/** Begins a recording. It ends by itself with the camera. */
export function startRecording(stream: MediaStream): void {
  const kind = kindOf();
  if (kind === undefined || recording.value !== undefined) return;
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
