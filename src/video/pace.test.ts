import { describe, expect, it } from "vitest";
import { asItPlays, everyFrames, noFartherThan, type Pace } from "./pace.ts";

const rate = 25;

/** Goes through a film on a machine that takes so many seconds for a look and for a frame; tells which frames were looked at, and how long it took. */
function goThrough(
  pace: (now: () => number) => Pace,
  seconds: number,
  { look, frame = 0.002 }: { readonly look: (index: number) => number; readonly frame?: number },
) {
  let clock = 100;
  const looked: number[] = [];
  const { takes, ...rest } = pace(() => clock);
  const used: Pace = { takes, ...rest };
  let firstDone = 0;
  for (let index = 0; index < seconds * rate; index++) {
    clock += frame;
    if (!used.takes(index, index / rate, 1 / rate)) continue;
    looked.push(index);
    clock += look(index);
    if (looked.length === 1) firstDone = clock;
  }
  return { looked, took: clock - firstDone };
}

const gaps = (looked: readonly number[]): number[] => looked.slice(1).map((index, at) => index - looked[at]!);

describe("looks as often as there is time while a film plays", () => {
  it("are every third frame on a machine that could do more", () => {
    const { looked, took } = goThrough(asItPlays, 20, { look: () => 0.01 });
    expect(new Set(gaps(looked))).toEqual(new Set([3]));
    expect(took).toBeLessThan(5);
  });

  it.each([0.15, 0.25, 0.6])("of %d seconds each are as rare as they must be, and the film is not caught up with", (cost) => {
    const { looked, took } = goThrough(asItPlays, 60, { look: () => cost });
    expect(took).toBeLessThan(60);
    // A tenth of the time is kept back, and reading frames takes some.
    expect(looked.length).toBeGreaterThan((0.8 * 60) / 1.1 / cost);
    expect(Math.max(...gaps(looked))).toBeLessThanOrEqual(rate);
  });

  it("are one a second where even that is too much", () => {
    const { looked, took } = goThrough(asItPlays, 20, { look: () => 1.5 });
    // The clock begins behind the first look.
    expect(new Set(gaps(looked).slice(1))).toEqual(new Set([rate]));
    expect(took).toBeGreaterThan(20);
  });

  it("are not paid for with what came before them: networks that load, a page that was asleep", () => {
    const { looked } = goThrough(asItPlays, 60, { look: (index) => (index === 0 ? 8 : index === 300 ? 30 : 0.1) });
    expect(gaps(looked).slice(0, 5)).toEqual([3, 3, 3, 3, 3]);
    const late = gaps(looked.filter((index) => index >= 300));
    expect(late.filter((gap) => gap === rate).length).toBeLessThan(6);
    expect(late.slice(-20)).toEqual(late.slice(-20).map(() => 3));
  });

  it("tell how often they were, on average", () => {
    let clock = 0;
    const pace = asItPlays(() => (clock += 0.001));
    for (let index = 0; index < 30; index++) pace.takes(index, index / rate, 1 / rate);
    expect(pace.every).toBe(3);
  });
});

it.each([
  [1, [0, 1, 2, 3]],
  [2, [0, 1, 2, 3]],
  [5, [0, 2, 4, 6]],
  [25, [0, 3, 6, 9]],
])("a film of %d frames a second is looked at as often as it plays, and no frame oftener than it helps", (slow, expected) => {
  const pace = asItPlays(() => 0);
  expect([...Array(10).keys()].filter((index) => pace.takes(index, index / slow, 1 / slow)).slice(0, 4)).toEqual(expected);
});

it.each([
  [1, 6, [0, 1, 2, 3, 4, 5]],
  [2, 7, [0, 2, 3, 5, 6]],
  [4, 8, [0, 3, 6, 7]],
  [25, 8, [0, 3, 6, 7]],
])("no frame of a film of %d a second is farther than half a second from the looks around it", (slow, frames, expected) => {
  const pace = noFartherThan(0.5, frames / slow, everyFrames(3));
  expect([...Array(frames).keys()].filter((index) => pace.takes(index, index / slow, 1 / slow))).toEqual(expected);
  expect(pace.every).toBe(3);
});

describe("every so-manieth frame", () => {
  it("is a whole number of them", () => {
    const pace = everyFrames(4);
    expect([0, 1, 4, 7, 8].map((index) => pace.takes(index, index / rate, 1 / rate))).toEqual([true, false, true, false, true]);
    expect(pace.every).toBe(4);
    for (const wrong of [0, 1.5, NaN, -3]) expect(() => everyFrames(wrong)).toThrow(/whole number of frames/);
  });
});
