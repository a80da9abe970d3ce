import { type AttributeEstimate, type Attributes, type BoundingBox, intersectionOverUnion, type LabelEstimate } from "tensorface/browser";
import type { PageFace } from "./protocol.ts";

/** Follows faces from frame to frame and calms what is told of them. */
export interface Smoother {
  /**
   * The faces of a frame at `time` (milliseconds), each blended with what was known of the same face, in the order in which they
   * appeared. A face that was only found in this frame keeps what was told of it before.
   */
  next(faces: readonly PageFace[], time: number): readonly PageFace[];
}

/** After this long a frame's answers count half: slow enough to be calm, fast enough to follow a smile. */
const answerHalfLifeMs = 400;
/** The same for boxes, which must not trail behind. */
const boxHalfLifeMs = 40;
/** Boxes of one face in successive frames overlap at least this much. */
const sameFace = 0.3;

/** A face, and when its answers were last renewed. */
interface Track {
  readonly face: PageFace;
  readonly foundAt: number;
  readonly toldAt: number;
}

export function createSmoother(): Smoother {
  let tracks: readonly Track[] = [];
  return {
    next: (faces, time) => {
      const fresh = new Set(faces);
      const followed = tracks.flatMap((track) => {
        const face = mostAlike(track.face, fresh);
        if (face === undefined) return [];
        fresh.delete(face);
        return [follow(track, face, time)];
      });
      tracks = [...followed, ...[...fresh].map((face) => ({ face, foundAt: time, toldAt: time }))];
      return tracks.map(({ face }) => face);
    },
  };
}

function mostAlike(face: PageFace, candidates: ReadonlySet<PageFace>): PageFace | undefined {
  let best: PageFace | undefined;
  let bestOverlap = sameFace;
  for (const candidate of candidates) {
    const overlap = intersectionOverUnion(candidate.box, face.box);
    if (overlap >= bestOverlap) {
      best = candidate;
      bestOverlap = overlap;
    }
  }
  return best;
}

function follow(track: Track, now: PageFace, time: number): Track {
  const isTold = now.age !== undefined || now.gender !== undefined || now.mood !== undefined || now.attributes !== undefined;
  const mixBoxes = mixer(time - track.foundAt, boxHalfLifeMs);
  const face = {
    ...blendAnswers(track.face, now, mixer(time - track.toldAt, answerHalfLifeMs)),
    box: blendBoxes(track.face.box, now.box, mixBoxes),
  };
  return { face, foundAt: time, toldAt: isTold ? time : track.toldAt };
}

type Mix = (before: number, now: number) => number;

function mixer(elapsed: number, halfLife: number): Mix {
  const keep = 0.5 ** (elapsed / halfLife);
  return (before, now) => before * keep + now * (1 - keep);
}

function blendAnswers(before: PageFace, now: PageFace, mix: Mix): PageFace {
  const age = blend(before.age, now.age, (a, b) => ({
    ...b,
    years: mix(a.years, b.years),
    interval: { ...b.interval, low: mix(a.interval.low, b.interval.low), high: mix(a.interval.high, b.interval.high) },
    ...blendGroups(a.probabilities, b.probabilities, mix),
  }));
  const ageCurve = blend(before.ageCurve, now.ageCurve, (a, b) => b.map((value, year) => mix(a[year] ?? value, value)));
  const gender = blend(before.gender, now.gender, (a, b) => blendLabels(a, b, mix));
  const mood = blend(before.mood, now.mood, (a, b) => blendLabels(a, b, mix));
  const attributes = blend(before.attributes, now.attributes, (a, b) => mixAttributes(a, b, mix));
  return {
    ...now,
    ...(attributes && { attributes }),
    ...(age && { age }),
    ...(ageCurve && { ageCurve }),
    ...(gender && { gender }),
    ...(mood && { mood }),
  };
}

/** What is told of the whole picture, calmed like what is told of faces. @param elapsed milliseconds since it was told before */
export function blendAttributes(before: Attributes | undefined, now: Attributes | undefined, elapsed: number): Attributes | undefined {
  if (now === undefined) return undefined;
  return before === undefined ? now : mixAttributes(before, now, mixer(elapsed, answerHalfLifeMs));
}

function mixAttributes(before: Attributes, now: Attributes, mix: Mix): Attributes {
  return Object.fromEntries(Object.entries(now).map(([task, estimate]) => [task, mixAttribute(before[task], estimate, mix)]));
}

/** Classes are blended; a picture like none of the examples has nothing to blend with. Tags and numbers are shown as they come. */
function mixAttribute(before: AttributeEstimate | undefined, now: AttributeEstimate, mix: Mix): AttributeEstimate {
  if (before === undefined || !("label" in before) || !("label" in now) || before.label === null || now.label === null) return now;
  return { ...now, ...blendLabels({ ...before, label: before.label }, { ...now, label: now.label }, mix) };
}

/** What is known of one side alone stays. */
function blend<Estimate>(
  before: Estimate | undefined,
  now: Estimate | undefined,
  both: (before: Estimate, now: Estimate) => Estimate,
): Estimate | undefined {
  return before === undefined || now === undefined ? (now ?? before) : both(before, now);
}

function blendBoxes(before: BoundingBox, now: BoundingBox, mix: Mix): BoundingBox {
  return { x: mix(before.x, now.x), y: mix(before.y, now.y), width: mix(before.width, now.width), height: mix(before.height, now.height) };
}

function blendGroups(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
  mix: Mix,
): { readonly probabilities: Record<string, number>; readonly group: string } {
  const probabilities = Object.fromEntries(Object.entries(now).map(([group, value]) => [group, mix(before[group] ?? value, value)]));
  return { probabilities, group: Object.entries(probabilities).reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0] };
}

function blendLabels<Label extends string>(before: LabelEstimate<Label>, now: LabelEstimate<Label>, mix: Mix): LabelEstimate<Label> {
  const probabilities: Record<Label, number> = { ...now.probabilities };
  for (const key in probabilities) probabilities[key] = mix(before.probabilities[key], now.probabilities[key]);
  let { label } = now;
  for (const key in probabilities) if (probabilities[key] > probabilities[label]) label = key;
  return { label, confidence: probabilities[label], probabilities };
}
