import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createWaitingList } from "./waiting-list.ts";

/** Work that notes when it begins and ends when it is told to. */
function steps() {
  const begun: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<string>>();
  const work = (name: string) => async (): Promise<string> => {
    begun.push(name);
    const gate = Promise.withResolvers<string>();
    gates.set(name, gate);
    return gate.promise;
  };
  return {
    begun,
    work,
    end: (name: string) => gates.get(name)!.resolve(name),
    fail: (name: string) => gates.get(name)!.reject(new Error(name)),
  };
}

describe("a waiting list", () => {
  test("does so many at once, in order, also after failures", async () => {
    const list = createWaitingList({ atOnce: 2 });
    const { begun, work, end, fail } = steps();
    const results = ["a", "b", "c", "d"].map(async (name) => list.run(work(name)));
    await setImmediate();
    expect([begun, list.inWork, list.waiting]).toEqual([["a", "b"], 2, 2]);
    fail("b");
    await expect(results[1]).rejects.toThrow("b");
    await setImmediate();
    expect(begun).toEqual(["a", "b", "c"]);
    end("a");
    end("c");
    await setImmediate();
    end("d");
    expect(await Promise.all([results[0], results[2], results[3]])).toEqual(["a", "c", "d"]);
    expect([list.inWork, list.waiting]).toEqual([0, 0]);
  });

  test("lets the largest go alone, in the order in which they came, and gives up with the signal", async () => {
    const list = createWaitingList({ atOnce: 9, most: 10 });
    const { begun, work, end } = steps();
    const run = async (name: string, size: number, signal?: AbortSignal): Promise<string> => list.run(work(name), { size, signal });
    const controller = new AbortController();
    const kept = [run("first", 6), run("large", 99), run("small", 1)];
    const given = run("given up", 1, controller.signal);
    controller.abort();
    await expect(given).rejects.toThrow(expect.objectContaining({ code: "TF_ABORTED" }));
    await expect(run("too late", 1, controller.signal)).rejects.toThrow(expect.objectContaining({ code: "TF_ABORTED" }));
    for (const [index, name] of ["first", "large", "small"].entries()) {
      await setImmediate();
      expect(begun).toEqual(["first", "large", "small"].slice(0, index + 1));
      end(name);
    }
    expect(await Promise.all(kept)).toEqual(["first", "large", "small"]);
  });

  test("one that is given up lets those behind it pass", async () => {
    const list = createWaitingList({ atOnce: 2, most: 10 });
    const { begun, work, end } = steps();
    const controller = new AbortController();
    const first = list.run(work("first"), { size: 5 });
    const large = list.run(work("large"), { size: 9, signal: controller.signal });
    const small = list.run(work("small"), { size: 5 });
    controller.abort();
    await expect(large).rejects.toThrow("aborted");
    await setImmediate();
    expect(begun).toEqual(["first", "small"]);
    end("first");
    end("small");
    await Promise.all([first, small]);
  });
});
