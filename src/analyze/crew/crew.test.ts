import { describe, expect, test } from "vitest";
import type { FaceAnalysis } from "../analysis.ts";
import { type Analyst, AnalystLost, Crew } from "./crew.ts";

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

  test("a picture's own error is the caller's, and what waits can be refused", async () => {
    const first = new FakeAnalyst(1);
    const crew = new Crew(first);
    const [bad, waiting] = [1, 2].map(async (picture) => crew.analyze(picture, {}));
    crew.dismiss(new Error("closed"));
    await expect(waiting).rejects.toThrow("closed");
    first.fail(new Error("damaged"));
    await expect(bad).rejects.toThrow("damaged");
  });
});
