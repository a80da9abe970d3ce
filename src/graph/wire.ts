import { TensorFaceError } from "../core/index.ts";

/**
 * The outermost layer of a protocol buffer: which fields stand where, and nothing of what is in them. (protobuf.dev, "Encoding".)
 *
 * Not by protobufjs: pages read the metadata of a model that somebody brings, and nothing else of it, and the library would be a tenth of
 * all their scripts.
 */

/** A field of a message. */
export interface WireField {
  readonly number: number;
  /** Where the field begins and ends, its tag included. */
  readonly start: number;
  readonly end: number;
  /** What a field of bytes holds; empty for numbers. */
  readonly content: Uint8Array;
}

/** Wire types by their numbers; groups, which nobody writes any more, are refused. */
const wireTypes = { varint: 0, eightBytes: 1, bytes: 2, fourBytes: 5 } as const;
const longestVarint = 10;

/** The fields of a message, in the order of the bytes. @throws {TF_GRAPH_INVALID} when they are no message, or are cut off */
export function* wireFields(message: Uint8Array): Generator<WireField> {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let count = 0; count < longestVarint; count++) {
      const byte = message[position++];
      if (byte === undefined) throw damaged("it ends inside a number");
      // Not by shifts, which end at 32 bits: files are longer than that.
      value += (byte & 0x7f) * 2 ** (7 * count);
      if (byte < 0x80) return value;
    }
    throw damaged("a number is longer than ten bytes");
  };
  while (position < message.length) {
    const start = position;
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (number === 0) throw damaged("it has a field of the number 0");
    let length = 0;
    if (type === wireTypes.varint) varint();
    else if (type === wireTypes.bytes) length = varint();
    else if (type === wireTypes.eightBytes) length = 8;
    else if (type === wireTypes.fourBytes) length = 4;
    else throw damaged(`it has a field of the kind ${type}`);
    const content = message.subarray(position, position + length);
    position += length;
    if (position > message.length) throw damaged("it ends inside a field");
    yield { number, start, end: position, content: type === wireTypes.bytes ? content : new Uint8Array() };
  }
}

/** A field of bytes with its tag and length before it. */
export function bytesField(number: number, content: Uint8Array): Uint8Array {
  const head = [...varintBytes(number * 8 + wireTypes.bytes), ...varintBytes(content.length)];
  const field = new Uint8Array(head.length + content.length);
  field.set(head);
  field.set(content, head.length);
  return field;
}

/** A field of a whole number from 0 up, with its tag before it. */
export function integerField(number: number, value: number): Uint8Array {
  return Uint8Array.of(...varintBytes(number * 8 + wireTypes.varint), ...varintBytes(value));
}

/** The whole number, from 0 up, of a field that holds one (a varint). @param message the message of which it is a field */
export function wireInteger(message: Uint8Array, { start, end }: WireField): number {
  const bytes = message.subarray(start, end);
  const value = bytes.subarray(bytes.findIndex((byte) => byte < 0x80) + 1);
  return value.reduceRight((sum, byte) => sum * 0x80 + (byte & 0x7f), 0);
}

/** How many whole numbers a field holds that may stand alone or packed. */
export function wireCount({ content }: WireField): number {
  return content.length === 0 ? 1 : content.reduce((count, byte) => count + Number(byte < 0x80), 0);
}

function* varintBytes(value: number): Generator<number> {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) yield (rest % 0x80) + 0x80;
  yield rest;
}

function damaged(reason: string): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_INVALID", `the bytes are no protocol buffer: ${reason}`);
}
