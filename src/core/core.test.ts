import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  adienceAgeGroups,
  ageGroupIndex,
  argMax,
  composeTransforms,
  createRandom,
  fairFaceAgeGroups,
  intersectionOverUnion,
  invertTransform,
  isTensorFaceError,
  restoreRandom,
  shuffled,
  softmax,
  TensorFaceError,
  throwIfAborted,
  transformPoint,
} from "./index.ts";

describe("geometry", () => {
  test("intersection over union of known boxes", () => {
    const box = { x: 0, y: 0, width: 10, height: 10 };
    expect(intersectionOverUnion(box, box)).toBe(1);
    expect(intersectionOverUnion(box, { x: 5, y: 0, width: 10, height: 10 })).toBeCloseTo(50 / 150, 12);
    expect(intersectionOverUnion(box, { x: 10, y: 0, width: 10, height: 10 })).toBe(0);
  });

  test("an inverted transform takes every point back", () => {
    const number = fc.double({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        number,
        number,
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (x, y, scale, angle) => {
          const transform = {
            a: scale * Math.cos(angle),
            b: -scale * Math.sin(angle),
            tx: x,
            c: scale * Math.sin(angle),
            d: scale * Math.cos(angle),
            ty: y,
          };
          const back = transformPoint(composeTransforms(invertTransform(transform), transform), { x: 3, y: 4 });
          expect(back.x).toBeCloseTo(3, 6);
          expect(back.y).toBeCloseTo(4, 6);
        },
      ),
    );
  });

  test("a flattening transform has no inverse", () => {
    expect(() => invertTransform({ a: 1, b: 1, tx: 0, c: 1, d: 1, ty: 0 })).toThrow(RangeError);
  });
});

describe("age groups", () => {
  test.each([
    [0, "0-2"],
    [3, "0-2"],
    [7, "4-6"],
    [13, "8-12"],
    [14, "15-20"],
    [22, "15-20"],
    [23, "25-32"],
    [35, "25-32"],
    [36, "38-43"],
    [99, "60+"],
    [120, "60+"],
  ])("%i years stand in Adience's group %s", (age, name) => {
    expect(adienceAgeGroups[ageGroupIndex(age, adienceAgeGroups)]!.name).toBe(name);
  });

  test("FairFace's groups cover every year", () => {
    for (let age = 0; age <= 100; age++) {
      const group = fairFaceAgeGroups[ageGroupIndex(age, fairFaceAgeGroups)]!;
      expect(age >= group.low && age <= group.high).toBe(true);
    }
  });
});

describe("probability", () => {
  test("softmax sums to 1 and does not overflow", () => {
    const probabilities = softmax([1000, 1001, -1000]);
    expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    expect(argMax(probabilities)).toBe(1);
    expect(probabilities[0]! / probabilities[1]!).toBeCloseTo(Math.exp(-1), 12);
  });

  test("temperature flattens", () => {
    expect(softmax([0, 1], 4)[1]).toBeCloseTo(1 / (1 + Math.exp(-0.25)), 12);
  });
});

describe("seeded random numbers", () => {
  test("the same seed gives the same numbers, and a state continues", () => {
    const first = createRandom(7);
    const second = createRandom(7);
    for (let index = 0; index < 5; index++) expect(first.uniform()).toBe(second.uniform());
    const resumed = restoreRandom(structuredClone(first.state));
    for (let index = 0; index < 5; index++) expect(resumed.normal()).toBe(first.normal());
  });

  test("forks do not depend on what was drawn", () => {
    const drawn = createRandom(7);
    drawn.uniform();
    expect(drawn.fork("a").uniform()).toBe(createRandom(7).fork("a").uniform());
    expect(drawn.fork("a").uniform()).not.toBe(drawn.fork("b").uniform());
  });

  test("uniform and normal have the moments they should", () => {
    const random = createRandom(1);
    const n = 20_000;
    let sum = 0;
    let squares = 0;
    let uniforms = 0;
    for (let index = 0; index < n; index++) {
      const value = random.normal();
      sum += value;
      squares += value * value;
      uniforms += random.uniform();
    }
    expect(Math.abs(sum / n)).toBeLessThan(0.03);
    expect(Math.abs(squares / n - 1)).toBeLessThan(0.05);
    expect(Math.abs(uniforms / n - 0.5)).toBeLessThan(0.01);
  });

  test("shuffling keeps every value", () => {
    const values = Array.from({ length: 50 }, (_, index) => index);
    const result = shuffled(values, createRandom(3));
    expect(result).not.toEqual(values);
    expect(result.toSorted((a, b) => a - b)).toEqual(values);
  });
});

describe("errors", () => {
  test("carry code, message, hint and status", () => {
    const error = new TensorFaceError("TF_IMAGE_CORRUPT", "a.jpg ends early");
    expect(isTensorFaceError(error, "TF_IMAGE_CORRUPT")).toBe(true);
    expect(error.status).toBe(422);
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: "TF_IMAGE_CORRUPT", message: "a.jpg ends early", hint: error.hint });
  });

  test("an aborted signal stops work with its reason as the cause", () => {
    const reason = new Error("enough");
    expect(() => throwIfAborted(AbortSignal.abort(reason))).toThrow(expect.objectContaining({ code: "TF_ABORTED", cause: reason }));
    expect(() => throwIfAborted(undefined)).not.toThrow();
  });
});
