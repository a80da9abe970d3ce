import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { headManifestSchema } from "../models/index.ts";
import { calibrateSource } from "./calibrate.ts";
import { colourHead, createColourPlatform, drawPicture, settingsFor } from "./testing.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tensorface-calibrate-"));
});
afterAll(() => rm(root, { recursive: true }));

const idle = { onProgress: () => undefined, stopping: new AbortController().signal, now: new AbortController().signal };

test("faces of a mood that the model does not tell are left out and counted: a set of all it tells would hold none of them", async () => {
  const lines: string[] = [];
  for (let n = 0; n < 30; n++) {
    const mood = n % 3 === 0 ? "neutral" : n % 3 === 1 ? "happy" : "sad";
    // 0.8 to 0.9 of what is right.
    await drawPicture(join(root, `${n}.png`), [n, mood === "sad" ? 204 + (n % 25) : 51 - (n % 25), 0]);
    lines.push(`${n}.png,${mood}`);
  }
  await writeFile(join(root, "moods.csv"), `file,mood\n${lines.join("\n")}\n`);
  const head = headManifestSchema.parse({
    ...colourHead,
    outputs: [{ task: "mood", output: "gender", activation: "none", labels: ["happy", "sad"] }],
  });
  const settings = { ...settingsFor(join(root, "moods.csv"), { format: "csv" }), path: "crop" as const, model: "colour" };
  const { tasks, notes } = await calibrateSource(settings, createColourPlatform([head]), idle);
  expect(tasks).toMatchObject([{ faces: 20, size: 1, conformal: { kind: "classes", groups: [{ labels: ["happy", "sad"], faces: 20 }] } }]);
  const [{ conformal }] = tasks as [(typeof tasks)[0]];
  expect(conformal.kind === "classes" && conformal.groups[0]!.probability).toBeGreaterThan(0.79);
  expect(notes).toContain("10 faces have another label of mood than the model tells (neutral): of such nothing is held");
});
