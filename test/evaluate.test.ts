import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluationReportSchema } from "../src/evaluate/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { encode } from "../src/image/encode.node.ts";
import { crop, filledImage, resize } from "../src/image/index.ts";
import { run } from "./support/command.ts";

/** The command with real networks: photographs are found and aligned, a picture without a face is counted. */

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-evaluate-real-"));
  const { image } = await decode(resolve("examples/astronaut.png"));
  const close = crop(image, { x: 130, y: 20, width: 200, height: 200 });
  const files = { whole: image, close, small: resize(close, 96, 96), empty: filledImage(160, 160, [90, 120, 60]) };
  for (const [name, picture] of Object.entries(files))
    await writeFile(join(folder, `${name}.png`), await encode(picture, { format: "png" }));
  const rows = Object.keys(files).map((name) => `${name}.png,female,38`);
  await writeFile(join(folder, "faces.csv"), `file,gender,age\n${rows.join("\n")}\n`);
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

test("photographs of one face, and one without", async () => {
  const out = join(folder, "report.json");
  const words = ["--data", join(folder, "faces.csv"), "--format", "csv", "--split", "all", "--path", "photo", "--replicates", "20"];
  const { code, stderr } = await run(["evaluate", ...words, "--model", "faceres", "--out", out]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { tasks, model } = evaluationReportSchema.parse(JSON.parse(await readFile(out, "utf8")));
  expect(model).toMatchObject({ id: "faceres", detector: "blazeface" });
  expect(tasks.gender).toMatchObject({ n: 4, notFound: 1, accuracy: 0.75, accuracyOfFound: 1 });
  expect(tasks.age!.meanAbsoluteError).toBeLessThan(12);
});
