import { describe, expect, test } from "vitest";
import { createRandom, softmax } from "../core/index.ts";
import { applyHead, finishHead, fitLine, fitSoftmax, type LinearParameters, prepareExamples, scoreExample } from "./linear-head.ts";

/** Clouds around a point for each class. */
function clouds(rows: number, columns: number, classes: number, apart: number) {
  const random = createRandom(5);
  const centres = Array.from({ length: classes * columns }, () => apart * random.normal());
  const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
  const data = Float32Array.from({ length: rows * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    return centres[labels[row]! * columns + column]! + random.normal() * (1 + column / 4) + 3;
  });
  return { features: { rows, columns, data }, labels, every: Int32Array.from({ length: rows }, (_, row) => row) };
}

/** Mean loss in nats and the ridge, computed plainly from what a head says. */
function lossOf(
  { outputs, weights, bias }: LinearParameters,
  inputs: readonly (readonly number[])[],
  labels: Int32Array,
  ridge: number,
): number {
  const width = weights.length / outputs;
  const total = inputs.reduce((sum, input, row) => {
    const logits = Array.from({ length: outputs }, (_, k) =>
      input.reduce((dot, value, j) => dot + value * weights[k * width + j]!, bias[k]!),
    );
    return sum + Math.log(logits.reduce((all, logit) => all + Math.exp(logit), 0)) - logits[labels[row]!]!;
  }, 0);
  return total / inputs.length + (ridge / 2) * weights.reduce((sum, weight) => sum + weight * weight, 0);
}

/** Solves `A x = b` by elimination, with nothing but plain numbers. */
function solvePlainly(a: number[][], b: number[]): number[] {
  const rows = a.map((row, index) => [...row, b[index]!]);
  for (let pivot = 0; pivot < rows.length; pivot++) {
    const best = rows.findIndex(
      (row, index) => index >= pivot && Math.abs(row[pivot]!) === Math.max(...rows.slice(pivot).map((other) => Math.abs(other[pivot]!))),
    );
    [rows[pivot], rows[best]] = [rows[best]!, rows[pivot]!];
    for (const [index, row] of rows.entries()) {
      if (index === pivot) continue;
      const factor = row[pivot]! / rows[pivot]![pivot]!;
      for (let column = pivot; column < row.length; column++) row[column]! -= factor * rows[pivot]![column]!;
    }
  }
  return rows.map((row, index) => row.at(-1)! / row[index]!);
}

/** The slow way: Newton's method with the whole curvature, for a dozen weights. Probabilities of every row. */
function fitSlowly(inputs: readonly (readonly number[])[], labels: Int32Array, classes: number, ridge: number): number[][] {
  const width = inputs[0]!.length + 1;
  const extended = inputs.map((input) => [...input, 1]);
  let weights = Array.from({ length: classes * width }, () => 0);
  const tell = (input: readonly number[]): number[] => {
    const raw = Array.from({ length: classes }, (_, k) =>
      Math.exp(input.reduce((sum, value, j) => sum + value * weights[k * width + j]!, 0)),
    );
    const total = raw.reduce((sum, value) => sum + value, 0);
    return raw.map((value) => value / total);
  };
  for (let iteration = 0; iteration < 40; iteration++) {
    // Biases are not pulled; a trace of it keeps their common direction from being free.
    const pull = (index: number): number => (index % width === width - 1 ? 1e-9 : ridge);
    const gradient = weights.map((weight, index) => pull(index) * weight);
    const curvature = weights.map((_, i) => weights.map((_other, j) => (i === j ? pull(i) : 0)));
    for (const [row, input] of extended.entries()) {
      const p = tell(input);
      for (let i = 0; i < weights.length; i++) {
        const [k, x] = [Math.floor(i / width), input[i % width]!];
        gradient[i]! += ((p[k]! - Number(labels[row] === k)) * x) / inputs.length;
        for (let j = 0; j < weights.length; j++) {
          const other = Math.floor(j / width);
          curvature[i]![j]! += (p[k]! * (Number(k === other) - p[other]!) * x * input[j % width]!) / inputs.length;
        }
      }
    }
    const step = solvePlainly(curvature, gradient);
    weights = weights.map((weight, index) => weight - step[index]!);
  }
  return extended.map(tell);
}

describe("the softmax head", () => {
  const ridge = 0.1;
  const { features, labels, every } = clouds(60, 6, 3, 0.7);
  const examples = prepareExamples(features, every);
  const inputs = Array.from(every, (row) => Array.from(examples.coordinates.subarray(row * 6, (row + 1) * 6)));

  test("no step in any direction makes the loss smaller", () => {
    const fitted = fitSoftmax({ examples, rows: every, labels, classes: 3, ridge });
    const least = lossOf(fitted, inputs, labels, ridge);
    const random = createRandom(9);
    for (let trial = 0; trial < 60; trial++) {
      const size = 10 ** -(1 + (trial % 4));
      const moved = (values: Float64Array): Float64Array => values.map((value) => value + size * random.normal());
      const other = { outputs: 3, weights: moved(fitted.weights), bias: moved(fitted.bias) };
      expect(lossOf(other, inputs, labels, ridge)).toBeGreaterThan(least - 1e-8);
    }
  });

  test.each([3, 0.3, 0.03, 0.003])("tells within 1e-4 what the slow way tells, with a ridge of %d", (strength) => {
    const slow = fitSlowly(inputs, labels, 3, strength);
    const fitted = fitSoftmax({ examples, rows: every, labels, classes: 3, ridge: strength, tolerance: 1e-9 });
    for (const [row, expected] of slow.entries()) {
      const told = softmax(scoreExample(fitted, examples, row));
      for (const [k, probability] of expected.entries()) expect(Math.abs(told[k]! - probability)).toBeLessThan(1e-4);
    }
  });

  test("a class that no row has does not keep the others from being told", () => {
    const fitted = fitSoftmax({ examples, rows: every, labels, classes: 4, ridge, tolerance: 1e-9 });
    const without = fitSoftmax({ examples, rows: every, labels, classes: 3, ridge, tolerance: 1e-9 });
    for (const row of every) {
      const [told, expected] = [softmax(scoreExample(fitted, examples, row)), softmax(scoreExample(without, examples, row))];
      for (let k = 0; k < 3; k++) expect(Math.abs(told[k]! - expected[k]!)).toBeLessThan(1e-3);
    }
  });

  test("is the same wherever it begins", () => {
    const problem = { examples, rows: every, labels, classes: 3, ridge, tolerance: 1e-12 };
    const start = { outputs: 3, weights: new Float64Array(18).fill(2), bias: new Float64Array(3).fill(-1) };
    const [plain, started] = [fitSoftmax(problem), fitSoftmax(problem, undefined, start)];
    for (const [index, weight] of plain.weights.entries()) expect(started.weights[index]).toBeCloseTo(weight, 4);
  });

  test("fewer examples than columns give the head that all columns give", () => {
    const wide = clouds(20, 30, 2, 0.5);
    const reduced = prepareExamples(wide.features, wide.every);
    expect(reduced.width).toBe(20);
    const fitted = fitSoftmax({ examples: reduced, rows: wide.every, labels: wide.labels, classes: 2, ridge });
    const head = finishHead(fitted, reduced);
    // In the columns themselves: the optimum of the same loss.
    const columns = { ...reduced, width: 30, coordinates: reducedToColumns(wide, reduced.scaling) };
    const asInputs = Array.from(wide.every, (row) => Array.from(columns.coordinates.subarray(row * 30, (row + 1) * 30)));
    const onColumns = { outputs: 2, weights: Float64Array.from(head.weights), bias: Float64Array.from(head.bias) };
    const least = lossOf(onColumns, asInputs, wide.labels, ridge);
    const random = createRandom(2);
    for (let trial = 0; trial < 40; trial++) {
      const other = { ...onColumns, weights: onColumns.weights.map((weight) => weight + 0.01 * random.normal()) };
      expect(lossOf(other, asInputs, wide.labels, ridge)).toBeGreaterThan(least);
    }
    for (const row of [0, 7, 19]) {
      for (const [k, value] of scoreExample(fitted, reduced, row).entries())
        expect(applyHead(head, wide.features, row)[k]).toBeCloseTo(value, 3);
    }
  });

  test("ordered groups share one direction", () => {
    const { weights } = fitSoftmax({ examples, rows: every, labels, classes: 3, ridge, isOrdered: true });
    for (let column = 0; column < 6; column++) {
      expect(weights[column]).toBeCloseTo(-weights[12 + column]!, 10);
      expect(weights[6 + column]).toBeCloseTo(0, 10);
    }
  });
});

function reducedToColumns(
  { features: { rows, columns, data } }: ReturnType<typeof clouds>,
  { mean, inverse }: ReturnType<typeof prepareExamples>["scaling"],
): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, index) => (data[index]! - mean[index % columns]!) * inverse[index % columns]!);
}

test("the line finds the numbers that features add up to", () => {
  const { features, every } = clouds(200, 4, 1, 0);
  const values = Float64Array.from(every, (row) => 7 + 2 * features.data[row * 4]! - features.data[row * 4 + 3]!);
  const examples = prepareExamples(features, every);
  const head = finishHead(fitLine(examples, every, values, 1e-9), examples);
  for (const row of [0, 50, 199]) expect(applyHead(head, features, row)[0]).toBeCloseTo(values[row]!, 3);
});
