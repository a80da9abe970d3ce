import { expect, test } from "vitest";
import { closeLook, keptAmong } from "./closer.ts";

/** A face of 40 pixels that moves to the right, seen at some times. */
function track(id: number, y: number, times: readonly number[]) {
  return { id, points: times.map((time) => ({ time, box: { x: 100 + 50 * time, y, width: 40, height: 40 } })) };
}

const often = [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4];

test("who was to stay visible stays so where the film is looked at more closely, whatever the numbers are now", () => {
  const earlier = [track(1, 0, [0, 1]), track(2, 200, [0, 1])];
  const closer = [track(7, 205, often), track(8, 3, often), track(9, 400, often)];
  expect(keptAmong(closer, earlier, [2])).toEqual([7]);
  expect(keptAmong(closer, earlier, [1, 2])).toEqual([7, 8]);
  expect(keptAmong(closer, earlier, [])).toEqual([]);
});

test("in doubt a face is hidden: where it was mostly not seen, or on somebody who is hidden as well", () => {
  const earlier = [track(1, 0, [0, 0.2]), track(2, 200, often)];
  // Seen by the earlier look in its first half second, and half a second of what it hides after that.
  expect(keptAmong([track(7, 0, [0, 0.2, 2, 3, 4, 5])], earlier, [1])).toEqual([]);
  const jumps = { id: 8, points: [...track(0, 200, often.slice(0, 6)).points, ...track(0, 0, [0.1, 0.2]).points] };
  expect(keptAmong([jumps], earlier, [2])).toEqual([]);
});

test("a close look takes every third frame, the last one, and none that is far from others", () => {
  const takenOf = (rate: number, frames: number, asked = {}): number[] => {
    const { every, searchSeconds } = closeLook({ duration: frames / rate }, asked);
    expect(searchSeconds).toBe(0);
    return Array.from({ length: frames }, (_, index) => index).filter((index) => every.takes(index, index / rate, 1 / rate));
  };
  expect(takenOf(25, 9)).toEqual([0, 3, 6, 8]);
  expect(takenOf(25, 9, { every: 2 })).toEqual([0, 2, 4, 6, 8]);
  expect(takenOf(2, 5)).toEqual([0, 2, 3, 4]);
});
