import protobuf from "protobufjs/minimal.js";
import { entryFields, modelFields } from "./onnx.ts";
import { field, readMessage, readNested, writeMessage, type Reader } from "./protobuf.ts";

/**
 * The free key and value pairs of an ONNX file (`metadata_props`), without reading its graph.
 * @throws {TF_GRAPH_INVALID} when the bytes are not a protocol buffer
 */
export function readMetadata(bytes: Uint8Array): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  readMessage(bytes, {
    [modelFields.metadata]: (reader) => {
      const { key, value } = readEntry(reader);
      entries.set(key, value);
    },
  });
  return entries;
}

/**
 * The same ONNX file with other pairs: those of `entries` in place of any of the same keys, the rest as it is, byte by byte.
 * @throws {TF_GRAPH_INVALID} when the bytes are not a protocol buffer
 */
export function withMetadata(bytes: Uint8Array, entries: Readonly<Record<string, string>>): Uint8Array {
  const kept = withoutMetadata(bytes, Object.keys(entries));
  // The order of fields is free, so what is added may stand last.
  const added = writeMessage((writer) => {
    for (const [key, value] of Object.entries(entries)) {
      field.message(writer, modelFields.metadata, (inner) => {
        field.text(inner, entryFields.key, key);
        field.text(inner, entryFields.value, value);
      });
    }
  });
  return concatenate([kept, added]);
}

/** The same ONNX file without the pairs of some keys. @throws {TF_GRAPH_INVALID} when the bytes are not a protocol buffer */
export function withoutMetadata(bytes: Uint8Array, keys: readonly string[]): Uint8Array {
  const kept = [...topLevelFields(bytes)].filter(({ key }) => key === undefined || !keys.includes(key));
  return concatenate(kept.map(({ start, end }) => bytes.subarray(start, end)));
}

function readEntry(reader: Reader): { readonly key: string; readonly value: string } {
  let key = "";
  let value = "";
  readNested(reader, {
    [entryFields.key]: (inner) => {
      key = inner.string();
    },
    [entryFields.value]: (inner) => {
      value = inner.string();
    },
  });
  return { key, value };
}

interface FieldRange {
  readonly start: number;
  readonly end: number;
  /** Of a pair of the metadata. */
  readonly key: string | undefined;
}

function* topLevelFields(bytes: Uint8Array): Generator<FieldRange> {
  // Refuses what is no protocol buffer before any of it is taken apart.
  readMessage(bytes, {});
  const reader = new protobuf.Reader(bytes);
  while (reader.pos < bytes.length) {
    const start = reader.pos;
    const tag = reader.uint32();
    const isEntry = tag >>> 3 === modelFields.metadata;
    const key = isEntry ? readEntry(reader).key : undefined;
    if (!isEntry) reader.skipType(tag & 7);
    yield { start, end: reader.pos, key };
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
