/** A field of a TIFF directory: tag, type (3 SHORT, 4 LONG) and value. */
type Field = readonly [tag: number, type: 3 | 4, value: number];

export interface TiffOptions {
  readonly width: number;
  readonly height: number;
  readonly bits: 8 | 16;
  /** PhotometricInterpretation. */
  readonly photometric: number;
  /** `[height, width, 3]`, little-endian. */
  readonly samples: Uint8Array;
}

/** An uncompressed little-endian TIFF file of three samples a pixel (TIFF 6.0): what libraries do not write, tests need. */
export function writeTiff({ width, height, bits, photometric, samples }: TiffOptions): Uint8Array {
  const fieldCount = 9;
  const bitsAt = 8 + 2 + fieldCount * 12 + 4;
  const samplesAt = bitsAt + 6;
  const fields: readonly Field[] = [
    [256, 3, width],
    [257, 3, height],
    [258, 3, bitsAt],
    [259, 3, 1],
    [262, 3, photometric],
    [273, 4, samplesAt],
    [277, 3, 3],
    [278, 3, height],
    [279, 4, samples.length],
  ];
  const bytes = new Uint8Array(samplesAt + samples.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x49492a00);
  view.setUint32(4, 8, true);
  view.setUint16(8, fieldCount, true);
  for (const [index, [tag, type, value]] of fields.entries()) {
    const at = 10 + index * 12;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    // Only the bits of each sample are several: they stand behind the directory.
    view.setUint32(at + 4, tag === 258 ? 3 : 1, true);
    view.setUint32(at + 8, value, true);
  }
  for (let sample = 0; sample < 3; sample++) view.setUint16(bitsAt + 2 * sample, bits, true);
  bytes.set(samples, samplesAt);
  return bytes;
}
