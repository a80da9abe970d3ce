import { TensorFaceError } from "../core/index.ts";

/** Decides in which frames faces are looked for. Of one film, from its first frame on. */
export interface Pace {
  /**
   * Whether the next frame is looked at; asked about each, in order.
   * @param time in seconds from the film's beginning
   * @param duration for how many seconds it is shown
   */
  readonly takes: (index: number, time: number, duration: number) => boolean;
  /** Faces were looked for in every so-manieth frame so far; where that changes, on average. */
  readonly every: number;
}

export const defaultEvery = 5;

/** Less than the time between two frames of any film. */
const rounding = 1e-6;

/**
 * Every so-manieth frame.
 * @throws {TF_INVALID_ARGUMENT} when it is no number of frames
 */
export function everyFrames(every: number): Pace {
  if (!Number.isInteger(every) || every < 1)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `every must be a whole number of frames from 1 on, got ${every}`);
  return { takes: (index) => index % every === 0, every };
}

/**
 * What a pace takes, and where frames are few more of them: those that are left out are no farther than `seconds` from the looks before and after
 * them, and the last frame is looked at.
 * @param end of the film, in seconds, as its container says
 */
export function noFartherThan(seconds: number, end: number, pace: Pace): Pace {
  let last = -Infinity;
  /** When the first frame after the last look was left out. */
  let leftOut: number | undefined;
  return {
    takes: (index, time, duration) => {
      const since = leftOut ?? time;
      const next = time + duration;
      const isFar = time - last > seconds + rounding || next - since > seconds + rounding || next > end - rounding;
      const isTaken = pace.takes(index, time, duration) || isFar;
      if (isTaken) last = time;
      leftOut = isTaken ? undefined : since;
      return isTaken;
    },
    get every() {
      return pace.every;
    },
  };
}

/** Frames from one look to the next, at least: as often as faces are looked for where they are hidden, and often enough for all that people do. */
const least = 3;
/** In a film of few frames a second fewer than that are as far apart as they may be, in seconds. */
const nearest = 0.25;
/** Seconds from one look to the next, at most: of a slow machine too. */
const farthest = 1;
/** The film is gone through this much faster than it plays, so that it is never caught up with. */
const ahead = 1.1;
/** Seconds that are caught up with. Whoever was held up for longer (a page in the background) has not become slower by it. */
const mostLate = 2;

/**
 * As many looks as the machine has time for while the film plays: a frame is looked at if the film is no further than the clock by then.
 * @param now seconds of a clock that stands still while nobody works
 */
export function asItPlays(now: () => number): Pace {
  let frames = 0;
  let looks = 0;
  let last = { index: -Infinity, time: -Infinity };
  /** When the clock would have been at the film's beginning. The first look loads networks, and does not count. */
  let start: number | undefined;
  const isLate = (time: number): boolean => {
    if (start === undefined) {
      start = now() - time / ahead;
      return false;
    }
    const late = now() - start - time / ahead;
    if (late > mostLate) start += late - mostLate;
    return late > 0;
  };
  const takes = (index: number, time: number): boolean => {
    if (looks === 0) return true;
    if (index - last.index < least && time - last.time < nearest - rounding) return false;
    return !isLate(time) || time - last.time >= farthest - rounding;
  };
  return {
    takes: (index, time) => {
      frames++;
      const isTaken = takes(index, time);
      if (isTaken) {
        looks++;
        last = { index, time };
      }
      return isTaken;
    },
    get every() {
      return looks === 0 ? least : frames / looks;
    },
  };
}
