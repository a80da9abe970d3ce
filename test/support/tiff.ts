/** A field of a TIFF directory: tag, type (3 SHORT, 4 LONG) and value. */
type Field = readonly [tag: number, type: 3 | 4, value: number];

export interface TiffOptions {
  readonly width: number;
  readonly height: number;
  readonly bits: 8 | 16;
  /** PhotometricInterpretation. */
  readonly photometric: number;
  /** `[height, width, channels]`, little-endian. */
  readonly samples: Uint8Array;
  /** The last of 4 or 5 is how opaque a pixel is. @default 3 */
  readonly channels?: 3 | 4 | 5;
}

/** An uncompressed little-endian TIFF file (TIFF 6.0): what libraries do not write, tests need. */
export function writeTiff({ width, height, bits, photometric, samples, channels = 3 }: TiffOptions): Uint8Array {
  const fieldCount = channels > 3 ? 10 : 9;
  const bitsAt = 8 + 2 + fieldCount * 12 + 4;
  const samplesAt = bitsAt + 2 * channels;
  const fields: readonly Field[] = [
    [256, 3, width],
    [257, 3, height],
    [258, 3, bitsAt],
    [259, 3, 1],
    [262, 3, photometric],
    [273, 4, samplesAt],
    [277, 3, channels],
    [278, 3, height],
    [279, 4, samples.length],
    // Not multiplied into the colours.
    ...(channels > 3 ? [[338, 3, 2] as const] : []),
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
    view.setUint32(at + 4, tag === 258 ? channels : 1, true);
    view.setUint32(at + 8, value, true);
  }
  for (let sample = 0; sample < channels; sample++) view.setUint16(bitsAt + 2 * sample, bits, true);
  bytes.set(samples, samplesAt);
  return bytes;
}
