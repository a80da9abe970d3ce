import type { PageFace } from "../shared/protocol.ts";
import { createSmoother } from "../shared/smoothing.ts";
import type { Engine } from "./engine.ts";

export interface CameraFrame {
  readonly faces: readonly PageFace[];
  /** Size of the frame that the boxes refer to, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Analysed frames a second, over the last ones. */
  readonly rate: number;
}

/** The longer side of a frame that is analysed: enough for faces across a room, and fast. */
const frameSide = 640;
/** Faces are found in every frame, but judged only this often: the answers are smoothed over a longer time anyway. */
const judgeEveryMs = 200;

/** Opens the camera and shows it. Ends when the signal fires. @throws {DOMException} when there is none or it is not allowed */
export async function openCamera(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  if (navigator.mediaDevices === undefined) throw new DOMException("no media devices", "NotSupportedError");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, facingMode: "user" } });
  const stop = (): void => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) return stop();
  signal.addEventListener("abort", stop, { once: true });
  video.srcObject = stream;
  await video.play();
}

/** Whether the camera looks at its user, who then expects a mirror. Cameras that do not say, of desktops, do. */
export function looksAtUser(video: HTMLVideoElement): boolean {
  if (!(video.srcObject instanceof MediaStream)) return true;
  return video.srcObject.getVideoTracks()[0]?.getSettings().facingMode !== "environment";
}

/** Analyses one frame after the other until the signal fires; rests while the page is hidden. */
export async function watchFaces(
  video: HTMLVideoElement,
  engine: Engine,
  { onFrame, signal }: { readonly onFrame: (frame: CameraFrame) => void; readonly signal: AbortSignal },
): Promise<void> {
  const smoother = createSmoother();
  let judgedAt = Number.NEGATIVE_INFINITY;
  /** Milliseconds from one frame to the next, averaged over the last ones: an average of rates would flatter. */
  let period: number | undefined;
  let last: number | undefined;
  while (!signal.aborted) {
    if (document.hidden) {
      await untilVisible(signal);
      last = undefined;
    }
    const start = performance.now();
    const isJudged = start - judgedAt >= judgeEveryMs;
    const outcome = await engine.analyze(await grabFrame(video), "camera", { profile: isJudged ? "live" : "boxes", signal });
    if (signal.aborted) return;
    if ("error" in outcome) throw new Error(outcome.error.message);
    if (isJudged) judgedAt = start;
    const now = performance.now();
    const took = now - (last ?? start);
    last = now;
    period = period === undefined ? took : period * 0.9 + took * 0.1;
    onFrame({ faces: smoother.next(outcome.faces, now), width: outcome.width, height: outcome.height, rate: 1000 / period });
  }
}

function grabFrame(video: HTMLVideoElement): Promise<ImageBitmap> {
  const scale = Math.min(1, frameSide / Math.max(video.videoWidth, video.videoHeight));
  return createImageBitmap(video, {
    resizeWidth: Math.round(video.videoWidth * scale),
    resizeHeight: Math.round(video.videoHeight * scale),
  });
}

async function untilVisible(signal: AbortSignal): Promise<void> {
  while (document.hidden && !signal.aborted) {
    await new Promise<void>((resolve) => {
      document.addEventListener("visibilitychange", () => resolve(), { once: true, signal });
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}
