import { describe, expect, test, vi } from "vitest";
import type { FaceAnalysis } from "../analysis.ts";
import { type Analyst, AnalystLost, Crew, helpFrom } from "./crew.ts";

/** An analyst of numbers that works when it is told to; `worked` are the pictures that it took. */
class FakeAnalyst implements Analyst<number> {
  readonly slots: number;
  readonly worked: number[] = [];
  readonly #open: { readonly picture: number; readonly done: PromiseWithResolvers<FaceAnalysis> }[] = [];
  readonly #takes: (picture: number) => boolean;

  constructor(slots: number, takes: (picture: number) => boolean = () => true) {
    this.slots = slots;
    this.#takes = takes;
  }

  takes(picture: number): boolean {
    return this.#takes(picture);
  }

  async analyze(picture: number): Promise<FaceAnalysis> {
    this.worked.push(picture);
    const done = Promise.withResolvers<FaceAnalysis>();
    this.#open.push({ picture, done });
    return done.promise;
  }

  finish(): void {
    const { picture, done } = this.#open.shift()!;
    done.resolve(analysisOf(picture));
  }

  fail(error: unknown): void {
    this.#open.shift()!.done.reject(error);
  }
}

const analysisOf = (picture: number): FaceAnalysis => ({
  schema: "tensorface.analysis/1",
  source: String(picture),
  width: 1,
  height: 1,
  faces: [],
  timings: { decodeMs: 0, detectMs: 0, classifyMs: 0 },
});
const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a crew", () => {
  test("alone, the first one does everything, no more at once than it has slots", async () => {
    const first = new FakeAnalyst(2);
    const crew = new Crew(first);
    const results = [1, 2, 3].map(async (picture) => crew.analyze(picture, {}));
    expect(first.worked).toEqual([1, 2]);
    first.finish();
    await turn();
    expect(first.worked).toEqual([1, 2, 3]);
    first.finish();
    first.finish();
    expect((await Promise.all(results)).map(({ source }) => source)).toEqual(["1", "2", "3"]);
  });

  test("who joins takes what waits, then each the next one as it gets free", async () => {
    const [first, second] = [new FakeAnalyst(1), new FakeAnalyst(1)];
    const crew = new Crew(first);
    const results = [1, 2, 3, 4].map(async (picture) => crew.analyze(picture, {}));
    crew.join(second);
    expect([first.worked, second.worked]).toEqual([[1], [2]]);
    second.finish();
    await turn();
    second.finish();
    await turn();
    expect([first.worked, second.worked]).toEqual([[1], [2, 3, 4]]);
    first.finish();
    second.finish();
    await Promise.all(results);
  });

  test("a picture that cannot be handed over waits for the first, and holds nobody up", async () => {
    const [first, second] = [new FakeAnalyst(1), new FakeAnalyst(1, (picture) => picture % 2 === 0)];
    const crew = new Crew(first);
    crew.join(second);
    const results = [1, 3, 4].map(async (picture) => crew.analyze(picture, {}));
    expect([first.worked, second.worked]).toEqual([[1], [4]]);
    first.finish();
    await turn();
    expect(first.worked).toEqual([1, 3]);
    first.finish();
    second.finish();
    await Promise.all(results);
  });

  test("what a lost analyst had is done by others, and it is asked no more", async () => {
    const [first, second] = [new FakeAnalyst(1), new FakeAnalyst(1)];
    const crew = new Crew(first);
    crew.join(second);
    const results = [1, 2].map(async (picture) => crew.analyze(picture, {}));
    second.fail(new AnalystLost());
    await turn();
    first.finish();
    await turn();
    expect([first.worked, second.worked]).toEqual([[1, 2], [2]]);
    first.finish();
    expect((await Promise.all(results)).map(({ source }) => source)).toEqual(["1", "2"]);
  });

  test("a picture's own error is the caller's", async () => {
    const first = new FakeAnalyst(1);
    const crew = new Crew(first);
    const bad = crew.analyze(1, {});
    first.fail(new Error("damaged"));
    await expect(bad).rejects.toThrow("damaged");
  });

  test("no more than asked for are in work, whoever has slots", async () => {
    const [first, second] = [new FakeAnalyst(2), new FakeAnalyst(2)];
    const crew = new Crew(first, { most: 3 });
    crew.join(second);
    const results = [1, 2, 3, 4].map(async (picture) => crew.analyze(picture, {}));
    expect([first.worked, second.worked]).toEqual([[1, 3], [2]]);
    second.finish();
    await turn();
    expect(second.worked).toEqual([2, 4]);
    for (const analyst of [first, first, second]) analyst.finish();
    await Promise.all(results);
  });

  test("pictures that wait cost nothing while nobody is free", async () => {
    let asked = 0;
    const first = new FakeAnalyst(1);
    const counted = {
      get slots() {
        asked++;
        return first.slots;
      },
      takes: () => true,
      analyze: async (picture: number) => first.analyze(picture),
    };
    const crew = new Crew(counted);
    for (let picture = 0; picture < 1000; picture++) void crew.analyze(picture, {});
    expect(first.worked).toEqual([0]);
    expect(asked).toBeLessThan(5000);
  });

  test.each([
    { gap: "no moment without work", pictures: helpFrom + 1, pauseAfter: undefined, calls: 1 },
    { gap: "a pause among them", pictures: helpFrom + 1, pauseAfter: 3, calls: 0 },
    { gap: "one too few", pictures: helpFrom, pauseAfter: undefined, calls: 0 },
  ])("calls for help after a row of pictures with $gap: $calls times", async ({ pictures, pauseAfter, calls }) => {
    const first = new FakeAnalyst(2);
    const callHelpers = vi.fn<() => void>();
    const crew = new Crew(first, { callHelpers });
    for (let picture = 0; picture < pictures; picture++) {
      void crew.analyze(picture, {});
      // From the second picture on, one is always in work.
      if (picture > 0 || pauseAfter === 0) first.finish();
      if (picture === pauseAfter) first.finish();
      await turn();
    }
    expect(callHelpers).toHaveBeenCalledTimes(calls);
  });
});
