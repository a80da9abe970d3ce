import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cropToSource } from "../align/index.ts";
import { createAnalyzer } from "../analyze/create-analyzer.node.ts";
import { decode } from "../image/decode.node.ts";
import { encode } from "../image/encode.node.ts";
import { crop, cutPicture, type RasterImage } from "../image/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { openClassicBackbone } from "./backbone.node.ts";
import { openFaceReader } from "./faces.ts";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "classic-faces-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

test("of a photograph, a network of faces is shown the face, as an analysis cuts it out", async () => {
  const { image } = await decode("examples/astronaut.png");
  // The face stands elsewhere and at another size in each, as in photographs: no crops that are all alike.
  const views = [
    { x: 0, y: 0, width: 400, height: 512 },
    { x: 100, y: 0, width: 250, height: 330 },
    { x: 150, y: 20, width: 362, height: 300 },
  ].map((box) => crop(image, box));
  const pictures = await Promise.all(views.map((view, index) => write(view, `${index}.jpg`)));
  const backbone = await openClassicBackbone({ backbone: "age-gender", architecture: "", modelDir: "" });
  const runtime = createNodeRuntime();
  const reader = await openFaceReader(backbone, pictures, { runtime, folder: join(folder, "kept"), choice: "auto" });
  expect(reader.plan).toMatchObject({ kind: "face" });

  await using analyzer = await createAnalyzer({ tasks: [] });
  const { width, height } = backbone.input;
  for (const { path } of pictures) {
    const seen = await reader.read(path);
    const [face] = (await analyzer.analyze({ path })).faces;
    const expected = cutPicture(
      (await decode({ path })).image,
      cropToSource(face!.landmarks, backbone.template!, backbone.input),
      width,
      height,
    );
    expect(meanDifference(seen!.data, expected.data)).toBeLessThan(3);
  }
});

async function write(image: RasterImage, file: string) {
  await mkdir(join(folder, "a"), { recursive: true });
  const path = join(folder, "a", file);
  await writeFile(path, await encode(image, { format: "jpeg", quality: 95 }));
  return { path, folder: "a", file };
}

/** Of 0 to 255. */
function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length;
}
