import protobuf from "protobufjs/minimal.js";
import { TensorFaceError } from "../core/index.ts";

/**
 * Protocol buffers, read and written field by field. Messages are described where they are used, by field number: no
 * generated code and no code made at run time, so it also works on pages that forbid `eval`.
 */

export type Reader = protobuf.Reader;
export type Writer = protobuf.Writer;

/** What to do with each field, by its number; fields without an entry are skipped. */
export type FieldReaders = Readonly<Record<number, (reader: Reader, wireType: number) => void>>;

/**
 * Reads one whole message.
 * @throws {TF_GRAPH_INVALID} when the bytes are not a protocol buffer
 */
export function readMessage(bytes: Uint8Array, fields: FieldReaders): void {
  try {
    readFields(new protobuf.Reader(bytes), bytes.length, fields);
  } catch (error) {
    if (error instanceof TensorFaceError) throw error;
    throw new TensorFaceError("TF_GRAPH_INVALID", "the file is damaged, or it is not a protocol buffer", { cause: error });
  }
}

/** Reads a message that stands inside another one, behind its length. */
export function readNested(reader: Reader, fields: FieldReaders): void {
  const length = reader.uint32();
  readFields(reader, reader.pos + length, fields);
}

function readFields(reader: Reader, end: number, fields: FieldReaders): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    const read = fields[tag >>> 3];
    if (read === undefined) reader.skipType(tag & 7);
    else read(reader, tag & 7);
  }
  if (reader.pos !== end) throw new RangeError(`a message ends at ${end}, its last field at ${reader.pos}`);
}

/** A 64-bit integer as a number. ONNX and TensorFlow keep sizes and enumerations in these. */
export function readInteger(reader: Reader): number {
  return Number(readBigInteger(reader));
}

/** A 64-bit integer without loss. */
export function readBigInteger(reader: Reader): bigint {
  const value = reader.int64();
  return typeof value === "number" ? BigInt(value) : (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}

const lengthDelimited = 2;

/** Reads a repeated number that may stand alone or packed, and hands over each one. */
export function readRepeated<Value>(reader: Reader, wireType: number, read: (reader: Reader) => Value, take: (value: Value) => void): void {
  if (wireType !== lengthDelimited) {
    take(read(reader));
    return;
  }
  const length = reader.uint32();
  const end = reader.pos + length;
  while (reader.pos < end) take(read(reader));
  if (reader.pos !== end) throw new RangeError(`a list ends at ${end}, its last number at ${reader.pos}`);
}

/** Writes one whole message. */
export function writeMessage(write: (writer: Writer) => void): Uint8Array {
  const writer = new protobuf.Writer();
  write(writer);
  return writer.finish();
}

/** The largest 64-bit integer, in halves. No double is it: files that say "to the end" with it come in as 2^63. */
const largestInteger = { low: -1, high: 0x7fffffff, unsigned: false } as const;

function writeInteger(writer: Writer, value: number): void {
  writer.int64(value >= 2 ** 63 ? largestInteger : value);
}

/** Writers of single fields. Empty texts and zeros are written too: ONNX tells them from absent ones. */
export const field = {
  integer: (writer: Writer, id: number, value: number): void => writeInteger(writer.uint32(id << 3), value),
  float: (writer: Writer, id: number, value: number): void => void writer.uint32((id << 3) | 5).float(value),
  text: (writer: Writer, id: number, value: string): void => void writer.uint32((id << 3) | 2).string(value),
  bytes: (writer: Writer, id: number, value: Uint8Array): void => void writer.uint32((id << 3) | 2).bytes(value),
  integers: (writer: Writer, id: number, values: readonly number[]): void => {
    if (values.length === 0) return;
    writer.uint32((id << 3) | 2).fork();
    for (const value of values) writeInteger(writer, value);
    writer.ldelim();
  },
  floats: (writer: Writer, id: number, values: readonly number[]): void => {
    if (values.length === 0) return;
    writer.uint32((id << 3) | 2).fork();
    for (const value of values) writer.float(value);
    writer.ldelim();
  },
  message: (writer: Writer, id: number, write: (writer: Writer) => void): void => {
    writer.uint32((id << 3) | 2).fork();
    write(writer);
    writer.ldelim();
  },
};
