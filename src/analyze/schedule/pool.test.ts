import { describe, expect, test, vi } from "vitest";
import type { FaceAnalysis } from "../analysis.ts";
import { type AnalysisWorker, WorkerLost, AnalysisPool } from "./pool.ts";

/** A worker of numbers that works when it is told to; `worked` are the pictures that it took. */
class FakeWorker implements AnalysisWorker<number> {
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

describe("a pool", () => {
  test("alone, the first one does everything, no more at once than it has slots", async () => {
    const first = new FakeWorker(2);
    const pool = new AnalysisPool(first);
    const results = [1, 2, 3].map(async (picture) => pool.analyze(picture, {}));
    expect(first.worked).toEqual([1, 2]);
    first.finish();
    await turn();
    expect(first.worked).toEqual([1, 2, 3]);
    first.finish();
    first.finish();
    expect((await Promise.all(results)).map(({ source }) => source)).toEqual(["1", "2", "3"]);
  });

  test("who joins takes what waits, then each the next one as it gets free", async () => {
    const [first, second] = [new FakeWorker(1), new FakeWorker(1)];
    const pool = new AnalysisPool(first);
    const results = [1, 2, 3, 4].map(async (picture) => pool.analyze(picture, {}));
    pool.join(second);
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
    const [first, second] = [new FakeWorker(1), new FakeWorker(1, (picture) => picture % 2 === 0)];
    const pool = new AnalysisPool(first);
    pool.join(second);
    const results = [1, 3, 4].map(async (picture) => pool.analyze(picture, {}));
    expect([first.worked, second.worked]).toEqual([[1], [4]]);
    first.finish();
    await turn();
    expect(first.worked).toEqual([1, 3]);
    first.finish();
    second.finish();
    await Promise.all(results);
  });

  test("what a lost worker had is done by others, and it is asked no more", async () => {
    const [first, second] = [new FakeWorker(1), new FakeWorker(1)];
    const pool = new AnalysisPool(first);
    pool.join(second);
    const results = [1, 2].map(async (picture) => pool.analyze(picture, {}));
    second.fail(new WorkerLost());
    await turn();
    first.finish();
    await turn();
    expect([first.worked, second.worked]).toEqual([[1, 2], [2]]);
    first.finish();
    expect((await Promise.all(results)).map(({ source }) => source)).toEqual(["1", "2"]);
  });

  test("a picture's own error is the caller's", async () => {
    const first = new FakeWorker(1);
    const pool = new AnalysisPool(first);
    const bad = pool.analyze(1, {});
    first.fail(new Error("damaged"));
    await expect(bad).rejects.toThrow("damaged");
  });

  test("no more than asked for are in work, whoever has slots", async () => {
    const [first, second] = [new FakeWorker(2), new FakeWorker(2)];
    const pool = new AnalysisPool(first, { most: 3 });
    pool.join(second);
    const results = [1, 2, 3, 4].map(async (picture) => pool.analyze(picture, {}));
    expect([first.worked, second.worked]).toEqual([[1, 3], [2]]);
    second.finish();
    await turn();
    expect(second.worked).toEqual([2, 4]);
    for (const worker of [first, first, second]) worker.finish();
    await Promise.all(results);
  });

  test("pictures that wait cost nothing while nobody is free", async () => {
    let asked = 0;
    const first = new FakeWorker(1);
    const counted = {
      get slots() {
        asked++;
        return first.slots;
      },
      takes: () => true,
      analyze: async (picture: number) => first.analyze(picture),
    };
    const pool = new AnalysisPool(counted);
    for (let picture = 0; picture < 1000; picture++) void pool.analyze(picture, {});
    expect(first.worked).toEqual([0]);
    expect(asked).toBeLessThan(5000);
  });

  /** Pictures that come `together` at a time, each group when the one before is done, `after` milliseconds later. */
  async function callsIn(groups: readonly { readonly together: number; readonly after: number }[]): Promise<number> {
    const first = new FakeWorker(4);
    const callWorkers = vi.fn<() => void>();
    let time = 0;
    const pool = new AnalysisPool(first, { callWorkers, now: () => time });
    for (const { together, after } of groups) {
      time += after;
      const done = Array.from({ length: together }, async (_, picture) => pool.analyze(picture, {}));
      for (let picture = 0; picture < together; picture++) first.finish();
      await Promise.all(done);
    }
    return callWorkers.mock.calls.length;
  }
  const groupsOf = (together: number, after: number, count: number) => Array.from({ length: count }, () => ({ together, after }));

  test.each([
    ["come in groups that end all at once", groupsOf(4, 0, 6), true],
    ["are too few", groupsOf(4, 0, 5), false],
    ["wait for each other", groupsOf(1, 0, 100), false],
    ["have a pause among them", [...groupsOf(4, 0, 3), ...groupsOf(4, 2000, 1), ...groupsOf(4, 0, 2)], false],
  ])("calls for help or not where pictures %s", async (_how, groups, isCalled) => {
    expect((await callsIn(groups)) > 0).toBe(isCalled);
  });
});
