import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importDataset } from "../src/datasets/import/import.node.ts";
import { readCheckpoint } from "../src/train/run/checkpoint.node.ts";
import { readMetrics } from "../src/train/run/run-log.node.ts";
import { drawHalves } from "../src/train/testing.node.ts";
import { type Finished, start } from "./support/command.ts";

const side = 8;
let folder: string;
let config: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "train-killed-"));
  await drawHalves(join(folder, "pictures"), side);
  await importDataset("folder", join(folder, "pictures"), join(folder, "dataset"));
  config = join(folder, "config.json");
  const training = {
    name: "halves",
    data: [{ path: join(folder, "dataset") }],
    picture: { side, colour: "grey" },
    network: {
      backbone: [{ layer: "conv", channels: 8 }, { layer: "batchNorm" }, { layer: "activation", function: "relu" }, { layer: "flatten" }],
      heads: [
        {
          task: "mood",
          layers: [
            { layer: "dropout", rate: 0.3 },
            { layer: "dense", features: 7 },
          ],
        },
      ],
    },
    losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" } }],
    schedule: { kind: "cosine", peak: 0.01 },
    augmentation: { flip: 0, shift: 0.1, noise: { probability: 0.5, deviation: 10 }, mixup: { probability: 0.3, alpha: 0.3 } },
    batchSize: 16,
    epochs: 12,
    logEvery: 1,
    // So often that a checkpoint is being written at about any moment.
    checkpointMinutes: 0.0001,
    validation: { select: ["mood.accuracy"] },
  };
  await writeFile(config, JSON.stringify(training));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the command; once `killAfter` steps are logged, it is killed without a word. */
async function run(out: string, words: readonly string[], killAfter?: number): Promise<Pick<Finished, "code" | "signal">> {
  const { child, finished } = start(["train", config, "--out", out, "--cache", join(folder, "cache"), ...words]);
  const watch = setInterval(() => {
    if (killAfter === undefined) return;
    void readFile(join(out, "metrics.jsonl"), "utf8").then(
      (text) => text.split("\n").length > killAfter && child.kill("SIGKILL"),
      () => undefined,
    );
  }, 5);
  const { code, signal } = await finished;
  clearInterval(watch);
  return { code, signal };
}

/** The curve without times, which differ from run to run. */
const curve = async (out: string): Promise<unknown[]> =>
  (await readMetrics(out)).map((line) => (line.kind === "epoch" ? Object.assign(line, { timing: undefined }) : line));

test("killed with SIGKILL twice and resumed, a training gives the same curve and the same weights to the last bit", async () => {
  const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
  expect(await run(whole, [])).toEqual({ code: 0, signal: null });
  expect(await run(killed, [], 9)).toEqual({ code: null, signal: "SIGKILL" });
  const { state } = await readCheckpoint(join(killed, "last.safetensors"));
  expect(state.isDone).toBe(false);
  expect(state.step).toBeGreaterThan(0);
  expect(await run(killed, ["--resume"], 30)).toEqual({ code: null, signal: "SIGKILL" });
  expect(await run(killed, ["--resume"])).toEqual({ code: 0, signal: null });
  expect(await curve(killed)).toEqual(await curve(whole));
  for (const name of ["last.safetensors", "best.safetensors"])
    expect((await readFile(join(killed, name))).equals(await readFile(join(whole, name)))).toBe(true);
}, 180_000);

test("a checkpoint says what made it: configuration, seed, data and commit", async () => {
  const checkpoint = await readCheckpoint(join(folder, "whole", "best.safetensors"));
  expect(checkpoint.config).toMatchObject({ name: "halves", seed: 1, epochs: 12 });
  expect(checkpoint.dataHash).toMatch(/^[0-9a-f]{64}$/);
  expect(checkpoint.gitCommit).toMatch(/^([0-9a-f]{40}(-dirty)?|unknown)$/);
});
