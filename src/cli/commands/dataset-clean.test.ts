import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { portrait } from "../../../test/support/pictures.ts";
import { importDataset } from "../../datasets/import/import.node.ts";
import { dispatch } from "../dispatch.ts";
import { datasetCommand } from "./dataset.ts";

let folder = "";
const said = { out: "", err: "" };

/** Heads with and without a mirror, some of them twice, under a task of one's own. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dataset-clean-"));
  const head = sharp(await sharp(portrait).extract({ left: 130, top: 20, width: 180, height: 180 }).toBuffer());
  for (const label of ["left", "right"]) {
    await mkdir(join(folder, "pictures", label), { recursive: true });
    for (let n = 0; n < 12; n++) {
      const picture = head
        .clone()
        .resize(96, 96)
        .modulate({ brightness: 0.7 + n / 20 })
        .flop(label === "right");
      await writeFile(join(folder, "pictures", label, `${n}.png`), await picture.png().toBuffer());
    }
  }
  await importDataset("folder", join(folder, "pictures"), join(folder, "data"), { tasks: [{ name: "side" }] });
  Object.assign(said, { out: "", err: "" });
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said.out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.err += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function tensorface(...words: readonly string[]): Promise<number> {
  const code = await dispatch(["dataset", ...words], {
    commands: { dataset: { summary: "", load: () => Promise.resolve(datasetCommand) } },
    version: "",
    print: (text) => void (said.out += text),
    report: (text) => void (said.err += text),
  });
  return code ?? 0;
}

test("faces, copies and doubts of a task of one's own, with what comes next; a second run looks at nothing again", async () => {
  const data = join(folder, "data");
  expect(await tensorface("clean", data, "--no-review", "--features", "gradients")).toBe(0);
  expect(said.out).toMatch(/^24 pictures: no face found on \d+, several on 0; \d+ pairs of copies\n/);
  expect(said.out).toMatch(/side: 24 labels judged: about \d+ are likely wrong/);
  expect(said.err).toContain(`next: tensorface dataset review ${data} --task side`);
  const faces = await readFile(join(data, "faces.jsonl"), "utf8");
  expect(faces.trimEnd().split("\n").length).toBeLessThanOrEqual(24);
  const lines = (await readFile(join(data, "suspicion-side.jsonl"), "utf8")).trimEnd().split("\n");
  expect(lines).toHaveLength(24);
  const before = await Promise.all(["faces.jsonl", "duplicates.jsonl", "features-gradients.f32"].map((name) => stat(join(data, name))));
  expect(await tensorface("clean", data, "--no-review", "--features", "gradients")).toBe(0);
  const after = await Promise.all(["faces.jsonl", "duplicates.jsonl", "features-gradients.f32"].map((name) => stat(join(data, name))));
  expect(after.map(({ mtimeMs }) => mtimeMs)).toEqual(before.map(({ mtimeMs }) => mtimeMs));
});

test("pictures that changed since the import, or are gone, are counted, and their labels are not judged as if somebody looked so", async () => {
  const data = join(folder, "data");
  await writeFile(join(folder, "pictures/left/0.png"), await readFile(join(folder, "pictures/right/3.png")));
  await rm(join(folder, "pictures/right/1.png"));
  expect(await tensorface("clean", data, "--no-review", "--features", "gradients")).toBe(0);
  const missed = "2 not looked at: 1 has changed since the import, 1 cannot be read";
  expect(said.out).toContain(missed);
  expect(said.out).toMatch(/side: 22 labels judged/);
  const lines = (await readFile(join(data, "suspicion-side.jsonl"), "utf8")).trimEnd().split("\n");
  expect(lines).toHaveLength(22);
  said.out = "";
  expect(await tensorface("doubt", data, "--features", "gradients")).toBe(0);
  expect(said.out).toContain("22 labels judged");
  expect(said.out).toContain(missed);
});

test("wrong use is said before any work", async () => {
  expect(await tensorface("clean", join(folder, "data"), "--no-review", "--port", "0")).toBe(2);
  expect(await tensorface("clean", join(folder, "data"), "--no-review", "--reviewer", "ada")).toBe(2);
  expect(await tensorface("clean", join(folder, "data"), "--task", "mood2")).toBe(2);
  expect(said.err + said.out).toContain("--task expects one of");
  expect(await tensorface("clean", join(folder, "nowhere"))).toBe(1);
});

test("a dataset with one class alone is refused before any work", async () => {
  await writeFile(join(folder, "rated.csv"), "path,gender\npictures/left/0.png,female\npictures/left/1.png,female\n");
  await importDataset("csv", join(folder, "rated.csv"), join(folder, "rated"));
  expect(await tensorface("clean", join(folder, "rated"))).toBe(2);
  expect(said.err + said.out).toContain("no labels in two classes");
  await expect(stat(join(folder, "rated", "faces.jsonl"))).rejects.toThrow(/ENOENT/);
});
