import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FaceLandmarks, type Point, transformPoint } from "../core/index.ts";
import {
  cropTransform,
  estimateSimilarity,
  estimateTemplate,
  landmarkPoints,
  mirrorLandmarks,
  similarityAngle,
  similarityScale,
} from "./index.ts";

const face: FaceLandmarks = {
  leftEye: { x: 30, y: 40 },
  rightEye: { x: 70, y: 42 },
  nose: { x: 51, y: 60 },
  leftMouth: { x: 35, y: 80 },
  rightMouth: { x: 66, y: 81 },
};

const similarity = (scale: number, angle: number, tx: number, ty: number) => ({
  a: scale * Math.cos(angle),
  b: -scale * Math.sin(angle),
  tx,
  c: scale * Math.sin(angle),
  d: scale * Math.cos(angle),
  ty,
});

const residual = (transform: Parameters<typeof transformPoint>[0], from: readonly Point[], to: readonly Point[]): number =>
  from.reduce((sum, point, index) => {
    const mapped = transformPoint(transform, point);
    return sum + (mapped.x - to[index]!.x) ** 2 + (mapped.y - to[index]!.y) ** 2;
  }, 0);

describe("similarity", () => {
  test("recovers the transform that moved the points", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        fc.double({ min: -3.1, max: 3.1, noNaN: true }),
        fc.double({ min: -500, max: 500, noNaN: true }),
        fc.double({ min: -500, max: 500, noNaN: true }),
        (scale, angle, tx, ty) => {
          const truth = similarity(scale, angle, tx, ty);
          const points = landmarkPoints(face);
          const found = estimateSimilarity(
            points,
            points.map((point) => transformPoint(truth, point)),
          );
          expect(similarityScale(found)).toBeCloseTo(scale, 6);
          expect(Math.cos(similarityAngle(found) - angle)).toBeCloseTo(1, 8);
          expect(found.tx).toBeCloseTo(tx, 5);
          expect(found.ty).toBeCloseTo(ty, 5);
        },
      ),
    );
  });

  test("no other similarity comes closer to points that do not fit exactly", () => {
    const number = fc.double({ min: -100, max: 100, noNaN: true });
    const points = fc.array(fc.record({ x: number, y: number }), { minLength: 5, maxLength: 5 });
    const nudge = fc.double({ min: -0.1, max: 0.1, noNaN: true });
    fc.assert(
      fc.property(points, nudge, nudge, nudge, nudge, (to, dScale, dAngle, dx, dy) => {
        const from = landmarkPoints(face);
        const best = estimateSimilarity(from, to);
        const other = similarity(
          Math.abs(similarityScale(best) + dScale) + 1e-9,
          similarityAngle(best) + dAngle,
          best.tx + dx,
          best.ty + dy,
        );
        expect(residual(best, from, to)).toBeLessThanOrEqual(residual(other, from, to) + 1e-6);
      }),
    );
  });

  test("Umeyama's own example: mirrored points get the best rotation, never a reflection", () => {
    // Umeyama (1991), section IV: the optimum without reflection has the scale 0.721.
    const from = [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 0, y: 2 },
    ];
    const to = [
      { x: 0, y: 0 },
      { x: -1, y: 0 },
      { x: 0, y: 2 },
    ];
    const found = estimateSimilarity(from, to);
    expect(similarityScale(found)).toBeCloseTo(0.721, 3);
    expect(residual(found, from, to) / 3).toBeCloseTo(8 / 15, 9);
    expect(found.a * found.d - found.b * found.c).toBeGreaterThan(0);
  });

  test.each([
    [[], []],
    [[{ x: 1, y: 1 }], [{ x: 1, y: 1 }]],
    [
      [
        { x: 1, y: 1 },
        { x: 1, y: 1 },
      ],
      [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
      ],
    ],
    [
      [
        { x: 1, y: 1 },
        { x: 2, y: 1 },
      ],
      [{ x: 0, y: 0 }],
    ],
  ])("points that fix no similarity are refused", (from, to) => {
    expect(() => estimateSimilarity(from, to)).toThrow(RangeError);
  });
});

describe("template", () => {
  test("a face that already stands on the template is cropped as it is", () => {
    const template = { landmarks: estimateTemplate([{ landmarks: face, size: { width: 100, height: 100 } }]) };
    const symmetric = landmarkPoints(template.landmarks).map(({ x, y }) => ({ x: x * 100, y: y * 100 }));
    const [leftEye, rightEye, nose, leftMouth, rightMouth] = symmetric;
    const transform = cropTransform(
      { leftEye: leftEye!, rightEye: rightEye!, nose: nose!, leftMouth: leftMouth!, rightMouth: rightMouth! },
      template,
      { width: 50, height: 50 },
    );
    expect(transformPoint(transform, { x: 20, y: 60 })).toEqual({ x: expect.closeTo(10, 9), y: expect.closeTo(30, 9) });
  });

  test("an estimated template is symmetric and takes the median over outliers", () => {
    const size = { width: 100, height: 100 };
    const outlier = { ...face, nose: { x: 5000, y: 5000 } };
    const template = estimateTemplate([...Array.from({ length: 9 }, () => ({ landmarks: face, size })), { landmarks: outlier, size }]);
    expect(template.leftEye.x + template.rightEye.x).toBeCloseTo(1, 9);
    expect(template.leftEye.y).toBeCloseTo(template.rightEye.y, 9);
    expect(template.nose).toEqual({ x: expect.closeTo(0.5, 1), y: expect.closeTo(0.6, 6) });
  });

  test("mirroring twice gives the face back", () => {
    expect(mirrorLandmarks(mirrorLandmarks(face, 200), 200)).toEqual(face);
    expect(mirrorLandmarks(face, 100).leftEye).toEqual({ x: 30, y: 42 });
  });

  test("no crops, no template", () => {
    expect(() => estimateTemplate([])).toThrow(RangeError);
  });
});
