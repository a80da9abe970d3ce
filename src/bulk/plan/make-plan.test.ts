import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Entry } from "../sources/entry.ts";
import { makePlan, type MakePlanOptions, type Recipe } from "./make-plan.ts";

let base = "";
const at = (name: string): string => join(base, name);
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "tensorface-plan-"));
});
afterEach(() => rm(base, { recursive: true }));

const recipe: Recipe = { options: { models: [], ageGroups: "adience", device: "cpu" }, models: [], versions: {} };

async function* named(count: number): AsyncGenerator<Entry> {
  for (let index = 0; index < count; index++) yield `${index}.jpg`;
}

const plan = (out: string, entries: AsyncIterable<Entry>, options: Partial<MakePlanOptions> = {}): ReturnType<typeof makePlan> =>
  makePlan(out, entries, { inputs: ["photos"], base, roots: [], shardSize: 2, prepare: () => Promise.resolve(recipe), ...options });

describe("the folder of a plan", () => {
  test("that holds what a plan that did not end left is begun anew", async () => {
    async function* broken(): AsyncGenerator<Entry> {
      yield* named(5);
      throw new Error("a disk went away");
    }
    const prepare = async (models: string): Promise<Recipe> => {
      await mkdir(models);
      await writeFile(join(models, "1-mine.onnx"), "");
      return recipe;
    };
    await expect(plan(at("out"), broken(), { prepare })).rejects.toThrow("a disk went away");
    await writeFile(at("out/inputs/.00002.jsonl.gz.77-0.part"), "half");
    expect(await plan(at("out"), named(3))).toMatchObject({ pictures: 3, shards: 2 });
    expect((await readdir(at("out/inputs"))).toSorted()).toEqual(["00000.jsonl.gz", "00001.jsonl.gz"]);
    expect(await readdir(at("out"))).not.toContain("models");
  });

  test("is not there afterwards where nothing was planned, and stays where it was there before", async () => {
    const refused = { code: "TF_INPUT_NOT_FOUND" };
    await expect(plan(at("out"), named(0))).rejects.toMatchObject(refused);
    expect(await readdir(base)).toEqual([]);
    async function* nowhere(): AsyncGenerator<Entry> {
      yield* named(0);
      throw new Error("the folder holds no picture");
    }
    await expect(plan(at("out"), nowhere())).rejects.toThrow("no picture");
    expect(await readdir(base)).toEqual([]);
    await mkdir(at("out"));
    await expect(plan(at("out"), named(0))).rejects.toMatchObject(refused);
    expect(await readdir(at("out"))).toEqual([]);
  });

  test.each(["inputs/a.jpg", "inputs/year/00000.jsonl.gz", "models/mine/model.onnx", "models"])(
    "that holds somebody's own %s is refused and left as it is",
    async (name) => {
      await mkdir(join(at("out"), name, ".."), { recursive: true });
      await writeFile(join(at("out"), name), "mine");
      await expect(plan(at("out"), named(3))).rejects.toMatchObject({
        code: "TF_BULK_EXISTS",
        message: expect.stringContaining(name.split("/")[0]!),
      });
      expect(await readFile(join(at("out"), name), "utf8")).toBe("mine");
    },
  );
});

test("planning ends with its signal, in the middle of a shard too", async () => {
  const controller = new AbortController();
  async function* endless(): AsyncGenerator<Entry> {
    for (let index = 0; ; index++) {
      if (index === 3) controller.abort();
      if (index === 1000) throw new Error("went on");
      yield `${index}.jpg`;
    }
  }
  await expect(plan(at("out"), endless(), { shardSize: 10_000, signal: controller.signal })).rejects.toMatchObject({ code: "TF_ABORTED" });
});
