import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BoundingBox, intersectionOverUnion, transformPoint } from "../core/index.ts";
import { anchorCentre, blazeFaceGrids, decodeBlazeFace } from "./blazeface-decoder.ts";
import { mergePatches, toCandidates } from "./candidate.ts";
import { decodeSsd } from "./ssd-decoder.ts";
import { ssdPriors } from "./ssd-priors.ts";
import { containedPart, groupOverlapping, suppressNonMaxima } from "./suppression.ts";
import { planPatches, pyramidScales, tileStarts, type Patch } from "./patches.ts";

const reach = { inputSize: 256, smallestFace: 24 };
const boxes = fc.array(
  fc.record({
    box: fc.record({
      x: fc.double({ min: 0, max: 100, noNaN: true }),
      y: fc.double({ min: 0, max: 100, noNaN: true }),
      width: fc.double({ min: 1, max: 60, noNaN: true }),
      height: fc.double({ min: 1, max: 60, noNaN: true }),
    }),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 30 },
);

describe("suppression", () => {
  test("what is kept does not overlap, and what is dropped overlaps something better", () => {
    fc.assert(
      fc.property(boxes, (all) => {
        const kept = suppressNonMaxima(all, { overlap: 0.3 });
        for (const [index, a] of kept.entries()) {
          for (const b of kept.slice(index + 1)) expect(intersectionOverUnion(a.box, b.box)).toBeLessThanOrEqual(0.3 + 1e-9);
        }
        for (const dropped of all.filter((box) => !kept.includes(box))) {
          expect(kept.some((box) => box.score >= dropped.score && intersectionOverUnion(box.box, dropped.box) > 0.3 - 1e-9)).toBe(true);
        }
      }),
    );
  });

  test("groups hold every box once", () => {
    fc.assert(
      fc.property(boxes, (all) => {
        expect(groupOverlapping(all, { overlap: 0.3, containment: 0.6 }).flat()).toHaveLength(all.length);
      }),
    );
  });

  test("a piece of a face goes to the whole face only where containment is asked for", () => {
    const whole = { box: { x: 0, y: 0, width: 100, height: 100 }, score: 0.9 };
    const piece = { box: { x: 60, y: 10, width: 30, height: 60 }, score: 0.5 };
    expect(containedPart(whole.box, piece.box)).toBe(1);
    expect(suppressNonMaxima([piece, whole], { overlap: 0.3 })).toEqual([whole, piece]);
    expect(suppressNonMaxima([piece, whole], { overlap: 0.3, containment: 0.6 })).toEqual([whole]);
  });
});

describe("patches", () => {
  const sizes = fc.record({ width: fc.integer({ min: 40, max: 5000 }), height: fc.integer({ min: 40, max: 5000 }) });

  test("the first patch shows the whole picture, centred", () => {
    const [patch] = planPatches({ width: 1000, height: 500 }, reach, { minFaceSize: 200, anyRotation: false });
    expect([patch!.width, patch!.height]).toEqual([256, 128]);
    expect(transformPoint(patch!.toSource, { x: 0, y: 0 })).toEqual({ x: 0, y: 0 });
    expect(transformPoint(patch!.toSource, { x: 256, y: 128 })).toEqual({ x: 1000, y: 500 });
  });

  test("a picture whose smallest face is large enough takes one patch", () => {
    expect(planPatches({ width: 512, height: 512 }, reach, { minFaceSize: 48, anyRotation: false })).toHaveLength(1);
    expect(planPatches({ width: 512, height: 512 }, reach, { minFaceSize: 48, anyRotation: true })).toHaveLength(4);
  });

  test("every face from the smallest up is whole in some patch, and large enough there", () => {
    fc.assert(
      fc.property(
        sizes,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 1, max: 10, noNaN: true }),
        (picture, left, top, growth) => {
          const minFaceSize = Math.max(13, Math.max(picture.width, picture.height) / 50);
          const side = Math.min(minFaceSize * growth, picture.width, picture.height);
          fc.pre(side >= minFaceSize);
          const face = { x: left * (picture.width - side), y: top * (picture.height - side), width: side, height: side };
          const patches = planPatches(picture, reach, { minFaceSize, anyRotation: false });
          const seen = patches.some((patch) => isWhole(face, patch) && side / patch.toSource.a >= reach.smallestFace / 1.16);
          expect(seen).toBe(true);
        },
      ),
    );
  });

  test("scales grow from the whole picture to the one that shows the smallest face", () => {
    const scales = pyramidScales({ width: 4000, height: 3000 }, reach, 60);
    expect(scales[0]).toBeLessThanOrEqual(256 / 4000);
    expect(scales.at(-1)).toBeCloseTo(24 / 60, 9);
    for (const [index, scale] of scales.slice(1).entries()) expect(scale / scales[index]!).toBeLessThanOrEqual(4 + 1e-9);
  });

  test("a scale that fits into one look takes one patch, a larger one takes tiles", () => {
    expect(
      planPatches({ width: 2000, height: 1500 }, reach, { minFaceSize: 60, anyRotation: false }).map(({ width, height }) => [
        width,
        height,
      ]),
    ).toEqual([
      [224, 160],
      [800, 608],
    ]);
    const tiled = planPatches({ width: 4000, height: 3000 }, reach, { minFaceSize: 24, anyRotation: false });
    expect(tiled.every(({ width, height }) => width <= 1024 && height <= 1024)).toBe(true);
  });

  test("tiles cover a length evenly with the overlap asked for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 257, max: 9000 }), (length) => {
        const starts = tileStarts(length, 256, 78);
        expect(starts[0]).toBe(0);
        expect(starts.at(-1)! + 256).toBe(length);
        for (const [index, start] of starts.slice(1).entries()) expect(start - starts[index]!).toBeLessThanOrEqual(256 - 78 + 1);
      }),
    );
  });

  test("turned patches map an upright face to one that lies in the picture", () => {
    const picture = { width: 300, height: 200 };
    const turned = planPatches(picture, reach, { minFaceSize: 100, anyRotation: true });
    for (const [quarter, patch] of turned.entries()) {
      expect(patch.angle).toBeCloseTo((quarter * Math.PI) / 2, 9);
      const middle = { x: patch.width / 2, y: patch.height / 2 };
      const centre = transformPoint(patch.toSource, middle);
      // Patches begin at whole pixels of their copy.
      expect(Math.hypot(centre.x - 150, centre.y - 100)).toBeLessThan(1);
      const up = transformPoint(patch.toSource, { x: middle.x, y: middle.y - 10 });
      const angle = Math.atan2(up.x - centre.x, -(up.y - centre.y));
      expect(Math.cos(angle - patch.angle)).toBeCloseTo(1, 9);
    }
  });
});

/** Whether the face, with a little around it, lies inside the patch. */
function isWhole(face: BoundingBox, patch: Patch): boolean {
  const { a, d, tx, ty } = patch.toSource;
  const [right, bottom] = [tx + patch.width * a, ty + patch.height * d];
  return face.x >= tx - 1e-6 && face.y >= ty - 1e-6 && face.x + face.width <= right + 1e-6 && face.y + face.height <= bottom + 1e-6;
}

describe("candidates", () => {
  const patch: Patch = {
    toSource: { a: 2, b: 0, tx: 100, c: 0, d: 2, ty: 50 },
    width: 256,
    height: 256,
    angle: 0,
    cuts: { left: true, top: false, right: false, bottom: false },
    isCoarse: false,
  };
  const keypoints = { leftEye: { x: 110, y: 115 }, rightEye: { x: 130, y: 115 }, nose: { x: 120, y: 125 }, mouth: { x: 120, y: 132 } };
  const face = { box: { x: 100, y: 100, width: 40, height: 40 }, score: 0.8, keypoints };

  test("near-duplicates are blended by score, in pixels of the picture", () => {
    const twin = { ...face, box: { ...face.box, x: 106 }, score: 0.4 };
    expect(toCandidates([twin, face], patch)).toMatchObject([
      {
        box: { x: expect.closeTo(304, 9), y: expect.closeTo(250, 9), width: expect.closeTo(80, 9), height: expect.closeTo(80, 9) },
        score: 0.8,
        angle: 0,
        keypoints: { nose: { x: expect.closeTo(340, 9), y: expect.closeTo(300, 9) } },
      },
    ]);
  });

  test("a face at a side that cuts is left to the neighbour, at the picture's edge it stays", () => {
    const atLeft = { ...face, box: { ...face.box, x: 1 } };
    const atRight = { ...face, box: { ...face.box, x: 215 } };
    expect(toCandidates([atLeft], patch)).toEqual([]);
    expect(toCandidates([atRight], patch)).toHaveLength(1);
  });

  test("a faint face must be small, and what is small in a coarse patch must be sure", () => {
    const small = { ...face.box, width: 18, height: 18 };
    const counts = (score: number, box: BoundingBox, isCoarse: boolean): number =>
      toCandidates([{ ...face, box, score }], { ...patch, isCoarse }).length;
    expect([0.25, 0.35].map((score) => counts(score, face.box, false))).toEqual([0, 1]);
    expect([0.25, 0.35].map((score) => counts(score, face.box, true))).toEqual([0, 1]);
    expect([0.25, 0.5].map((score) => counts(score, small, false))).toEqual([1, 1]);
    expect([0.25, 0.5, 0.6].map((score) => counts(score, small, true))).toEqual([0, 0, 1]);
  });

  test("all scales of a picture but the finest are coarse", () => {
    const sides = planPatches({ width: 1600, height: 1200 }, reach, { minFaceSize: 40, anyRotation: false });
    expect(sides.map(({ isCoarse }) => isCoarse)).toEqual([true, false]);
    expect(planPatches({ width: 200, height: 200 }, reach, { minFaceSize: 40, anyRotation: true }).every(({ isCoarse }) => !isCoarse)).toBe(
      true,
    );
  });

  test("the tilt of the eyes adds to the patch's turn", () => {
    const tilted = { ...face, keypoints: { ...keypoints, leftEye: { x: 110, y: 110 }, rightEye: { x: 130, y: 130 } } };
    const [candidate] = toCandidates([tilted], { ...patch, angle: Math.PI / 2 });
    expect(candidate!.angle).toBeCloseTo(Math.PI * 0.75, 9);
  });

  test("one face seen by two patches is one candidate", () => {
    const [candidate] = toCandidates([face], patch);
    expect(mergePatches([candidate!, { ...candidate!, score: 0.5 }])).toEqual([candidate]);
  });
});

describe("decoders", () => {
  test("BlazeFace: anchors stand in the middle of their cells", () => {
    const { fine, coarse } = blazeFaceGrids;
    const centres = [0, 1, 2, 8, 15].map((anchor) => anchorCentre(anchor, 64, fine));
    expect(centres).toEqual([
      { x: 8, y: 8 },
      { x: 8, y: 8 },
      { x: 24, y: 8 },
      { x: 8, y: 24 },
      { x: 56, y: 24 },
    ]);
    // The last anchors of a 256 x 256 input: it has 512 fine and 384 coarse ones.
    expect(anchorCentre(511, 256, fine)).toEqual({ x: 248, y: 248 });
    expect(anchorCentre(383, 256, coarse)).toEqual({ x: 240, y: 240 });
  });

  test("BlazeFace: offsets are added to the anchor, the logit becomes a score", () => {
    const values = new Float32Array(32);
    values.set([3, -2, 40, 50, -6, -8, 7, -8], 16);
    const found = decodeBlazeFace(Float32Array.of(-9, 2), values, { width: 32, grid: { step: 16, count: 1 }, scoreThreshold: 0.5 });
    expect(found).toEqual([
      {
        box: { x: 24 + 3 - 20, y: 8 - 2 - 25, width: 40, height: 50 },
        score: expect.closeTo(1 / (1 + Math.exp(-2)), 9),
        keypoints: { leftEye: { x: 18, y: 0 }, rightEye: { x: 31, y: 0 }, nose: { x: 24, y: 8 }, mouth: { x: 24, y: 8 } },
      },
    ]);
  });

  test("SSD: 5118 priors, the known sizes of the finest and coarsest maps", () => {
    const priors = ssdPriors(512, 512);
    expect(priors).toHaveLength(5118 * 4);
    const rounded = (at: number): number[] => [...priors.subarray(at * 4, at * 4 + 4)].map((value) => Math.round(value * 10) / 10);
    expect(rounded(0)).toEqual([8, 8, 51.2, 51.2]);
    expect(rounded(1)).toEqual([8, 8, 144.8, 72.4]);
    expect(rounded(3)).toEqual([24, 8, 51.2, 51.2]);
    expect(rounded(5113)).toEqual([256, 256, 499, 499]);
    expect(rounded(5117)).toEqual([256, 256, 280.8, 842.5]);
  });

  test("SSD: a prior with no offset is its own box, offsets shift and stretch it", () => {
    const priors = Float32Array.of(100, 60, 40, 20, 100, 60, 40, 20);
    const offsets = Float32Array.of(0, 0, 0, 0, 5, 10, 5 * Math.log(2), 0);
    const logits = Float32Array.of(0, 3, 0, 0, 1, 0);
    expect(decodeSsd(offsets, logits, priors, 0.5).map(({ box }) => box)).toEqual([
      { x: 80, y: 50, width: 40, height: 20 },
      { x: expect.closeTo(120, 4), y: expect.closeTo(50, 4), width: 40, height: expect.closeTo(40, 4) },
    ]);
    expect(decodeSsd(offsets, logits, priors, 0.9)).toHaveLength(1);
  });
});
