import { describe, expect, it } from "vitest";
import { sampleAnalysis } from "../../test/support/outcomes.ts";
import { createRandom } from "../core/index.ts";
import { createRasterImage } from "../image/index.ts";
import { followFaces, type FollowedFilm } from "./analyze-film.ts";
import type { Film } from "./film.ts";
import type { FrameAnalysis } from "./results.ts";
import { placesAt } from "./tracks/boxes.ts";

const image = createRasterImage(320, 240);
const sample = sampleAnalysis("one");

/** A film of unevenly long frames; tells how far it was read. */
function filmOf(seconds: number): Film & { readonly readTo: () => number } {
  const random = createRandom(5);
  let end = 0;
  return {
    source: "made",
    width: 320,
    height: 240,
    duration: seconds,
    hasSound: false,
    readTo: () => end,
    async *frames() {
      end = 0;
      for (let index = 0; end < seconds; index++) {
        const [time, duration] = [end, random.uniform() < 0.05 ? 0.3 : 0.04];
        end += duration;
        yield { index, time, duration, picture: async () => image };
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Two faces that wander, and are not found now and then, for shorter and longer. */
function wandering() {
  const random = createRandom(9);
  let look = 0;
  const hiddenFor = [0, 0];
  return {
    analyze: async () => {
      look++;
      const faces = [0, 1].flatMap((person) => {
        if (hiddenFor[person]! > 0) {
          hiddenFor[person]!--;
          return [];
        }
        if (random.uniform() < 0.1) hiddenFor[person] = random.integer(12);
        const x = 40 + 140 * person + 20 * Math.sin(look / 5);
        return [{ ...sample.faces[0]!, box: { x, y: 60 + look * 0.1, width: 40, height: 44 } }];
      });
      return { ...sample, faces };
    },
  };
}

describe("faces followed through a film", () => {
  it("are told frame by frame while it is read, and as they are where in the end", async () => {
    const film = filmOf(60);
    const frames: FrameAnalysis[] = [];
    const following = followFaces(film, wandering(), { every: 5 });
    let longest = 0;
    let followed: FollowedFilm | undefined;
    while (followed === undefined) {
      const { done, value } = await following.next();
      if (done === true) followed = value;
      else {
        frames.push(value);
        longest = Math.max(longest, film.readTo() - value.time);
      }
    }
    expect(frames.map(({ frame }) => frame)).toEqual(frames.map((_, index) => index));
    expect(followed.told.frames).toBe(frames.length);
    // A face that is not found is waited for, until the look after that.
    expect(longest).toBeLessThan(1.5 + 5 * 0.3);
    expect(followed.tracks.length).toBeGreaterThan(2);
    for (const { time, faces } of frames) {
      const places = placesAt(followed.tracks, time).map(({ track, box, isSeen }) => ({ track: track.id, box, isSeen }));
      expect(faces.map(({ track, box, isSeen }) => ({ track, box, isSeen }))).toEqual(places);
      expect(faces.every(({ isSeen, age }) => isSeen === (age !== undefined))).toBe(true);
    }
    expect(followed.told.tracks.map(({ looks }) => looks)).toEqual(followed.tracks.map(({ points }) => points.length));
  });

  it("are left at once when nobody wants to know any more", async () => {
    const film = filmOf(60);
    for await (const { frame } of followFaces(film, wandering())) if (frame === 3) break;
    expect(film.readTo()).toBeLessThan(5);
  });
});
