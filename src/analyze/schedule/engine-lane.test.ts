import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { LocatedFace } from "../pipeline/ask.ts";
import { createEngineLane } from "./engine-lane.ts";

const nextTurn = async (): Promise<void> => setImmediate(undefined);
// What is asked about it is nobody's matter here.
const face = {} as LocatedFace;

test("a face is asked about while pictures without any follow one another without end", async () => {
  const asked: number[] = [];
  const row = { searched: 0, isOver: false };
  const lane = createEngineLane({
    askFaces: async (faces) => {
      asked.push(row.searched);
      return faces.map(() => []);
    },
    nextTurn,
  });
  const empty = async (): Promise<void> => {
    // There is always another one ready when one is done.
    while (!row.isOver && row.searched < 500) await lane.run(async () => void row.searched++);
  };
  const others = Promise.all([empty(), empty(), empty()]);
  await lane.ask(face, () => false);
  row.isOver = true;
  await others;
  expect(asked).toHaveLength(1);
  expect(asked[0]).toBeLessThan(100);
});

test("faces that come one by one share a batch while pictures are searched, and one alone waits for nothing", async () => {
  const batches: number[] = [];
  const askFaces = async (faces: readonly LocatedFace[]): Promise<[][]> => {
    batches.push(faces.length);
    return faces.map(() => []);
  };
  const lane = createEngineLane({ askFaces, nextTurn });
  await lane.ask(face, () => false);
  expect(batches).toEqual([1]);
  const picture = async (): Promise<unknown> => lane.run(async () => undefined).then(async () => lane.ask(face, () => false));
  await Promise.all(Array.from({ length: 8 }, picture));
  expect(batches).toEqual([1, 8]);
});
