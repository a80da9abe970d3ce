import type { Attributes } from "tensorface/browser";
import type { PageFace, Profile } from "../../shared/protocol.ts";
import { blendAttributes, createSmoother } from "../../shared/smoothing.ts";
import type { PageAnalyzer } from "../analyzer.ts";

export interface CameraFrame {
  readonly faces: readonly PageFace[];
  /** What is told of the whole frame; absent where nothing is. */
  readonly attributes?: Attributes | undefined;
  /** Size of the frame that the boxes refer to, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Analysed frames a second, over the last ones. */
  readonly rate: number;
  /** When the camera saw it, on the clock of `performance.now()`. */
  readonly time: number;
}

/** The longer side of a frame that is analysed: enough for faces across a room, and fast. */
const frameSide = 640;
/** Faces are found in every frame, but judged only this often: the answers are smoothed over a longer time anyway. */
const judgeEveryMs = 200;
/** Frames a second are told of so many frames: the first ones, which wait for the networks, are soon none of them. */
const ratedFrames = 10;

/** Cameras open and give their first picture within a second or two: for so many milliseconds nobody is troubled. */
const patienceMs = 5000;
const lookEveryMs = 250;

/** What a camera's picture waits for, as sentences; whether somebody should do something about it. */
export interface CameraWait {
  readonly text: string;
  readonly isProblem: boolean;
}

const waits = {
  asking: { text: "The browser asks whether this page may use the camera: allow it there.", isProblem: false },
  opening: {
    text: "The camera does not open. If the browser asks whether this page may use it, allow it there. If it does not ask, another program may hold the camera: close that one, and open the camera again.",
    isProblem: true,
  },
  dark: {
    text: "The camera is open, but gives no picture. Another program may hold it, or a closed lid, a cover or a switch shuts it off. Its picture appears here as soon as it comes; if it does not, open the camera again.",
    isProblem: true,
  },
} as const satisfies Record<string, CameraWait>;

export interface OpenCameraOptions {
  readonly signal: AbortSignal;
  /** One of several. @default the one that looks at the user */
  readonly deviceId?: string | undefined;
  /** The browser has given the camera, which may show nothing yet. */
  readonly onOpen?: (() => void) | undefined;
  /** What the picture waits for, until the signal fires: it may stay away at any time. Undefined while it comes, or is not yet missed. */
  readonly onWait: (wait: CameraWait | undefined) => void;
}

/**
 * Opens the camera and shows it, and resolves with its first picture. Ends when the signal fires.
 * @throws {DOMException} when there is none or it is not allowed
 */
export async function openCamera(video: HTMLVideoElement, { signal, deviceId, onOpen, onWait }: OpenCameraOptions): Promise<void> {
  if (navigator.mediaDevices === undefined) throw new DOMException("no media devices", "NotSupportedError");
  const permission = await askPermissions();
  if (signal.aborted) return;
  tellWaits(onWait, signal, () => {
    if (video.srcObject === null) return permission?.state === "prompt" ? "asking" : "opening";
    return isDark(video) ? "dark" : undefined;
  });
  const which = deviceId === undefined ? { facingMode: "user" } : { deviceId: { exact: deviceId } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, ...which } });
  const stop = (): void => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) return stop();
  signal.addEventListener("abort", stop, { once: true });
  video.srcObject = stream;
  onOpen?.();
  await video.play();
}

/** By its state, whether the browser asks its user before it opens a camera; not all browsers tell. */
async function askPermissions(): Promise<PermissionStatus | undefined> {
  try {
    return await navigator.permissions.query({ name: "camera" });
  } catch {
    return undefined;
  }
}

function tellWaits(tell: OpenCameraOptions["onWait"], signal: AbortSignal, whatFor: () => keyof typeof waits | undefined): void {
  let [known, since] = [whatFor(), performance.now()];
  const look = (): void => {
    const now = whatFor();
    // Nobody sees a page that is hidden, and some browsers give it no pictures.
    if (now !== known || document.hidden) [known, since] = [now, performance.now()];
    const wait = known === undefined ? undefined : waits[known];
    tell(wait?.isProblem === true && performance.now() - since < patienceMs ? undefined : wait);
  };
  look();
  const timer = setInterval(look, lookEveryMs);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}

/** Whether no picture comes: none has come yet, or the camera says that it has none for the moment. */
function isDark(video: HTMLVideoElement): boolean {
  return video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || tracksOf(video).some(({ muted }) => muted);
}

function tracksOf({ srcObject }: HTMLVideoElement): readonly MediaStreamTrack[] {
  return srcObject instanceof MediaStream ? srcObject.getVideoTracks() : [];
}

/**
 * Rejects when the camera of a player is gone, which the player does not tell: it goes on to show the last picture.
 * @throws {Error} always, in the end, unless the signal fires
 */
export async function untilCameraIsGone(video: HTMLVideoElement, signal: AbortSignal): Promise<never> {
  return new Promise<never>((_, reject) => {
    const onEnd = (): void => reject(new Error("it was unplugged, or another program took it"));
    for (const track of tracksOf(video)) track.addEventListener("ended", onEnd, { once: true, signal });
  });
}

/** What a browser calls an error, and what it says of it; not everywhere an error by its class. */
function toldBy(error: unknown): { readonly name: unknown; readonly message: string } {
  if (typeof error !== "object" || error === null) return { name: undefined, message: "" };
  const message = "message" in error && typeof error.message === "string" ? error.message : "";
  return { name: "name" in error ? error.name : undefined, message };
}

/** Why there is no camera, as a sentence with what to do. */
export function explainCamera(error: unknown): string {
  const { name, message } = toldBy(error);
  switch (name) {
    case "NotAllowedError":
      return /\bsystem\b/i.test(message)
        ? "The system keeps the camera from this browser. Allow it in the system's privacy settings, and open it again."
        : "The camera was not allowed. Allow it in the browser's address bar, and open it again.";
    case "SecurityError":
      return "The camera is switched off for this page, by the browser's settings or by whoever runs it.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "No camera was found. Connect one, and open it again.";
    case "NotReadableError":
    case "AbortError":
      return "The camera does not start: another program may have it. Close it, and open the camera again.";
    case "NotSupportedError":
      return "Browsers open a camera only for secure addresses: https, or this machine.";
    default:
      return `The camera stopped${message === "" ? "" : `: ${message}`}. Open it again.`;
  }
}

/** Whether a camera that was asked for is not there. */
export function isCameraMissing(error: unknown): boolean {
  const { name } = toldBy(error);
  return name === "NotFoundError" || name === "OverconstrainedError";
}

/** Whether the camera looks at its user, who then expects a mirror. Cameras that do not say, of desktops, do. */
export function looksAtUser(video: HTMLVideoElement): boolean {
  return tracksOf(video)[0]?.getSettings().facingMode !== "environment";
}

export interface WatchOptions {
  readonly onFrame: (frame: CameraFrame) => void;
  readonly signal: AbortSignal;
  /** How a frame is looked at whose faces are judged. @default "live" */
  readonly judged?: Profile;
  /** How the frames between them are looked at; undefined where all are judged. @default "boxes" */
  readonly found?: Profile | undefined;
}

/** Analyses one frame after the other until the signal fires, or the analyzer is stopped; rests while the page is hidden or no picture comes. */
export async function watchFaces(video: HTMLVideoElement, analyzer: PageAnalyzer, options: WatchOptions): Promise<void> {
  const { onFrame, signal, judged = "live" } = options;
  const found = "found" in options ? options.found : "boxes";
  const smoother = createSmoother();
  let judgedAt = Number.NEGATIVE_INFINITY;
  let attributes: Attributes | undefined;
  /** When the last frames were told, and before them when the first of them was begun. */
  let told: readonly number[] = [];
  while (!signal.aborted) {
    if (document.hidden || isDark(video)) {
      await untilSomethingIsSeen(video, signal);
      told = [];
      continue;
    }
    const start = performance.now();
    const isJudged = found === undefined || start - judgedAt >= judgeEveryMs;
    const outcome = await analyzer.analyze(await grabFrame(video), "camera", { profile: isJudged ? judged : found, signal });
    if (signal.aborted) return;
    if ("error" in outcome) {
      // Another analyzer was started: who watches begins again with it.
      if (outcome.error.code === "TF_ABORTED") return;
      throw new Error(outcome.error.message);
    }
    if (isJudged) {
      attributes = blendAttributes(attributes, outcome.attributes, start - judgedAt);
      judgedAt = start;
    }
    const now = performance.now();
    told = [...(told.length === 0 ? [start] : told), now].slice(-ratedFrames - 1);
    onFrame({
      faces: smoother.next(outcome.faces, now),
      attributes,
      width: outcome.width,
      height: outcome.height,
      rate: ((told.length - 1) * 1000) / (now - told[0]!),
      time: start,
    });
  }
}

function grabFrame(video: HTMLVideoElement): Promise<ImageBitmap> {
  const scale = Math.min(1, frameSide / Math.max(video.videoWidth, video.videoHeight));
  return createImageBitmap(video, {
    resizeWidth: Math.round(video.videoWidth * scale),
    resizeHeight: Math.round(video.videoHeight * scale),
  });
}

async function untilSomethingIsSeen(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (document.hidden || isDark(video))) {
    const woken = new AbortController();
    await new Promise<void>((resolve) => {
      const wake = (target: EventTarget, event: string): void => target.addEventListener(event, () => resolve(), { signal: woken.signal });
      wake(signal, "abort");
      wake(document, "visibilitychange");
      wake(video, "loadeddata");
      for (const track of tracksOf(video)) wake(track, "unmute");
    });
    woken.abort();
  }
}
