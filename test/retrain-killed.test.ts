import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawStripeClasses } from "../src/retrain/testing.node.ts";
import { type Finished, hasSignals, type Running, run, start } from "./support/command.ts";

let folder: string;
let source: string;
/** What a run gives that nobody disturbs. */
let whole: Buffer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "retrain-killed-"));
  source = join(folder, "stripes");
  await drawStripeClasses(source, { lying: 30, standing: 30 });
  await run(words("whole"));
  whole = await model("whole");
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const words = (place: string, more: readonly string[] = []): string[] => [
  "retrain",
  source,
  "--crop",
  "whole",
  "--backbone",
  "emotion",
  "--name",
  "stripes-model",
  "--out",
  join(folder, place, "model"),
  "--cache",
  join(folder, place, "cache"),
  ...more,
];
const model = (place: string): Promise<Buffer> => readFile(join(folder, place, "model", "stripes-model.onnx"));

/** Names of all that a run has left so far. */
async function leftBy(place: string): Promise<string[]> {
  return readdir(join(folder, place), { recursive: true }).catch(() => []);
}

/** Kills a run without a word as soon as it has left a file of such a name; tells whether it was still at it. */
async function killWhen(place: string, name: RegExp, more: readonly string[] = []): Promise<boolean> {
  const { child, finished }: Running = start(words(place, more));
  const watch = setInterval(() => {
    void leftBy(place).then((names) => names.some((file) => name.test(file)) && child.kill("SIGKILL"));
  }, 3);
  try {
    return (await finished).signal === "SIGKILL";
  } finally {
    clearInterval(watch);
    child.kill("SIGKILL");
  }
}

describe("a run that is killed", () => {
  test("while pictures are listed, looked at, and the model is written, gives the same model when it is run again", async () => {
    const moments = [/manifest\.jsonl/, /features-.*\.f32/, /settings\.json/];
    let killed = 0;
    for (const moment of moments) killed += Number(await killWhen("killed", moment));
    expect(killed).toBeGreaterThan(0);
    expect((await run(words("killed"))).code).toBe(0);
    expect((await model("killed")).equals(whole)).toBe(true);
  }, 180_000);

  test("while another one is at the same folder, the second is refused", async () => {
    const first = start(words("two", ["--fine-tune"]));
    try {
      await expect.poll(() => leftBy("two"), { timeout: 60_000 }).toContain(join("model", ".lock"));
      // It lives, and is still at it when the second comes, however late that is.
      if (hasSignals) first.child.kill("SIGSTOP");
      const second: Finished = await run(words("two"));
      expect(second.code).not.toBe(0);
      expect(second.stderr).toContain("TF_FOLDER_BUSY");
    } finally {
      first.child.kill("SIGKILL");
      await first.finished;
    }
  }, 180_000);
});

test("fine-tuning that is killed after a pass goes on there, and gives the same model to the bit", async () => {
  const more = ["--fine-tune"];
  expect((await run(words("tuned", more))).code).toBe(0);
  expect(await killWhen("tuned-killed", /fine-tune-[0-9a-f]+\.safetensors$/, more)).toBe(true);
  const again = await run(words("tuned-killed", more));
  expect(again.code).toBe(0);
  expect((await model("tuned-killed")).equals(await model("tuned"))).toBe(true);
}, 240_000);

/** A disk of so many bytes; undefined where none may be made. */
function smallDisk(path: string, bytes: number): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test("a full disk is said so, and with room the work goes on from what was done", async (context) => {
  const disk = join(folder, "disk");
  await mkdir(disk);
  // The features fit, the model does not.
  context.skip(!smallDisk(disk, 600_000), "no file system may be mounted here");
  try {
    const full = await run(words("disk"));
    expect(full.code).not.toBe(0);
    expect(full.stderr).toContain("TF_OUTPUT_FULL");
    expect(await leftBy("disk")).not.toContain(join("model", "stripes-model.onnx"));
    expect((await leftBy("disk")).some((name) => name.endsWith(".f32"))).toBe(true);
    execFileSync("mount", ["-o", "remount,size=60000000", disk]);
    expect((await run(words("disk"))).code).toBe(0);
    expect((await model("disk")).equals(whole)).toBe(true);
  } finally {
    execFileSync("umount", ["-l", disk]);
  }
}, 120_000);
