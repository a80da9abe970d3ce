import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as datasets from "../src/_entries/datasets.ts";
import * as evaluate from "../src/_entries/evaluate.ts";
import * as node from "../src/_entries/node.ts";
import * as notebook from "../src/_entries/notebook.ts";
import * as server from "../src/_entries/server.ts";
import * as train from "../src/_entries/train.ts";
import * as video from "../src/_entries/video.ts";

/**
 * Every public function, called with what callers without types give by mistake. Some take it; the others say by an error of ours what they
 * expected, and none ends in "Cannot read properties of undefined".
 */

const nonsense: readonly (readonly [string, readonly unknown[]])[] = [
  ["nothing", []],
  ["null", [null]],
  ["an object", [{}]],
  ["a number", [42]],
  ["a list", [[]]],
  ["null after a text", ["no-such-file", null]],
  ["null everywhere", [null, null, null, null]],
  ["numbers everywhere", [42, 42, 42, 42]],
];

/** Whoever throws an error has its code; overlaps are computed in loops that a check would slow down; `exampleData` draws many pictures of nothing. */
const unchecked: ReadonlySet<string> = new Set(["TensorFaceError", "intersectionOverUnion", "exampleData"]);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/tensorface-nonsense-`);
  vi.spyOn(process, "cwd").mockReturnValue(folder);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** What is wrong with a call: nothing where it is taken or refused by an error of ours. */
async function complaint(call: () => unknown): Promise<string | undefined> {
  try {
    const answer = await call();
    // A generator does nothing before it is asked.
    if (typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer)
      await (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
    await (answer as Partial<AsyncDisposable> | undefined)?.[Symbol.asyncDispose]?.();
    return undefined;
  } catch (error) {
    if (error instanceof node.TensorFaceError) return undefined;
    return String(error);
  }
}

describe.each(Object.entries({ node, datasets, train, evaluate, server, video, notebook }))("tensorface/%s", (_, entry) => {
  const functions = Object.entries(entry).filter(([name, value]) => typeof value === "function" && !unchecked.has(name));
  test.each(functions)("%s", async (__, call) => {
    const complaints: Record<string, string> = {};
    for (const [what, values] of nonsense) {
      const said = await complaint(() => Reflect.apply(call as () => unknown, undefined, values));
      if (said !== undefined) complaints[what] = said;
    }
    expect(complaints).toEqual({});
  });
});
