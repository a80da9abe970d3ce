import { expect, test } from "vitest";
import { createRandom } from "../core/index.ts";
import { cholesky, columnProducts, solveLower, solveLowerRows } from "./linear-algebra.ts";

test.each([1, 4, 6])("%i rows are solved at once as each by itself", (rows) => {
  const [random, size] = [createRandom(5), 7];
  const draw = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.normal());
  const lower = cholesky(
    columnProducts(
      draw(20 * size),
      size,
      Array.from({ length: 20 }, (_, row) => row),
    ),
    size,
  );
  const data = draw(rows * size);
  const alone = data.slice();
  for (let row = 0; row < rows; row++) solveLower(lower, size, alone, row * size);
  solveLowerRows(lower, size, data, rows);
  for (const [index, value] of data.entries()) expect(value).toBeCloseTo(alone[index]!, 10);
});
