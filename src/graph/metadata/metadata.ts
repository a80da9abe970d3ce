import { concatenateBytes } from "../../core/index.ts";
import { entryFields, modelFields } from "../onnx.ts";
import { bytesField, type WireField, wireFields } from "../wire.ts";

/**
 * The free key and value pairs of an ONNX file (`metadata_props`), without reading its graph.
 * @throws {TF_GRAPH_INVALID} when the bytes are not a protocol buffer
 */
export function readMetadata(bytes: Uint8Array): ReadonlyMap<string, string> {
  return new Map([...wireFields(bytes)].flatMap((field) => readEntry(field) ?? []).map(({ key, value }) => [key, value]));
}

/**
 * The same ONNX file with other pairs: those of `entries` in place of any of the same keys, the rest as it is, byte by byte.
 * @throws {TF_GRAPH_INVALID} when the bytes are not a protocol buffer
 */
export function withMetadata(bytes: Uint8Array, entries: Readonly<Record<string, string>>): Uint8Array {
  const kept = withoutMetadata(bytes, Object.keys(entries));
  const text = new TextEncoder();
  // The order of fields is free, so what is added may stand last.
  const added = Object.entries(entries).map(([key, value]) =>
    bytesField(
      modelFields.metadata,
      concatenateBytes([bytesField(entryFields.key, text.encode(key)), bytesField(entryFields.value, text.encode(value))]),
    ),
  );
  return concatenateBytes([kept, ...added]);
}

/** The same ONNX file without the pairs of some keys. @throws {TF_GRAPH_INVALID} when the bytes are not a protocol buffer */
export function withoutMetadata(bytes: Uint8Array, keys: readonly string[]): Uint8Array {
  const kept = [...wireFields(bytes)].filter((field) => !keys.includes(readEntry(field)?.key ?? ""));
  return concatenateBytes(kept.map(({ start, end }) => bytes.subarray(start, end)));
}

/** A pair of the metadata; undefined for any other field. */
function readEntry({ number, content }: WireField): { readonly key: string; readonly value: string } | undefined {
  if (number !== modelFields.metadata) return undefined;
  const text = new TextDecoder();
  const parts = new Map([...wireFields(content)].map((part) => [part.number, text.decode(part.content)]));
  return { key: parts.get(entryFields.key) ?? "", value: parts.get(entryFields.value) ?? "" };
}
