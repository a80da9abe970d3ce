import { describe, expect, test } from "vitest";
import type { FaceLandmarks, Tensor } from "../core/index.ts";
import { filledImage } from "../image/index.ts";
import type { DetectorManifest } from "../models/index.ts";
import type { DetectOptions, FaceCandidate, FaceDetection, Network } from "./detector.ts";
import { createDlibDetector } from "./dlib-detector.ts";
import type { FaceMesh } from "./face-mesh.ts";

const manifest = {
  id: "dlib-frontal-face",
  kind: "detector",
  decoder: "dlib",
  input: { name: "histograms", width: 80, height: 80, colour: "rgb", mean: [0, 0, 0], standardDeviation: [1, 1, 1] },
  outputs: { scores: "scores" },
  scoreThreshold: 0,
} as unknown as DetectorManifest;
const image = filledImage(240, 160, [120, 90, 60]);
const options: DetectOptions = { minFaceSize: 0, maxFaces: 256, anyRotation: false };
const point = { x: 1, y: 2 };
const fromMesh: FaceLandmarks = { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point };

/** A place in the scores of a level: which run of the network, filter, row, column, score. */
type Place = readonly [run: number, filter: number, row: number, column: number, score: number];

function networkWith(places: readonly Place[]): Network & { readonly runs: () => number } {
  let run = 0;
  return {
    runs: () => run,
    run: async ({ histograms }): Promise<Record<string, Tensor>> => {
      const [, rows, columns] = histograms!.shape.map((side) => side - 4) as [number, number, number];
      const data = new Float32Array(5 * rows * columns).fill(-1);
      for (const [at, filter, row, column, score] of places) if (at === run) data[(filter * rows + row) * columns + column] = score;
      run++;
      return { scores: { type: "float32", shape: [1, 5, rows, columns], data } };
    },
  };
}

function meshSure(presence: number): FaceMesh & { readonly seen: FaceCandidate[] } {
  const seen: FaceCandidate[] = [];
  return {
    seen,
    locate: async (_copies, candidates) => {
      seen.push(...candidates);
      return candidates.map(({ box }) => ({ box, landmarks: fromMesh, presence }));
    },
  };
}

async function facesOf(
  places: readonly Place[],
  mesh: FaceMesh,
  asked: Partial<DetectOptions> = {},
  network: Network = networkWith(places),
): Promise<FaceDetection[]> {
  const prepared = await createDlibDetector(network, manifest, mesh).prepare(image, { ...options, ...asked });
  return prepared.detect();
}

describe("dlib's detector behind the port", () => {
  test("gives dlib's box and score, largest first, and the mesh's landmarks", async () => {
    const faces = await facesOf(
      [
        [0, 0, 4, 4, 0.2],
        [2, 1, 3, 14, 1.7],
      ],
      meshSure(0.9),
    );
    expect(faces.map(({ box }) => box.width)).toEqual([104, 73]);
    expect(faces.map(({ score }) => Math.round(score * 10) / 10)).toEqual([1.7, 0.2]);
    expect(faces[0]!.landmarks).toEqual(fromMesh);
  });

  test("keeps a face in which the mesh sees none, with the usual landmarks in its box", async () => {
    const [face] = await facesOf([[0, 0, 4, 4, 0.2]], meshSure(0.01));
    const { box, landmarks } = face!;
    expect(landmarks.leftEye.x).toBeLessThan(landmarks.nose.x);
    expect(landmarks.nose.x).toBeCloseTo(box.x + box.width / 2);
    expect(landmarks.leftEye.y).toBeLessThan(landmarks.nose.y);
    expect(landmarks.leftMouth.y).toBeLessThan(box.y + box.height);
  });

  test("clips what reaches past the picture", async () => {
    const [face] = await facesOf([[0, 0, 0, 0, 0.2]], meshSure(0.9));
    expect(face!.box).toEqual({ x: 0, y: 0, width: 54, height: 54 });
  });

  test("leaves out what is too small, too faint or too much", async () => {
    const places: Place[] = [
      [0, 0, 4, 4, 0.2],
      [2, 1, 3, 14, 1.7],
    ];
    expect(await facesOf(places, meshSure(1), { minFaceSize: 80 })).toHaveLength(1);
    expect(await facesOf(places, meshSure(1), { minScore: 0.5 })).toHaveLength(1);
    expect(await facesOf(places, meshSure(1), { maxFaces: 1 })).toMatchObject([{ box: { width: 104 } }]);
  });

  test("turned, a face stands where it lies in the picture, and the mesh is told how it is turned", async () => {
    // Six levels a turn. The third turn's picture is 160 x 240: its pixel (x, y) is the picture's (y, 160 - x).
    const levels = 6;
    const network = networkWith([[3 * levels, 0, 4, 5, 0.2]]);
    const mesh = meshSure(0.01);
    const [face] = await facesOf([], mesh, { anyRotation: true }, network);
    expect(network.runs()).toBe(4 * levels);
    expect(face!.box).toEqual({ x: 13, y: 160 - 21 - 73, width: 73, height: 73 });
    expect(mesh.seen[0]!.angle).toBeCloseTo(1.5 * Math.PI);
    // Upright in the turned picture, so the eyes stand one above the other in this one.
    expect(face!.landmarks.leftEye.x).toBeCloseTo(face!.landmarks.rightEye.x);
    expect(face!.landmarks.leftEye.y).toBeGreaterThan(face!.landmarks.rightEye.y);
  });

  test("stops between two levels, and lets others have their turn there", async () => {
    const controller = new AbortController();
    let turns = 0;
    const nextTurn = async (): Promise<void> => {
      if (++turns === 2) controller.abort();
    };
    const detector = createDlibDetector(networkWith([]), manifest, meshSure(1), { nextTurn });
    await expect(detector.prepare(image, { ...options, signal: controller.signal })).rejects.toMatchObject({ code: "TF_ABORTED" });
    expect(turns).toBe(2);
  });

  test("says so when the network is not the manifest's", async () => {
    const network: Network = { run: async () => ({}) };
    await expect(facesOf([], meshSure(1), {}, network)).rejects.toMatchObject({ code: "TF_MODEL_INVALID" });
  });

  test("refuses scores of another size than its windows: boxes would be read off wrong places", async () => {
    const network: Network = { run: async () => ({ scores: { type: "float32", shape: [1, 5, 7, 3], data: new Float32Array(105) } }) };
    await expect(facesOf([], meshSure(1), {}, network)).rejects.toMatchObject({
      code: "TF_MODEL_INVALID",
      message: expect.stringMatching(/"dlib-frontal-face" gives scores of 1 x 5 x 7 x 3, expected 1 x filters x \d+ x \d+/),
    });
  });
});
