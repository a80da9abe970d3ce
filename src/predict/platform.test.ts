import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { encode } from "../image/encode.node.ts";
import { filledImage } from "../image/index.ts";
import { openModels } from "./index.ts";

let folder: string;
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a large photograph is looked at smaller, except by dlib's detector, whose faces are dlib's only in the picture as it is", async () => {
  folder = await mkdtemp(join(tmpdir(), "platform-"));
  const path = join(folder, "large.jpg");
  await writeFile(path, await encode(filledImage(4400, 3200, [90, 120, 60]), { format: "jpeg" }));
  const { platform } = await openModels(["age-gender"], "0");
  const [usual, byDlib] = [await platform.decode({ path }, "blazeface"), await platform.decode({ path }, "dlib")];
  expect(usual.image.width).toBeLessThan(4400);
  expect(byDlib.image).toMatchObject({ width: 4400, height: 3200 });
});
