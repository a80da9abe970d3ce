import type { BoundingBox } from "../../core/index.ts";
import { assign } from "./assignment.ts";
import type { PathPoint } from "./boxes.ts";
import { blendColours, colourDistance, type Colours } from "./look.ts";

/**
 * Links faces through time by where they are going, how much they overlap with where they were expected, and the colours around them: never
 * by the face. Whoever leaves and comes back later is a new track.
 */

/** A face that was found in a frame. */
export interface Sight {
  readonly box: BoundingBox;
  readonly colours: Colours;
}

/** One person's face for as long as it is followed. */
export interface Track {
  /** From 1, in the order of first sight. */
  readonly id: number;
  /** Where the face was found, in the order of time. */
  readonly points: readonly PathPoint[];
  /** When nobody had found it yet: the search of a whole frame before the first sight, in seconds; -Infinity where there was none. */
  readonly missedBefore: number;
  /** When it was no longer found: the look after the last sight, in seconds; Infinity where there was none. */
  readonly missedAfter: number;
}

/** What is known of a look beside what it found. */
export interface LookFacts {
  /** Whether the film was cut since the last look: nobody goes on. @default false */
  readonly isElsewhere?: boolean | undefined;
  /** Whether the whole frame was searched, and not the expected places alone. @default true */
  readonly isWhole?: boolean | undefined;
}

export interface TrackerOptions {
  /** Of the frames, in pixels: who walks out of it is gone. @default without edges */
  readonly frame?: { readonly width: number; readonly height: number } | undefined;
  /** Seconds for which a face that is not found is waited for, where it was going. @default 1.5 */
  readonly patience?: number | undefined;
}

interface OpenTrack extends Track {
  readonly points: PathPoint[];
  missedAfter: number;
  colours: Colours;
  motion: Motion;
}

/** Centre and logarithm of the side, and how each changes in a second. */
interface Motion {
  readonly time: number;
  readonly place: Place;
  readonly speed: Place;
  /** Logarithm of the side as it mostly is: of a face that is half hidden a small box is found, and the person has not become smaller. */
  readonly usualLogSide: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly logSide: number;
}

/** How much of a new speed is believed, and of a new size. */
const speedGain = 0.6;
const sizeGain = 0.3;
/** A face is no longer believed to go on at its speed after about so many seconds: people stop. */
const coasting = 1;
/**
 * Farther than so many sides of the box from where it was expected, and so many more for each second since, it is another face; of a face
 * that was seen once alone nobody knows where it is going. Twice as far where the colours are the same, and the less the more unlike
 * they are.
 */
const farthest = { atOnce: 1.2, inSecond: 2, inFirstSecond: 6 } as const;
/** Or so much larger or smaller. */
const mostGrowth = Math.log(2);
/** A face of which the middle is so near to the edge, in sides, is hardly found; and who moves so many sides in a second goes on. */
const edge = 0.25;
const leavingPace = 0.5;
/** What places, overlap and colours count in the cost of a link. */
const weights = { distance: 1, overlap: 0.5, colours: 1, growth: 0.5 } as const;

/** Follows faces from look to look. */
export class Tracker {
  readonly #patience: number;
  readonly #frame: NonNullable<TrackerOptions["frame"]>;
  readonly #tracks: Track[] = [];
  #open: OpenTrack[] = [];
  #lastLook = -Infinity;
  #lastWhole = -Infinity;

  constructor({ patience = 1.5, frame = { width: Infinity, height: Infinity } }: TrackerOptions = {}) {
    this.#patience = patience;
    this.#frame = frame;
  }

  /** All tracks, in the order of first sight. */
  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  /** Where faces are expected that were found lately, in pixels of the frame. */
  expected(time: number): readonly BoundingBox[] {
    return this.#waitedFor(time).map((track) => expectedBox(track, time));
  }

  /** Whether these are without a face that the last look found. */
  misses(time: number, sights: readonly Sight[]): boolean {
    const found = this.#link(time, sights);
    return this.#open.some((track) => track.motion.time === this.#lastLook && !found.includes(track));
  }

  /**
   * Up to when, in seconds, no later look changes where faces are: not where one may yet turn out to have been hidden for a while, nor how
   * one came that was seen once.
   */
  get settledUntil(): number {
    return this.#open.reduce(
      (until, { points, missedBefore }) => Math.min(until, points.length === 1 ? missedBefore : points.at(-1)!.time),
      this.#lastWhole,
    );
  }

  /**
   * The faces of the next frame that was looked at.
   * @returns the track of each
   */
  add(time: number, sights: readonly Sight[], { isElsewhere = false, isWhole = true }: LookFacts = {}): Track[] {
    if (isElsewhere) for (const track of this.#open.splice(0)) if (track.missedAfter === Infinity) track.missedAfter = time;
    const open = this.#open;
    const linked = this.#link(time, sights);
    this.#open = [...this.#waitedFor(time)];
    const found = sights.map((sight, index) => {
      const track = linked[index];
      return track === undefined ? this.#begin(time, sight) : extend(track, time, sight);
    });
    const missing = open.filter((track) => !found.includes(track));
    for (const track of missing) if (track.missedAfter === Infinity) track.missedAfter = time;
    const gone = missing.filter(({ motion }) => this.#isLeaving(motion, time));
    this.#open = this.#open.filter((track) => !gone.includes(track));
    this.#lastLook = time;
    if (isWhole) this.#lastWhole = time;
    return found;
  }

  /** Where looks are farther apart than a face is waited for, it is waited for until the next. */
  #waitedFor(time: number): OpenTrack[] {
    return this.#open.filter(({ motion }) => time - motion.time <= this.#patience || motion.time === this.#lastLook);
  }

  /** Which track each would go on with. */
  #link(time: number, sights: readonly Sight[]): (OpenTrack | undefined)[] {
    const before = this.#waitedFor(time);
    const columns = assign(sights.map((sight) => before.map((track) => linkCost(track, sight, time, this.#patience))));
    return sights.map((_, index) => before[columns[index]!]);
  }

  /** Whether it is at the edge of the picture, and was on its way out: whoever appears there later comes in. */
  #isLeaving(motion: Motion, time: number): boolean {
    const { x, y, logSide } = expectedPlace(motion, time);
    const { speed } = motion;
    const side = Math.exp(logSide);
    const isOut = (beyond: number, pace: number): boolean => beyond > -edge * side && pace > leavingPace * side;
    const { width, height } = this.#frame;
    return isOut(-x, -speed.x) || isOut(-y, -speed.y) || isOut(x - width, speed.x) || isOut(y - height, speed.y);
  }

  #begin(time: number, { box, colours }: Sight): OpenTrack {
    const still = { x: 0, y: 0, logSide: 0 };
    const track: OpenTrack = {
      id: this.#tracks.length + 1,
      points: [{ time, box }],
      missedBefore: this.#lastWhole,
      missedAfter: Infinity,
      colours,
      motion: { time, place: placeOf(box), speed: still, usualLogSide: placeOf(box).logSide },
    };
    this.#tracks.push(track);
    this.#open.push(track);
    return track;
  }
}

function extend(track: OpenTrack, time: number, { box, colours }: Sight): OpenTrack {
  track.points.push({ time, box });
  track.missedAfter = Infinity;
  track.motion = moved(track.motion, placeOf(box), time);
  track.colours = blendColours(track.colours, colours);
  return track;
}

function placeOf(box: BoundingBox): Place {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, logSide: Math.log(Math.sqrt(box.width * box.height)) };
}

/** Constant velocity, which fades. */
function expectedPlace({ time: before, place, speed }: Motion, time: number): Place {
  const seconds = coasting * (1 - Math.exp(-(time - before) / coasting));
  return { x: place.x + speed.x * seconds, y: place.y + speed.y * seconds, logSide: place.logSide + speed.logSide * seconds };
}

/** In the shape in which it was seen last. */
function expectedBox({ motion, points }: OpenTrack, time: number): BoundingBox {
  const { x, y, logSide } = expectedPlace(motion, time);
  const { width, height } = points.at(-1)!.box;
  const growth = Math.exp(Math.max(logSide, motion.usualLogSide) - motion.place.logSide);
  return { x: x - (growth * width) / 2, y: y - (growth * height) / 2, width: growth * width, height: growth * height };
}

function moved(motion: Motion, place: Place, time: number): Motion {
  const seconds = Math.max(1e-3, time - motion.time);
  const blend = (before: number, from: number, to: number): number => before + speedGain * ((to - from) / seconds - before);
  return {
    time,
    place,
    usualLogSide: motion.usualLogSide + sizeGain * (place.logSide - motion.usualLogSide),
    speed: {
      x: blend(motion.speed.x, motion.place.x, place.x),
      y: blend(motion.speed.y, motion.place.y, place.y),
      logSide: blend(motion.speed.logSide, motion.place.logSide, place.logSide),
    },
  };
}

/**
 * What a link costs; Infinity where it may not be. After more seconds than a face is waited for it may have gone anywhere: only who is nearly where it
 * was goes on.
 */
// eslint-disable-next-line max-params -- who, where and when, and how long a face is waited for
function linkCost(track: OpenTrack, sight: Sight, time: number, patience: number): number {
  const seen = placeOf(sight.box);
  const { logSide, ...where } = expectedPlace(track.motion, time);
  const sizes = [logSide, track.motion.usualLogSide].toSorted((a, b) => Math.abs(a - seen.logSide) - Math.abs(b - seen.logSide));
  const expected = { ...where, logSide: sizes[0]! };
  const side = Math.exp((expected.logSide + seen.logSide) / 2);
  const distance = Math.hypot(seen.x - expected.x, seen.y - expected.y) / side;
  const growth = Math.abs(seen.logSide - expected.logSide);
  const colours = colourDistance(track.colours, sight.colours);
  const pace = track.points.length === 1 ? farthest.inFirstSecond : farthest.inSecond;
  const seconds = time - track.motion.time;
  const reach = (farthest.atOnce + (seconds > patience ? 0 : pace * seconds)) * 2 * (1 - colours);
  if (distance > reach || growth > mostGrowth) return Infinity;
  const overlap = overlapOf(expected, seen);
  return weights.distance * distance + weights.overlap * (1 - overlap) + weights.colours * colours + weights.growth * growth;
}

/** Intersection over union of squares. */
function overlapOf(a: Place, b: Place): number {
  const [sideA, sideB] = [Math.exp(a.logSide), Math.exp(b.logSide)];
  const shared = (from: number, to: number): number =>
    Math.max(0, Math.min(from + sideA / 2, to + sideB / 2) - Math.max(from - sideA / 2, to - sideB / 2));
  const intersection = shared(a.x, b.x) * shared(a.y, b.y);
  return intersection / (sideA ** 2 + sideB ** 2 - intersection);
}
