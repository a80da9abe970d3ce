import type { Histogram } from "./tensorboard-histogram.ts";

/**
 * TensorBoard's event files, as far as curves need them: TFRecord framing (length, masked CRC-32C, bytes, masked CRC-32C) around
 * protobuf messages `tensorflow.Event { wall_time = 1: double; step = 2: int64; file_version = 3: string; summary = 5 }` with
 * `Summary { value = 1: { tag = 1: string; simple_value = 2: float; histo = 5: HistogramProto } }`.
 */

/** CRC-32C (Castagnoli), reflected polynomial 0x82f63b78. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

/** CRC-32C of bytes, 32 bits without sign (RFC 3720, B.4 gives test values). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** TFRecord stores checksums rotated and shifted, so that a checksum of data with checksums inside is still one. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** One record of a TFRecord file. */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return record;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

function field(number: number, type: number, payload: Iterable<number>): number[] {
  return [...varint(number * 8 + type), ...payload];
}

function lengthDelimited(number: number, payload: ArrayLike<number> & Iterable<number>): number[] {
  return field(number, wire.bytes, [...varint(payload.length), ...payload]);
}

function packedDoubles(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  for (const [index, value] of values.entries()) view.setFloat64(index * 8, value, true);
  return new Uint8Array(view.buffer);
}

function littleEndian(value: number, bytes: 4 | 8): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  if (bytes === 8) view.setFloat64(0, value, true);
  else view.setFloat32(0, value, true);
  return new Uint8Array(view.buffer);
}

/** The record that an event file begins with. */
export function encodeFileVersion(wallTimeSeconds: number): Uint8Array {
  const version = new TextEncoder().encode("brain.Event:2");
  return encodeRecord(Uint8Array.from([...field(1, wire.fixed64, littleEndian(wallTimeSeconds, 8)), ...lengthDelimited(3, version)]));
}

/** A record with one number for each curve, by tag ("train/loss"). */
export function encodeScalars(wallTimeSeconds: number, step: number, scalars: Readonly<Record<string, number>>): Uint8Array {
  return encodeSummary(wallTimeSeconds, step, { scalars });
}

/** What one record tells of a step. */
export interface Summary {
  /** One number for each curve, by tag. */
  readonly scalars?: Readonly<Record<string, number>>;
  readonly histograms?: Readonly<Record<string, Histogram>>;
}

/** A record with the numbers and histograms of one step. */
export function encodeSummary(wallTimeSeconds: number, step: number, { scalars = {}, histograms = {} }: Summary): Uint8Array {
  const tagged = (tag: string, value: readonly number[]): number[] =>
    lengthDelimited(1, [...lengthDelimited(1, new TextEncoder().encode(tag)), ...value]);
  const values = [
    ...Object.entries(scalars).flatMap(([tag, value]) => tagged(tag, field(2, wire.fixed32, littleEndian(value, 4)))),
    ...Object.entries(histograms).flatMap(([tag, histogram]) => tagged(tag, lengthDelimited(5, encodeHistogram(histogram)))),
  ];
  const time = field(1, wire.fixed64, littleEndian(wallTimeSeconds, 8));
  return encodeRecord(Uint8Array.from([...time, ...field(2, wire.varint, varint(step)), ...lengthDelimited(5, values)]));
}

/** `HistogramProto { min = 1; max = 2; num = 3; sum = 4; sum_squares = 5; bucket_limit = 6; bucket = 7 }`, all double. */
function encodeHistogram({ minimum, maximum, count, sum, sumOfSquares, limits, counts }: Histogram): number[] {
  const numbers = [minimum, maximum, count, sum, sumOfSquares].flatMap((value, index) =>
    field(index + 1, wire.fixed64, littleEndian(value, 8)),
  );
  return [...numbers, ...lengthDelimited(6, packedDoubles(limits)), ...lengthDelimited(7, packedDoubles(counts))];
}

/** A record of an event file, and what it tells where. */
export interface EventRecord {
  /** The record with its frame, as it stands in the file. */
  readonly bytes: Uint8Array;
  readonly step: number;
  /** Of the first number or histogram; `undefined` in the record that a file begins with. */
  readonly tag: string | undefined;
}

/**
 * The records of an event file that {@link encodeFileVersion} and {@link encodeSummary} have written. A last one that was cut off, as a
 * killed process leaves it, is left out.
 * @returns `undefined` for bytes that are no event file, or a damaged one
 */
export function decodeRecords(bytes: Uint8Array): EventRecord[] | undefined {
  const records: EventRecord[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 12 <= bytes.length;) {
    if (view.getUint32(at + 8, true) !== maskedCrc(bytes.subarray(at, at + 8))) return undefined;
    const end = at + 16 + Number(view.getBigUint64(at, true));
    if (end > bytes.length) break;
    const data = bytes.subarray(at + 12, end - 4);
    if (view.getUint32(end - 4, true) !== maskedCrc(data)) return undefined;
    records.push({ bytes: bytes.subarray(at, end), ...readEvent(data) });
    at = end;
  }
  return records;
}

function readEvent(event: Uint8Array): Pick<EventRecord, "step" | "tag"> {
  const fields = readFields(event);
  const step = fields.get(2);
  const nested = [5, 1, 1].reduce<FieldValue | undefined>(
    (message, number) => (message instanceof Uint8Array ? readFields(message).get(number) : undefined),
    event,
  );
  return { step: typeof step === "number" ? step : 0, tag: nested instanceof Uint8Array ? new TextDecoder().decode(nested) : undefined };
}

/** The number of a varint, the bytes of everything else. */
type FieldValue = number | Uint8Array;

/** The fields of a message by number; of a repeated one, the first. */
function readFields(message: Uint8Array): ReadonlyMap<number, FieldValue> {
  const fields = new Map<number, FieldValue>();
  let at = 0;
  const readVarint = (): number => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const readBytes = (length: number): Uint8Array => message.subarray(at, (at += length));
  while (at < message.length) {
    const key = readVarint();
    const type = key & 7;
    const value = type === wire.varint ? readVarint() : readBytes(type === wire.bytes ? readVarint() : type === wire.fixed64 ? 8 : 4);
    const number = Math.floor(key / 8);
    if (!fields.has(number)) fields.set(number, value);
  }
  return fields;
}
