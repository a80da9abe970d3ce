import { describe, expect, it } from "vitest";
import { sampleAnalysis } from "../../test/support/outcomes.ts";
import { createRandom, TensorFaceError } from "../core/index.ts";
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

  it("are searched for where they are expected, and everywhere three times a second or where one is missing", async () => {
    const asked: { readonly second: number; readonly near: number | undefined; readonly facesOnly: boolean | undefined }[] = [];
    const film = {
      ...filmOf(4),
      async *frames() {
        for (let index = 0; index < 100; index++) yield { index, time: index / 25, duration: 0.04, picture: async () => image };
      },
    };
    const atHome = { x: 40, y: 60, width: 40, height: 44 };
    const analyzer: Parameters<typeof followFaces>[1] = {
      analyze: async (_, options = {}) => {
        const { near, facesOnly, source } = options;
        const second = Number(/frame (\d+)/.exec(source!)![1]) / 25;
        asked.push({ second, near: near?.length, facesOnly });
        // Between 2 and 2.7 seconds nobody is there.
        if (second > 2 && second < 2.7) return { ...sample, faces: [] };
        const { box, score, landmarks } = sample.faces[0]!;
        return {
          ...sample,
          faces: [facesOnly === true ? { box: atHome, score, landmarks } : { ...sample.faces[0]!, box: { ...box, ...atHome } }],
        };
      },
    };
    const following = followFaces(film, analyzer, { every: 2, answerSeconds: 0.5 });
    const frames: FrameAnalysis[] = [];
    let told: FollowedFilm["told"] | undefined;
    while (told === undefined) {
      const { done, value } = await following.next();
      if (done === true) told = value.told;
      else frames.push(value);
    }
    const whole = asked.filter(({ near }) => near === undefined).map(({ second }) => second);
    expect(whole.slice(0, 5)).toEqual([0, 0.4, 0.8, 1.2, 1.6]);
    // Missing at 2.08, for the first time: this frame is searched at once, later ones when it is due.
    expect(asked.filter(({ second }) => second === 2.08)).toEqual([
      { second: 2.08, near: 1, facesOnly: expect.anything() },
      { second: 2.08, near: undefined, facesOnly: expect.anything() },
    ]);
    expect(asked.filter(({ second }) => second === 2.16)).toMatchObject([{ near: 1 }]);
    expect(told.tracks).toHaveLength(1);
    const [person] = told.tracks;
    const looks = frames.filter(({ frame, faces }) => frame % 2 === 0 && faces.some(({ isSeen }) => isSeen));
    expect(person!.looks).toBe(looks.length);
    // Asked about every half second, and not for being found between.
    expect(person!.answeredLooks).toBe(frames.filter(({ faces }) => faces.some(({ age }) => age !== undefined)).length);
    expect(person!.answeredLooks).toBeLessThan(9);
    expect(person!.independentLooks).toBeLessThanOrEqual(person!.answeredLooks);
    expect(told.every).toBe(2);
  });

  it("are told of all frames that are there, where the film was cut off", async () => {
    const film = filmOf(4);
    const cut = new TensorFaceError("TF_VIDEO_CORRUPT", "cut off");
    const cutOff = {
      ...film,
      async *frames() {
        yield* film.frames();
        throw cut;
      },
    };
    const [whole, told] = [filmOf(4), cutOff].map(async (one) => {
      const frames: FrameAnalysis[] = [];
      const error: unknown = await (async () => {
        for await (const frame of followFaces(one, wandering())) frames.push(frame);
      })().catch((reason: unknown) => reason);
      return { frames, error };
    });
    expect(await told).toEqual({ frames: (await whole!).frames, error: cut });
  });

  it("are left at once when nobody wants to know any more", async () => {
    const film = filmOf(60);
    for await (const { frame } of followFaces(film, wandering())) if (frame === 3) break;
    expect(film.readTo()).toBeLessThan(5);
  });
});
