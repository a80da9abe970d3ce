/** Dense algebra of a few hundred rows in double precision; matrices in row-major order. It runs wherever JavaScript does. */

/** The product of two stretches of `length` numbers; four sums, since one would wait for itself. */
export function dot(a: Float64Array, aOffset: number, b: Float64Array, bOffset: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let index = 0;
  for (; index + 3 < length; index += 4) {
    s0 += a[aOffset + index]! * b[bOffset + index]!;
    s1 += a[aOffset + index + 1]! * b[bOffset + index + 1]!;
    s2 += a[aOffset + index + 2]! * b[bOffset + index + 2]!;
    s3 += a[aOffset + index + 3]! * b[bOffset + index + 3]!;
  }
  for (; index < length; index++) s0 += a[aOffset + index]! * b[bOffset + index]!;
  return s0 + s1 + (s2 + s3);
}

/**
 * The products of some rows of a matrix with each other, summed over the rows: `X' X`, `[columns, columns]`, the lower half alone
 * being filled.
 */
export function columnProducts(data: Float64Array, columns: number, rows: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(columns * columns);
  // Four rows at a time: each sum is read and written once for all of them.
  let index = 0;
  for (; index + 3 < rows.length; index += 4) {
    const [r0, r1, r2, r3] = [rows[index]! * columns, rows[index + 1]! * columns, rows[index + 2]! * columns, rows[index + 3]! * columns];
    for (let i = 0; i < columns; i++) {
      const [v0, v1, v2, v3] = [data[r0 + i]!, data[r1 + i]!, data[r2 + i]!, data[r3 + i]!];
      const offset = i * columns;
      for (let j = 0; j <= i; j++) sums[offset + j]! += v0 * data[r0 + j]! + v1 * data[r1 + j]! + (v2 * data[r2 + j]! + v3 * data[r3 + j]!);
    }
  }
  for (; index < rows.length; index++) {
    const row = rows[index]! * columns;
    for (let i = 0; i < columns; i++) {
      const value = data[row + i]!;
      for (let j = 0; j <= i; j++) sums[i * columns + j]! += value * data[row + j]!;
    }
  }
  return sums;
}

/**
 * The products of four rows of a matrix with a stretch of a vector.
 * @param at where the rows begin; the products are written from `put` on, `step` apart
 */
export function fourProducts(
  { vector, offset, length }: { readonly vector: Float64Array; readonly offset: number; readonly length: number },
  data: Float64Array,
  at: readonly [number, number, number, number],
  { target, put, step }: { readonly target: Float64Array; readonly put: number; readonly step: number },
): void {
  const [r0, r1, r2, r3] = at;
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let index = 0; index < length; index++) {
    const value = vector[offset + index]!;
    s0 += value * data[r0 + index]!;
    s1 += value * data[r1 + index]!;
    s2 += value * data[r2 + index]!;
    s3 += value * data[r3 + index]!;
  }
  target[put] = s0;
  target[put + step] = s1;
  target[put + 2 * step] = s2;
  target[put + 3 * step] = s3;
}

/** The products of every two rows of a matrix: `X X'`, `[rows, rows]`, the lower half alone being filled. */
export function rowProducts(data: Float64Array, rows: number, columns: number): Float64Array {
  const products = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) products[i * rows + j] = dot(data, i * columns, data, j * columns, columns);
  }
  return products;
}

/**
 * The lower triangular `L` with `L L' = A` (Cholesky), `[size, size]`, zeros above.
 * @param matrix symmetric and positive definite; its lower half is read
 * @throws {RangeError} when it is not positive definite
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const rest = matrix[i * size + j]! - dot(lower, i * size, lower, j * size, j);
      if (i !== j) lower[i * size + j] = rest / lower[j * size + j]!;
      else if (rest > 0) lower[i * size + i] = Math.sqrt(rest);
      else throw new RangeError(`the matrix is not positive definite: pivot ${i} is ${rest}`);
    }
  }
  return lower;
}

/** Solves `L x = b` in place for `b` at `offset`. */
export function solveLower(lower: Float64Array, size: number, vector: Float64Array, offset = 0): void {
  for (let i = 0; i < size; i++) {
    vector[offset + i] = (vector[offset + i]! - dot(lower, i * size, vector, offset, i)) / lower[i * size + i]!;
  }
}

/** Solves `L x = b` in place for the rows of a matrix, `[rows, size]`, four at a time: each row of `L` is read once for all of them. */
export function solveLowerRows(lower: Float64Array, size: number, data: Float64Array, rows: number): void {
  const sums = new Float64Array(4);
  const whole = rows - (rows % 4);
  for (let first = 0; first < whole; first += 4) {
    const at = [first * size, (first + 1) * size, (first + 2) * size, (first + 3) * size] as const;
    for (let i = 0; i < size; i++) {
      fourProducts({ vector: lower, offset: i * size, length: i }, data, at, { target: sums, put: 0, step: 1 });
      const pivot = lower[i * size + i]!;
      for (let row = 0; row < 4; row++) data[at[row]! + i] = (data[at[row]! + i]! - sums[row]!) / pivot;
    }
  }
  for (let row = whole; row < rows; row++) solveLower(lower, size, data, row * size);
}

/** Solves `L' x = b` in place for `b` at `offset`. */
export function solveUpper(lower: Float64Array, size: number, vector: Float64Array, offset = 0): void {
  for (let i = size - 1; i >= 0; i--) {
    const value = vector[offset + i]! / lower[i * size + i]!;
    vector[offset + i] = value;
    for (let j = 0; j < i; j++) vector[offset + j]! -= lower[i * size + j]! * value;
  }
}

/** The inverse of a lower triangular matrix, `[size, size]`, lower triangular too. */
export function invertLower(lower: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const target = inverse.subarray(i * size, (i + 1) * size);
    // Row i of the inverse is (e_i - sum over k < i of L_ik row k) / L_ii.
    for (let k = 0; k < i; k++) {
      const factor = lower[i * size + k]!;
      if (factor === 0) continue;
      for (let j = 0; j <= k; j++) target[j]! -= factor * inverse[k * size + j]!;
    }
    target[i] = 1;
    const scale = 1 / lower[i * size + i]!;
    for (let j = 0; j <= i; j++) target[j]! *= scale;
  }
  return inverse;
}
