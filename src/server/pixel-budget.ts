import { throwIfAborted } from "../core/index.ts";
import { sniffPicture } from "../image/index.ts";

/**
 * Pixels that are decoded at the same time, of all pictures together: a small file may be a very large picture, and what it takes in
 * memory is what it has in pixels. A picture that is larger than all that is allowed goes alone. First come, first served, so that many
 * small ones do not keep a large one waiting for ever.
 */
export interface PixelBudget {
  /** Runs work once its pixels are free, and frees them when it has really ended. @throws {TF_ABORTED} when the signal comes first */
  run<T>(pixels: number, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly pixels: number;
  readonly begin: () => void;
}

export function createPixelBudget(maxPixels: number): PixelBudget {
  let used = 0;
  const waiting: Waiting[] = [];

  const fits = (pixels: number): boolean => used === 0 || used + pixels <= maxPixels;
  const beginNext = (): void => {
    while (waiting.length > 0 && fits(waiting[0]!.pixels)) {
      const next = waiting.shift()!;
      used += next.pixels;
      next.begin();
    }
  };
  const turn = async (pixels: number, signal: AbortSignal): Promise<void> => {
    throwIfAborted(signal);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry: Waiting = { pixels, begin: resolve };
    const giveUp = (): void => {
      const index = waiting.indexOf(entry);
      if (index < 0) return;
      waiting.splice(index, 1);
      reject(signal.reason);
      beginNext();
    };
    waiting.push(entry);
    signal.addEventListener("abort", giveUp, { once: true });
    beginNext();
    await promise.finally(() => signal.removeEventListener("abort", giveUp));
  };

  return {
    async run(pixels, signal, work) {
      await turn(pixels, signal);
      try {
        return await work();
      } finally {
        used -= pixels;
        beginNext();
      }
    },
  };
}

/** How many pixels a file will have once it is decoded; 0 for what is no picture, which whoever decodes it explains. */
export function pixelsOf(bytes: Uint8Array): number {
  try {
    const { width, height } = sniffPicture(bytes, "the picture");
    return width * height;
  } catch {
    return 0;
  }
}
