import { TensorFaceError } from "../../core/index.ts";

/** What a server says of a moment, not of a picture. */
const passing: readonly number[] = [408, 425, 429, 500, 502, 503, 504];
/** A server that asks for more patience than this is away, ms. */
export const longestPause = 60_000;

/** What may be asked for again, not before so long. */
export class AskAgain extends Error {
  override readonly name = "AskAgain";
  /** Milliseconds. */
  readonly pause: number;

  constructor(message: string, { pause = 0, cause }: { readonly pause?: number; readonly cause?: unknown } = {}) {
    super(message, { cause });
    this.pause = pause;
  }
}

/**
 * What an answer that is no success means: of a moment, it is asked for again; of the picture, one of our errors.
 * @param retryAfter the header of that name: seconds, or a date
 */
export function answerError(location: string, status: number, retryAfter?: string | null): Error {
  if (passing.includes(status)) {
    const pause = millisecondsUntil(retryAfter ?? "");
    return pause > longestPause
      ? awayError(location, "is not to be asked for again within a minute")
      : new AskAgain(`HTTP status ${status}`, { pause });
  }
  const isMissing = status === 404 || status === 410;
  return new TensorFaceError(isMissing ? "TF_INPUT_NOT_FOUND" : "TF_INPUT_UNREADABLE", `"${location}" answered with HTTP status ${status}`);
}

/** @param why words that are the same on every machine: rows of results hold them */
export function awayError(location: string, why: string, cause?: unknown): TensorFaceError {
  return new TensorFaceError("TF_INPUT_AWAY", `"${location}" ${why}`, { cause });
}

/** What neither a number nor a date is asks for no pause. */
function millisecondsUntil(retryAfter: string): number {
  const pause = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Math.max(0, pause || 0);
}
