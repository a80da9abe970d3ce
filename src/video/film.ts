import type { ProgressListener } from "../core/index.ts";
import type { RasterImage } from "../image/index.ts";

/** One frame of a film. Its pixels are made when they are asked for: of frames that are only counted they would be time and memory. */
export interface FilmFrame {
  /** From 0, in the order of display. */
  readonly index: number;
  /** When it is shown, in seconds from the film's beginning, and for how long. */
  readonly time: number;
  readonly duration: number;
  /** Upright, 8-bit RGB. To be asked for before the next frame is. @throws {TF_VIDEO_CORRUPT} when it cannot be decoded */
  readonly picture: () => Promise<RasterImage>;
}

/** A film that is open: what its container says, and its frames in their order. */
export interface Film extends AsyncDisposable {
  readonly source: string;
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /** In seconds, as the container says. */
  readonly duration: number;
  readonly hasSound: boolean;
  /**
   * Reads from the beginning, a few frames ahead; of a film of any length no more is in memory.
   * @throws {TF_VIDEO_CORRUPT} when a frame cannot be decoded, and in the end when the film is shorter than it says: it was cut off
   */
  frames(options?: { readonly signal?: AbortSignal | undefined }): AsyncGenerator<FilmFrame, void, undefined>;
}

/** A film that is being written, beside the sound of another. */
export interface FilmWriter {
  /** Frames in their order, each of the same size. */
  write(frame: { readonly time: number; readonly duration: number; readonly image: RasterImage }): Promise<void>;
  /** Copies the sound up to this time, in seconds: sound and pictures lie beside each other in the file. */
  finish(): Promise<void>;
  /** What was written is removed. */
  cancel(): Promise<void>;
}

/** Tells how many seconds of a film are done, each time that a frame is. */
export function tellsSeconds(
  { duration }: Pick<Film, "duration">,
  stage: string,
  onProgress: ProgressListener | undefined,
): (time: number) => void {
  return (time) => onProgress?.({ stage, done: Math.floor(time), total: Math.ceil(duration) });
}
