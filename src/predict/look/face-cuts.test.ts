import { describe, expect, test } from "vitest";
import type { FaceObservation, FacePlace } from "../../datasets/index.ts";
import { wholePicture } from "../../features/network-features.node.ts";
import { filledImage } from "../../image/index.ts";
import { expectHead } from "../../models/index.ts";
import { openModelFolders } from "../../models/models.node.ts";
import { faceTransform, planCuts } from "./face-cuts.ts";

const side = 200;
const image = filledImage(side, side, [90, 90, 90]);

/** A face whose eyes are `size` apart, in shares of the picture. */
function placeAt(x: number, y: number, size: number): FacePlace {
  const at = (dx: number, dy: number): { x: number; y: number } => ({ x: x + dx * size, y: y + dy * size });
  return {
    box: { x: x - size, y: y - size, width: 2 * size, height: 2 * size },
    landmarks: { leftEye: at(-0.5, 0), rightEye: at(0.5, 0), nose: at(0, 0.6), leftMouth: at(-0.4, 1), rightMouth: at(0.4, 1) },
  };
}

function cutsOf(places: readonly (FacePlace | undefined)[]) {
  const records = places.map((_, index) => ({ sha256: `sha ${index}` }));
  const seen = new Map(
    places.map((place, index): [string, FaceObservation] => [
      `sha ${index}`,
      { sha256: `sha ${index}`, faces: place ? 1 : 0, ...(place && { place }) },
    ]),
  );
  return planCuts(records, seen);
}

const head = async () => expectHead(await openModelFolders().open("age-gender"));

describe("what a network is shown", () => {
  test("the face, as it was taught to see it, wherever it is", async () => {
    const manifest = await head();
    const cutOf = cutsOf([placeAt(0.3, 0.4, 0.1), placeAt(0.7, 0.6, 0.05)]);
    for (const [sha256, x, y, size] of [
      ["sha 0", 0.3, 0.4, 0.1],
      ["sha 1", 0.7, 0.6, 0.05],
    ] as const) {
      const toSource = faceTransform(image, cutOf(sha256).landmarks, manifest);
      const { leftEye, rightEye } = manifest.template!.landmarks;
      const eyes = [leftEye, rightEye].map((eye) => toSource.a * eye.x * 128 + toSource.b * eye.y * 128 + toSource.tx);
      expect(eyes[1]! - eyes[0]!).toBeCloseTo(size * side, -0.5);
      expect((eyes[0]! + eyes[1]!) / 2).toBeCloseTo(x * side, 0);
      expect(toSource.d * leftEye.y * 128 + toSource.ty).toBeGreaterThan((y - size / 2) * side);
    }
  });

  test("a face that was not found stands where the others do, if they stand in one place", async () => {
    const manifest = await head();
    const aligned = Array.from({ length: 20 }, (_, index) => (index === 7 ? undefined : placeAt(0.5, 0.4, 0.36)));
    const cutOf = cutsOf(aligned);
    expect(cutOf("sha 6").key).toBe("sha 6");
    const [found, missed] = ["sha 6", "sha 7"].map((sha256) => faceTransform(image, cutOf(sha256).landmarks, manifest));
    expect(missed!.a).toBeCloseTo(found!.a, 1);
    expect(missed!.tx / found!.tx).toBeCloseTo(1, 0);
    const scattered = cutsOf(aligned.map((place, index) => place && placeAt(0.2 + 0.03 * index, 0.3, 0.1)));
    expect(faceTransform(image, scattered("sha 7").landmarks, manifest)).toEqual(wholePicture(image, manifest));
    // What is kept of such a picture is kept with the place.
    expect(scattered("sha 7").key).toMatch(/^sha 7-[0-9a-f]{6}$/);
    expect(cutOf("sha 7").key).not.toBe(scattered("sha 7").key);
  });
});
