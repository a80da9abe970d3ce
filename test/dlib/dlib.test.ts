import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referencePictures } from "../../scripts/dlib/pictures.ts";
import { type DlibDetection } from "../../scripts/dlib/reference.ts";
import { type DlibVectors, pixelHash, vectorsSchema } from "../../scripts/dlib/vectors.ts";
import { findWindows, histogramPyramid } from "../../src/detect/dlib/scanner.ts";
import type { Window } from "../../src/detect/dlib/windows.ts";
import type { RasterImage } from "../../src/image/index.ts";
import type { DetectorManifest } from "../../src/models/index.ts";
import { openModelFolders } from "../../src/models/models.node.ts";
import type { InferenceSession } from "../../src/runtime/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";

/** What dlib's own program says: `npm run write -- dlib vectors`. */
const vectors: DlibVectors = vectorsSchema.parse(JSON.parse(await readFile(new URL("vectors.json", import.meta.url), "utf8")));
/** A score may differ by so much; dlib's own differ by 0.003 between a build with and one without AVX. */
const tolerance = 0.01;

const pictures = new Map<string, RasterImage>();
let session: InferenceSession;
let manifest: DetectorManifest;

beforeAll(async () => {
  const portrait = fileURLToPath(new URL("../../examples/astronaut.png", import.meta.url));
  for (const { name, image } of await referencePictures(portrait)) pictures.set(name, image);
  const store = openModelFolders();
  manifest = (await store.manifests()).find((each): each is DetectorManifest => each.kind === "detector" && each.decoder === "dlib")!;
  session = await createNodeRuntime().load(await store.read(manifest), { threads: 1 });
});
afterAll(async () => session.dispose());

describe("dlib's frontal face detector finds what dlib's own program finds", () => {
  test.each(vectors.pictures.map(({ name, ...rest }) => [name, rest] as const))("%s", async (name, { faces, sha256 }) => {
    const image = pictures.get(name)!;
    // Else it is not the picture that dlib was shown.
    expect(pixelHash(image)).toBe(sha256);
    const found = await windowsOf(image);
    const isFace = ({ score }: { readonly score: number }): boolean => score >= 0;
    expect(found.filter(isFace)).toHaveLength(faces.filter(isFace).length);
    // At the end of the lists one may have what the other just misses.
    const isCertain = ({ score }: { readonly score: number }): boolean => score > vectors.threshold + tolerance;
    const missed = faces.filter(isCertain).filter((face) => !found.some((window) => isSame(window, face)));
    const invented = found.filter(isCertain).filter((window) => !faces.some((face) => isSame(window, face)));
    expect({ missed, invented }).toEqual({ missed: [], invented: [] });
  });

  test("which are enough to compare", () => {
    const faces = vectors.pictures.flatMap((picture) => picture.faces);
    expect(faces.filter(({ score }) => score >= 0).length).toBeGreaterThan(40);
    expect(new Set(faces.map(({ filter }) => filter)).size).toBe(5);
  });
});

async function windowsOf(image: RasterImage): Promise<Window[]> {
  return findWindows(session, { ...manifest, scoreThreshold: vectors.threshold }, await histogramPyramid(image));
}

function isSame({ box, score, filter }: Window, face: DlibDetection): boolean {
  const corners = [box.x - face.left, box.y - face.top, box.x + box.width - 1 - face.right, box.y + box.height - 1 - face.bottom];
  return filter === face.filter && Math.abs(score - face.score) <= tolerance && corners.every((difference) => Math.abs(difference) <= 1);
}
