/** An IEEE 754 binary16 number from its 16 bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** All 65,536 of them: networks have millions. */
let widened: Float32Array | undefined;

/** Numbers of half precision as binary32, which holds each of them exactly. */
export function widenHalfs(halfs: Uint16Array): Float32Array {
  widened ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => halfToNumber(bits));
  const numbers = new Float32Array(halfs.length);
  for (let index = 0; index < halfs.length; index++) numbers[index] = widened[halfs[index]!]!;
  return numbers;
}

/** The bits of numbers that all are binary16 numbers, or undefined where one is not. */
export function toExactHalfs(numbers: Float32Array): Uint16Array | undefined {
  const halfs = new Uint16Array(numbers.length);
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  for (let index = 0; index < numbers.length; index++) {
    const half = exactHalf(bits[index]!, numbers[index]!);
    if (half === undefined) return undefined;
    halfs[index] = half;
  }
  return halfs;
}

/** @param bits of the number as binary32 */
function exactHalf(bits: number, value: number): number | undefined {
  const sign = (bits >>> 16) & 0x8000;
  if ((bits & 0x7fffffff) === 0) return sign;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  if (exponent > 15) return undefined;
  // Small numbers are multiples of 2^-24, without a leading one.
  const fraction = exponent < -14 ? Math.abs(value) * 2 ** 24 : (bits & 0x7fffff) / 2 ** 13;
  if (!Number.isInteger(fraction)) return undefined;
  return exponent < -14 ? sign | fraction : sign | ((exponent + 15) << 10) | fraction;
}
