import { signal } from "@preact/signals";

/** The camera that is open in this view; undefined while there is none. */
export const cameraVideo = signal<HTMLVideoElement | undefined>(undefined);
/** Whether the visitor asked for it. */
export const wantsCamera = signal(false);
/** Whether examples are being recorded: answers wait meanwhile. */
export const isRecording = signal(false);

/** The longer side of a frame that is kept, pixels. */
const frameSide = 640;
const quality = 0.95;

/** The picture that the camera shows now, as it sees it and not mirrored. */
export async function frameOf(video: HTMLVideoElement): Promise<Blob> {
  const scale = Math.min(1, frameSide / Math.max(video.videoWidth, video.videoHeight));
  const canvas = new OffscreenCanvas(Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale));
  canvas.getContext("2d")!.drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/jpeg", quality });
}
