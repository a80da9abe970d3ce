import { describe, expect, test } from "vitest";
import { type BoundingBox, intersectionOverUnion } from "../core/index.ts";
import { createRasterImage, resize } from "../image/index.ts";
import type { DetectorManifest } from "../models/manifest.ts";
import type { ViewFace } from "./candidate.ts";
import type { DetectOptions, FaceCandidate } from "./detector.ts";
import { createFaceDetector } from "./face-detector.ts";
import type { FaceMesh } from "./face-mesh.ts";
import type { ScanningNetwork } from "./scan.ts";
import type { Patch } from "./patches.ts";

const side = 256;
const image = createRasterImage(side, side, new Uint8Array(side * side * 3));
const options = { minFaceSize: 20, maxFaces: 10, anyRotation: false };
const centreOf = ({ x, y, width, height }: BoundingBox) => ({ x: x + width / 2, y: y + height / 2 });
const manifest = {
  input: { name: "picture", width: side, height: side, colour: "rgb", mean: [0], standardDeviation: [1] },
  outputs: {},
} as unknown as DetectorManifest;

interface Shown {
  /** In the whole picture, with scores. */
  readonly places?: readonly (readonly [BoundingBox, number])[];
  /** In the whole picture at half its size, in pixels of that patch. */
  readonly coarse?: readonly ViewFace[];
  /** In a patch of one place alone, in pixels of that patch. */
  readonly close?: readonly ViewFace[];
  /** In the whole picture with a margin, in pixels of that patch. */
  readonly framed?: readonly ViewFace[];
}

/** A detector that names these faces. `patches` are what it was shown, without the first look at a small picture, which is in `coarsePatches`. */
function detectorOf({ places = [], coarse = [], close = [], framed = [] }: Shown, looksAgain = true) {
  const closeUp = 128;
  const patches: Patch[] = [];
  const coarsePatches: Patch[] = [];
  const scanner: ScanningNetwork = {
    network: { run: async () => ({}) },
    manifest,
    reach: { inputSize: side, smallestFace: 10 },
    ...(looksAgain ? { closeUp } : {}),
    decode: (_outputs, _index, patch) => {
      if (isCoarse(patch)) {
        coarsePatches.push(patch);
        return [...coarse];
      }
      patches.push(patch);
      if (isFramed(patch)) return [...framed];
      if (isCloseUp(patch)) return [...close];
      return places.map(([box, score]) => ({ box, score }));
    },
  };
  return { scanner, patches, coarsePatches };
}

const isCoarse = ({ width, toSource }: Patch): boolean => width === 128 && Math.abs(Math.hypot(toSource.a, toSource.c) - 2) < 0.05;
const isFramed = (patch: Patch): boolean => patch.width === 128 && Math.hypot(patch.toSource.a, patch.toSource.c) > 1 && !isCoarse(patch);
const isCloseUp = (patch: Patch): boolean => patch.width === 128 && !isFramed(patch);

/** A mesh that is sure of the places whose middle is in `faces`. */
function meshSureOf(faces: readonly BoundingBox[]): FaceMesh {
  const isFace = (candidate: FaceCandidate): boolean =>
    faces.some((face) => Math.hypot(centreOf(face).x - centreOf(candidate.box).x, centreOf(face).y - centreOf(candidate.box).y) < 2);
  const point = { x: 0, y: 0 };
  const landmarks = { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point };
  return {
    locate: async (_copies, candidates) =>
      candidates.map((candidate) => ({ box: candidate.box, landmarks, presence: isFace(candidate) ? 0.99 : 0.01 })),
  };
}

// eslint-disable-next-line max-params -- who looks, at what, for what
async function facesOf(
  scanner: ScanningNetwork,
  mesh: FaceMesh,
  asked: Partial<DetectOptions> = {},
  picture = image,
): Promise<readonly BoundingBox[]> {
  const detector = createFaceDetector(scanner, mesh, async (copied, width, height) => resize(copied, width, height));
  const faces = await (await detector.prepare(picture, { ...options, ...asked })).detect();
  return faces.map(({ box }) => box);
}

const quartersOf = ({ angle }: Patch): number => angle / (Math.PI / 2);
const place = { x: 100, y: 80, width: 50, height: 50 };
/** A quarter of the close-up, right of and below its middle. */
const inside = { box: { x: 64, y: 64, width: 32, height: 32 }, score: 0.8 };

describe("the look at a doubtful place alone", () => {
  test("finds the face that the detector's box had missed, in pixels of the picture", async () => {
    // The close-up shows 60 pixels about (125, 105), from (95, 75) on, in 128.
    const face = { x: 95 + 30, y: 75 + 30, width: 15, height: 15 };
    const { scanner, patches } = detectorOf({ places: [[place, 0.6]], close: [inside] });
    const [box, ...others] = await facesOf(scanner, meshSureOf([face]), { minFaceSize: 10 });
    expect(others).toEqual([]);
    expect([box!.x, box!.y, box!.width, box!.height]).toEqual([125, 105, 15, 15].map((value) => expect.closeTo(value, 6)));
    expect(patches.map(({ width }) => width)).toEqual([256, 128]);
  });

  test("turns with the place, where any rotation is asked for", async () => {
    const { scanner, patches } = detectorOf({ places: [[place, 0.6]] });
    await facesOf(scanner, meshSureOf([]), { anyRotation: true });
    expect(
      patches
        .filter(isCloseUp)
        .map(quartersOf)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 1, 2, 3]);
  });

  const touching = [place, { ...place, x: 130 }] as const;
  test.each([
    ["the detector is not sure", detectorOf({ places: [[place, 0.45]], close: [inside] }), []],
    ["the mesh saw a face", detectorOf({ places: [[place, 0.6]], close: [inside] }), [place]],
    ["it touches a face", detectorOf({ places: touching.map((box, index) => [box, 0.6 + index / 10]), close: [inside] }), [touching[1]]],
    ["the network knows no close-ups", detectorOf({ places: [[place, 0.6]], close: [inside] }, false), []],
  ])("is not taken where %s", async (_reason, { scanner, patches }, faces) => {
    expect(await facesOf(scanner, meshSureOf(faces))).toHaveLength(faces.length);
    expect(patches.filter(isCloseUp)).toEqual([]);
  });

  test("is taken at the surest sixteen", async () => {
    const places = Array.from({ length: 20 }, (_, index): readonly [BoundingBox, number] => [
      { x: 12 * index, y: 0, width: 11, height: 11 },
      0.5 + index / 100,
    ]);
    const { scanner, patches } = detectorOf({ places });
    await facesOf(scanner, meshSureOf([]));
    const starts = patches.filter(isCloseUp).map(({ toSource }) => Math.round(toSource.tx));
    expect(starts.toSorted((a, b) => a - b)[0]).toBe(12 * 4 - 1);
    expect(starts).toHaveLength(16);
  });
});

describe("places where faces are expected", () => {
  /** In the middle of the close-up, as large as the place. */
  const there = { box: { x: 38.4, y: 38.4, width: 51.2, height: 51.2 }, score: 0.8 };

  test("are all that is looked at: a square of two and a half times each", async () => {
    const { scanner, patches } = detectorOf({ close: [there] });
    const near = [place, { ...place, x: 10, width: 40 }];
    const found = await facesOf(scanner, meshSureOf(near), { near });
    expect(found.map(({ x, width }) => [x, width])).toEqual([
      [expect.closeTo(100, 6), expect.closeTo(50, 6)],
      [expect.closeTo(5, 6), expect.closeTo(50, 6)],
    ]);
    expect(patches.map(({ width, toSource }) => [width, Math.round(toSource.tx)])).toEqual(
      [
        [128, 125 - 62.5],
        [128, 30 - 62.5],
      ].map(([width, left]) => [width, Math.round(left!)]),
    );
  });

  test("are nobody's where nothing is found there: no second look, and none at the whole picture", async () => {
    const { scanner, patches } = detectorOf({ places: [[place, 0.9]] });
    expect(await facesOf(scanner, meshSureOf([place]), { near: [{ ...place, x: 0 }] })).toEqual([]);
    expect(patches).toHaveLength(1);
    expect(await facesOf(scanner, meshSureOf([place]), { near: [] })).toEqual([]);
    expect(patches).toHaveLength(1);
  });

  test("turn where any rotation is asked for", async () => {
    const { scanner, patches } = detectorOf({});
    await facesOf(scanner, meshSureOf([]), { near: [place], anyRotation: true });
    expect(patches.map(quartersOf)).toEqual([0, 1, 2, 3]);
  });

  test("are the whole picture for a network that knows no close-ups", async () => {
    const { scanner, patches } = detectorOf({ places: [[place, 0.9]] }, false);
    expect(await facesOf(scanner, meshSureOf([place]), { near: [{ ...place, x: 0 }] })).toEqual([place]);
    expect(patches.map(({ width }) => width)).toEqual([256]);
  });
});

describe("what is asked for", () => {
  const places = [0, 1, 2].map((index): readonly [BoundingBox, number] => [
    { x: 70 * index, y: 80, width: 60 - index, height: 60 },
    0.9 - index / 4,
  ]);
  const seen = places.map(([box]) => box);

  test.each([
    [{}, [60, 59, 58]],
    [{ minScore: 0.65 }, [60, 59]],
    [{ minScore: 0.4, maxFaces: 2 }, [60, 59]],
    [{ minScore: 0.95 }, []],
  ])("%o is a part of what is found", async (asked, widths) => {
    const { scanner, patches } = detectorOf({ places });
    const found = await facesOf(scanner, meshSureOf(seen), asked);
    expect(found.map(({ width }) => width)).toEqual(widths);
    expect(patches.filter(isFramed)).toEqual([]);
  });
});

describe("the look at the whole picture with a margin", () => {
  // 366 pixels about the middle, in 128: the picture takes the middle 89.5 of them.
  const scale = (1.43 * side) / 128;
  const filling = { x: 34, y: 34, width: 60, height: 60 };
  const face = { x: 128 - 30 * scale, y: 128 - 30 * scale, width: 60 * scale, height: 60 * scale };

  test("finds a face that fills the picture, where nothing else is found", async () => {
    const { scanner, patches } = detectorOf({ framed: [{ box: filling, score: 0.4 }] });
    const [box] = await facesOf(scanner, meshSureOf([face]));
    expect([box!.x, box!.width]).toEqual([face.x, face.width].map((value) => expect.closeTo(value, 6)));
    expect(patches.map(({ width }) => width)).toEqual([256, 128]);
  });

  test("finds no small one: those have been looked for", async () => {
    const small = { x: 54, y: 54, width: 20, height: 20 };
    const { scanner } = detectorOf({ framed: [{ box: small, score: 0.9 }] });
    expect(await facesOf(scanner, meshSureOf([{ ...face, x: 118, y: 118, width: 20, height: 20 }]))).toEqual([]);
  });

  test("turns where any rotation is asked for", async () => {
    const { scanner, patches } = detectorOf({});
    await facesOf(scanner, meshSureOf([]), { anyRotation: true });
    expect(patches.filter(isFramed).map(quartersOf)).toEqual([0, 1, 2, 3]);
  });

  test.each([
    ["a face is found", detectorOf({ places: [[place, 0.6]] }), [place]],
    ["the network knows no close-ups", detectorOf({}, false), []],
  ])("is not taken where %s", async (_reason, { scanner, patches }, faces) => {
    await facesOf(scanner, meshSureOf(faces));
    expect(patches.filter(isFramed)).toEqual([]);
  });
});

describe("a face in profile that fills the picture, which the mesh knows nothing of", () => {
  const scale = (1.43 * side) / 128;
  const framedBox = { x: 34, y: 34, width: 60, height: 60 };
  const face = { x: 128 - 30 * scale, y: 128 - 30 * scale, width: 60 * scale, height: 60 * scale };
  const coarseBox = { x: face.x / 2, y: face.y / 2, width: face.width / 2, height: face.height / 2 };
  /** A face whose nose stands so many distances of the eyes beside their middle; it looks to the right. */
  const seen = ({ x, y, width, height }: BoundingBox, score: number, aside: number): ViewFace => {
    const at = (right: number, down: number) => ({ x: x + right * width, y: y + down * height });
    const keypoints = { leftEye: at(0.55, 0.3), rightEye: at(0.75, 0.3), nose: at(0.65 + 0.2 * aside, 0.5), mouth: at(0.7, 0.7) };
    return { box: { x, y, width, height }, score, keypoints };
  };
  const nobody = meshSureOf([]);

  test("is found where two looks see it from the side; its points are the detector's", async () => {
    const { scanner } = detectorOf({ framed: [seen(framedBox, 0.5, 1)], coarse: [seen(coarseBox, 0.4, 0.5)] });
    const detector = createFaceDetector(scanner, nobody, async (copied, width, height) => resize(copied, width, height));
    const large = createRasterImage(257, 257);
    for (const picture of [image, large]) {
      const [found, ...others] = await (await detector.prepare(picture, options)).detect();
      expect(others).toEqual([]);
      expect(found!.score).toBeCloseTo(0.45, 6);
      expect(intersectionOverUnion(found!.box, face)).toBeGreaterThan(0.95);
      expect(found!.landmarks.nose.x - found!.landmarks.rightEye.x).toBeCloseTo(0.1 * found!.box.width, 0);
    }
    expect(await facesOf(scanner, nobody, { minScore: 0.5 })).toEqual([]);
  });

  test.each([
    [false, 1],
    [true, 4],
  ])("is told by the look with a margin that was taken already (any rotation: %s)", async (anyRotation, looks) => {
    const { scanner, patches } = detectorOf({ framed: [seen(framedBox, 0.5, 1)], coarse: [seen(coarseBox, 0.4, 0.5)] });
    expect(await facesOf(scanner, nobody, { anyRotation })).toHaveLength(1);
    expect(patches.filter(isFramed)).toHaveLength(looks);
  });

  test("is an upright one, also where any rotation is asked for", async () => {
    const lying = (turns: number): ScanningNetwork => ({
      ...detectorOf({}).scanner,
      decode: (_outputs, _index, patch) => {
        if (quartersOf(patch) !== turns) return [];
        if (isCoarse(patch)) return [seen(coarseBox, 0.9, 1)];
        return isFramed(patch) ? [seen(framedBox, 0.9, 1)] : [];
      },
    });
    expect(await facesOf(lying(0), nobody, { anyRotation: true })).toHaveLength(1);
    expect(await facesOf(lying(1), nobody, { anyRotation: true })).toEqual([]);
  });

  test.each([
    ["one look sees it from the front", [seen(framedBox, 0.6, 1)], [seen(coarseBox, 0.6, 0.2)], []],
    ["the other one does", [seen(framedBox, 0.6, 0.2)], [seen(coarseBox, 0.6, 1)], []],
    ["one look does not see it", [seen(framedBox, 0.9, 1)], [], []],
    ["the two see it at different places", [seen(framedBox, 0.9, 1)], [seen({ ...coarseBox, x: 0, width: 40 }, 0.9, 1)], []],
    ["both are unsure", [seen(framedBox, 0.39, 1)], [seen(coarseBox, 0.4, 1)], []],
    [
      "it does not fill the picture",
      [seen({ x: 54, y: 54, width: 20, height: 20 }, 0.9, 1)],
      [seen({ x: 44, y: 44, width: 40, height: 40 }, 0.9, 1)],
      [],
    ],
    ["the detector gives no points", [{ box: framedBox, score: 0.9 }], [{ box: coarseBox, score: 0.9 }], []],
    ["another face is found", [seen(framedBox, 0.6, 1)], [seen(coarseBox, 0.6, 1)], [place]],
  ])("is none where %s", async (_reason, framed, coarse, faces) => {
    const { scanner } = detectorOf({ framed, coarse, places: faces.map((box) => [box, 0.9]) });
    expect(await facesOf(scanner, meshSureOf(faces))).toEqual(faces);
  });
});

describe("a face that fills a small picture", () => {
  const large = { x: 20, y: 40, width: 160, height: 180 };
  const half = ({ x, y, width, height }: BoundingBox): BoundingBox => ({ x: x / 2, y: y / 2, width: width / 2, height: height / 2 });
  /** A part of the large one, of which the finer look is surer. */
  const piece = { x: 60, y: 60, width: 90, height: 80 };
  const beside = { x: 200, y: 10, width: 40, height: 40 };
  const everything = meshSureOf([large, piece, beside]);

  test("is where it is seen at half the size, whatever part of it pleases more; who is beside it is found as well", async () => {
    const { scanner } = detectorOf({
      coarse: [{ box: half(large), score: 0.6 }],
      places: [
        [piece, 0.95],
        [beside, 0.8],
      ],
    });
    expect(await facesOf(scanner, everything)).toEqual([large, beside]);
    expect(await facesOf(scanner, everything, { maxFaces: 1 })).toEqual([large]);
    expect(await facesOf(scanner, everything, { minScore: 0.7 })).toEqual([beside]);
  });

  test("of which the coarse look is unsure counts where a face is found there in the usual way", async () => {
    const unsure = [{ box: half(large), score: 0.45 }];
    expect(await facesOf(detectorOf({ coarse: unsure, places: [[piece, 0.4]] }).scanner, everything)).toEqual([large]);
    expect(await facesOf(detectorOf({ coarse: unsure, places: [[beside, 0.8]] }).scanner, everything)).toEqual([beside]);
    expect(await facesOf(detectorOf({ coarse: unsure }).scanner, everything)).toEqual([]);
  });

  test("is one of nearly half of the picture's side: smaller ones are seen at the usual size", async () => {
    const middling = { x: 80, y: 80, width: 100, height: 100 };
    const seen = { ...middling, x: 90 };
    const { scanner } = detectorOf({ coarse: [{ box: half(middling), score: 0.9 }], places: [[seen, 0.6]] });
    expect(await facesOf(scanner, meshSureOf([middling, seen]))).toEqual([seen]);
  });

  test("is looked for so in pictures that are no larger than what the network was trained with", async () => {
    const { scanner, coarsePatches } = detectorOf({});
    await facesOf(scanner, everything, { anyRotation: true });
    expect(coarsePatches.map(quartersOf)).toEqual([0, 1, 2, 3]);
    await facesOf(scanner, everything, {}, createRasterImage(257, 100));
    expect(coarsePatches).toHaveLength(4);
    const without = detectorOf({}, false);
    await facesOf(without.scanner, everything);
    expect(without.coarsePatches).toEqual([]);
  });
});

describe("the search for the main face", () => {
  const asked = { search: "main", minFaceSize: 20 } as const;
  /** Sees faces, in pixels of the picture, in patches of the whole picture of some widths, and what `close` says in a square about them. */
  function seenAt(widths: readonly number[], face: BoundingBox, close: readonly ViewFace[] = []) {
    const patches: Patch[] = [];
    const scanner: ScanningNetwork = {
      ...detectorOf({}).scanner,
      decode: (_outputs, _index, patch) => {
        patches.push(patch);
        const scale = patch.toSource.a;
        if (Math.abs(scale * patch.width - side) > 1) return [...close];
        const [x, y, width, height] = [face.x / scale, face.y / scale, face.width / scale, face.height / scale];
        return widths.includes(patch.width) ? [{ box: { x, y, width, height }, score: 0.8 }] : [];
      },
    };
    return { scanner, patches };
  }
  const large = { x: 40, y: 40, width: 160, height: 160 };
  const small = { x: 100, y: 80, width: 32, height: 32 };

  test("ends at the coarsest look that shows a face which is large enough", async () => {
    const { scanner, patches } = seenAt([128, 256], large);
    expect(await facesOf(scanner, meshSureOf([large]), asked)).toEqual([large]);
    expect(patches.map(({ width }) => width)).toEqual([128]);
  });

  test("goes on to finer looks, and looks alone at a face that is small", async () => {
    // The close-up shows 96 pixels about (116, 96), from (68, 48) on, in 128.
    const alone = { box: { x: 40, y: 40, width: 48, height: 48 }, score: 0.9 };
    const exact = { x: 98, y: 78, width: 36, height: 36 };
    const { scanner, patches } = seenAt([256], small, [alone]);
    const [box, ...others] = await facesOf(scanner, meshSureOf([small, exact]), asked);
    expect(others).toEqual([]);
    expect([box!.x, box!.y, box!.width, box!.height]).toEqual([98, 78, 36, 36].map((value) => expect.closeTo(value, 6)));
    expect(patches.map(({ width }) => width)).toEqual([128, 256, 128]);
  });

  test("looks alone at the only place, if it is small, before the mesh does; where that is unsure, the mesh looks at the place too", async () => {
    const alone = { box: { x: 40, y: 40, width: 48, height: 48 }, score: 0.9 };
    const exact = { x: 98, y: 78, width: 36, height: 36 };
    const widthsAsked = async (score: number): Promise<number[]> => {
      const widths: number[] = [];
      const sure = meshSureOf([small, exact]);
      const locate: FaceMesh["locate"] = async (copies, candidates, signal) => {
        widths.push(...candidates.map(({ box }) => Math.round(box.width)));
        return sure.locate(copies, candidates, signal);
      };
      const [box] = await facesOf(seenAt([128], small, [{ ...alone, score }]).scanner, { locate }, asked);
      expect(box!.x).toBeCloseTo(98, 6);
      return widths;
    };
    expect(await widthsAsked(0.9)).toEqual([36]);
    expect(await widthsAsked(0.5)).toEqual([36, 32, 36]);
  });

  test("keeps a small face that is not seen again alone, and looks everywhere where no coarse look shows one", async () => {
    const kept = seenAt([128], small);
    expect(await facesOf(kept.scanner, meshSureOf([small]), asked)).toEqual([small]);
    const everywhere = seenAt([320], small);
    expect(await facesOf(everywhere.scanner, meshSureOf([small]), { ...asked, minFaceSize: 8 })).toEqual([small]);
    expect(everywhere.patches.map(({ width }) => width)).toEqual([128, 256, 96, 320]);
  });
});
