import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../core/index.ts";
import { epochOrder, sampleWeights } from "./sampler.ts";

describe("epochOrder", () => {
  test("equal weights show every sample once, in another order for another seed", () => {
    const weights = new Float64Array(1000).fill(0.37);
    const order = epochOrder(weights, 1000, createRandom(1));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(order).toEqual(epochOrder(weights, 1000, createRandom(1)));
    expect(order).not.toEqual(epochOrder(weights, 1000, createRandom(2)));
  });

  test("each sample stands in it as often as its weight says, give or take one", () => {
    const weights = fc.array(fc.double({ min: 0.01, max: 5, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 500 }), fc.integer(), (weights, length, seed) => {
        const order = epochOrder(weights, length, createRandom(seed));
        const sum = weights.reduce((total, weight) => total + weight, 0);
        for (const [index, weight] of weights.entries()) {
          const count = order.filter((sample) => sample === index).length;
          expect(Math.abs(count - (length * weight) / sum)).toBeLessThan(1 + 1e-6);
        }
      }),
    );
  });
});

describe("sampleWeights", () => {
  const samples = [
    ...Array.from({ length: 90 }, () => ({ dataset: 0, label: "many" })),
    ...Array.from({ length: 10 }, () => ({ dataset: 0, label: "few" })),
    ...Array.from({ length: 50 }, () => ({ dataset: 1, label: undefined })),
  ];
  const share = (weights: Float64Array, from: number, to: number): number =>
    weights.slice(from, to).reduce((sum, weight) => sum + weight, 0);

  test("without options every sample counts one", () => {
    for (const weight of sampleWeights(samples)) expect(weight).toBeCloseTo(1, 12);
  });

  test("full balance shows classes equally often and leaves each dataset its share", () => {
    const weights = sampleWeights(samples, { balance: 1 });
    expect(share(weights, 0, 90)).toBeCloseTo(50, 9);
    expect(share(weights, 90, 100)).toBeCloseTo(50, 9);
    expect(share(weights, 100, 150)).toBeCloseTo(50, 9);
  });

  test("datasets get the shares that were asked for", () => {
    const weights = sampleWeights(samples, { balance: 0.5, datasetWeights: [1, 3] });
    expect(share(weights, 0, 100)).toBeCloseTo(1, 9);
    expect(share(weights, 100, 150)).toBeCloseTo(3, 9);
    // Half a balance: 9 times as many are shown 9 ** 0.5 times as often.
    expect(share(weights, 0, 90) / share(weights, 90, 100)).toBeCloseTo(3, 9);
  });
});
