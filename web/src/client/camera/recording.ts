import { signal } from "@preact/signals";
import type { CameraFrame } from "./camera-loop.ts";

/** What the camera shows, recorded on this device, with a table of who was seen in what mood when. */

interface Told {
  /** Takes in what was told of a frame. Those that the camera saw before or after are left out. */
  readonly add: (frame: CameraFrame) => void;
}

export interface Recorded extends Told {
  readonly film: File;
  /** A row for each person and second. It is complete once the frame is told that was under way when the recording ended. */
  readonly table: () => string;
  readonly seconds: number;
}

export interface Recording extends Told {
  /** On the clock of `performance.now()`. */
  readonly since: number;
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

/** How this browser records; undefined where it records nothing. */
export function kindOfRecordings(): (typeof kinds)[number] | undefined {
  return globalThis.MediaRecorder === undefined ? undefined : kinds.find(({ type }) => MediaRecorder.isTypeSupported(type));
}
