/** Side of the picture that is hashed, and of the block of low frequencies that is kept. */
const side = 32;
const kept = 8;

/** `cosines[k * side + n]`: the basis of the discrete cosine transform (DCT-II) without its constant, frequencies 1 to 8. */
const cosines = Float64Array.from({ length: kept * side }, (_, index) => {
  const frequency = Math.floor(index / side) + 1;
  return Math.cos((Math.PI / side) * ((index % side) + 0.5) * frequency);
});

/**
 * A 64-bit perceptual hash (after the DCT hash of Zauner, 2010): of a 32 x 32 brightness picture the 8 x 8 lowest frequencies
 * without the constant ones, each bit says whether one is above their median. Recompressed, scaled or slightly brightened
 * copies differ in few bits.
 * @param luma `[32, 32]`
 * @returns 16 hexadecimal digits
 */
export function perceptualHash(luma: Float32Array): string {
  const half = new Float64Array(side * kept); // [row, horizontal frequency]
  for (let y = 0; y < side; y++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0;
      for (let x = 0; x < side; x++) sum += luma[y * side + x]! * cosines[u * side + x]!;
      half[y * kept + u] = sum;
    }
  }
  const coefficients = new Float64Array(kept * kept); // [vertical, horizontal frequency]
  for (let v = 0; v < kept; v++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0;
      for (let y = 0; y < side; y++) sum += half[y * kept + u]! * cosines[v * side + y]!;
      coefficients[v * kept + u] = sum;
    }
  }
  return toHexadecimal(coefficients);
}

function toHexadecimal(coefficients: Float64Array): string {
  const ordered = coefficients.toSorted();
  const median = (ordered[31]! + ordered[32]!) / 2;
  let text = "";
  for (let digit = 0; digit < 16; digit++) {
    let value = 0;
    for (let bit = 0; bit < 4; bit++) value = value * 2 + Number(coefficients[digit * 4 + bit]! > median);
    text += value.toString(16);
  }
  return text;
}

/** Bits that are set in a 32-bit number. */
export function countBits(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** Hashes as pairs of 32-bit numbers, `[n, 2]`. */
export function packHashes(hashes: readonly string[]): Uint32Array {
  const packed = new Uint32Array(hashes.length * 2);
  for (const [index, hash] of hashes.entries()) {
    packed[index * 2] = Number.parseInt(hash.slice(0, 8), 16);
    packed[index * 2 + 1] = Number.parseInt(hash.slice(8), 16);
  }
  return packed;
}
