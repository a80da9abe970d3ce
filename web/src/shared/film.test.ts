import { describe, expect, it } from "vitest";
import { clock } from "../client/film/clock.ts";
import { createFilmPaths } from "./film-paths.ts";
import { everyWords, moodAt } from "./film-words.ts";

const boxAt = (x: number) => ({ x, y: 10, width: 20, height: 20 });
const look = (time: number, ...faces: readonly (readonly [track: number, x: number])[]) => ({
  time,
  faces: faces.map(([track, x]) => ({ track, box: boxAt(x) })),
});

describe("the ways of faces through a film", () => {
  const paths = createFilmPaths();
  paths.add([look(0), look(0.2, [1, 100])]);
  paths.add([look(0.4, [1, 120], [2, 300]), look(0.6, [2, 300]), look(0.8, [1, 160]), look(1, [1, 180])]);

  it("are exact in frames that were looked at, however the player rounds its times", () => {
    expect(paths.at(0.4)).toEqual([
      { track: 1, box: boxAt(120), isSeen: true },
      { track: 2, box: boxAt(300), isSeen: true },
    ]);
    expect(paths.at(0.400001)).toEqual(paths.at(0.4));
  });

  it("are straight between two sights, also where the face was hidden for a look", () => {
    expect(paths.at(0.3).map(({ track, box, isSeen }) => [track, Math.round(box.x), isSeen])).toEqual([
      [1, 110, false],
      [2, 300, false],
    ]);
    const hidden = paths.at(0.6).find(({ track }) => track === 1)!;
    expect([Math.round(hidden.box.x), hidden.isSeen]).toEqual([140, false]);
  });

  it("end with the looks around them, in which nobody found the face", () => {
    expect(paths.at(0)).toEqual([]);
    expect(paths.at(0.1).map(({ track }) => track)).toEqual([1]);
    expect(paths.at(0.7).map(({ track }) => track)).toEqual([1, 2]);
    expect(paths.at(0.8).map(({ track }) => track)).toEqual([1]);
  });

  it("lead to the nearest sight, and to the next in a direction", () => {
    expect(paths.sightOf(1, 0.68)).toBe(0.8);
    expect(paths.sightOf(1, 0.55)).toBe(0.4);
    expect(paths.sightOf(1, 0.4, 1)).toBe(0.8);
    expect(paths.sightOf(1, 0.4, -1)).toBe(0.2);
    expect(paths.sightOf(1, 1, 1)).toBeUndefined();
    expect(paths.sightOf(7, 1)).toBeUndefined();
  });

  it("are forgotten with the film", () => {
    const other = createFilmPaths();
    other.add([look(0, [1, 5])]);
    other.clear();
    expect(other.at(0)).toEqual([]);
  });
});

describe("what is told of a person at a time", () => {
  const happy = { happy: 0.8, sad: 0.2 };
  const sad = { happy: 0.3, sad: 0.7 };
  const moods = [
    { time: 1, label: "happy", probabilities: happy },
    { time: 2, label: "sad", probabilities: sad },
  ];

  it("is the mood of that second, and of the nearest where there is none", () => {
    expect(moodAt({ moods }, 1.9)).toEqual({ label: "happy", confidence: 0.8, probabilities: happy });
    expect(moodAt({ moods }, 2)?.label).toBe("sad");
    expect(moodAt({ moods }, 0)?.label).toBe("happy");
    expect(moodAt({ moods }, 60)?.label).toBe("sad");
    expect(moodAt({ moods: [] }, 1)).toBeUndefined();
  });
});

it.each([
  [7.9, "0:07"],
  [61, "1:01"],
  [3723, "1:02:03"],
])("%d seconds are written %s", (seconds, words) => expect(clock(seconds)).toBe(words));

it.each([
  [1, "every frame"],
  [2, "every 2nd frame"],
  [3, "every 3rd frame"],
  [11, "every 11th frame"],
  [12, "every 12th frame"],
  [21, "every 21st frame"],
  [22, "every 22nd frame"],
  [25, "every 25th frame"],
])("in every so-manieth of %d frames: %s", (count, words) => expect(everyWords(count)).toBe(words));
