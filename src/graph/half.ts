/** An IEEE 754 binary16 number from its 16 bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Numbers of half precision as binary32, which holds each of them exactly. */
export function widenHalfs(halfs: Uint16Array): Float32Array {
  const numbers = new Float32Array(halfs.length);
  writeWidened(halfs, numbers);
  return numbers;
}

/** What the exponents of both kinds begin at differs by so much: 127 and 15. */
const betweenExponents = 2 ** 112;
const largestExponent = 0x7c00;

/**
 * The same, into memory that is there. By bits and one product, without a table: what loads networks does it once.
 * @param numbers as many as `halfs`
 */
export function writeWidened(halfs: Uint16Array, numbers: Float32Array): void {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  for (let index = 0; index < halfs.length; index++) {
    const half = halfs[index]!;
    if ((half & largestExponent) === largestExponent) numbers[index] = halfToNumber(half);
    else {
      bits[index] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
      numbers[index] = numbers[index]! * betweenExponents;
    }
  }
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
