import { elementCount, type ElementType, type Tensor, TensorFaceError } from "../../core/index.ts";
import { z } from "zod";

/**
 * The safetensors format: eight bytes of header length (little endian), a JSON header, the tensors' bytes one after another.
 * https://github.com/huggingface/safetensors describes it. Machines here are little endian, as the format is.
 */

const names = { float32: "F32", uint8: "U8", int8: "I8", int32: "I32", int64: "I64", bool: "BOOL" } as const satisfies Record<
  ElementType,
  string
>;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const metadataSchema = z.record(z.string(), z.string());
const headerSchema = z.looseObject({ __metadata__: metadataSchema.optional() });

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const lengthBytes = 8;
/** Data begin at a multiple of this, so that they can be viewed without a copy. */
const alignment = 8;

/** The bytes of a safetensors file; tensors in order of their names, so that equal content gives equal bytes. */
export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  const entries = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { type, shape, data }] of entries) {
    header[name] = { dtype: names[type], shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / alignment) * alignment;
  const bytes = new Uint8Array(lengthBytes + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, lengthBytes, lengthBytes + headerLength);
  bytes.set(json, lengthBytes);
  let position = lengthBytes + headerLength;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/**
 * The tensors and metadata of a safetensors file, copied out of `bytes`.
 * @throws {TF_MODEL_INVALID} when the bytes are cut off, lie about their sizes or hold a type that is not known here
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const invalid = (what: string, cause?: unknown): TensorFaceError =>
    new TensorFaceError("TF_MODEL_INVALID", `not a safetensors file: ${what}`, { cause });
  if (bytes.length < lengthBytes) throw invalid(`${bytes.length} bytes`);
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const start = lengthBytes + headerLength;
  if (start > bytes.length) throw invalid(`a header of ${headerLength} bytes in a file of ${bytes.length}`);
  try {
    const { __metadata__: metadata = {}, ...entries } = headerSchema.parse(
      JSON.parse(new TextDecoder().decode(bytes.subarray(lengthBytes, start))),
    );
    const tensors = Object.entries(entries).map(
      ([name, entry]) => [name, readTensor(bytes, start, name, entrySchema.parse(entry))] as const,
    );
    return { tensors: new Map(tensors), metadata };
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

function readTensor(bytes: Uint8Array, start: number, name: string, entry: z.output<typeof entrySchema>): Tensor {
  const [from, to] = entry.data_offsets;
  if (start + to > bytes.length || to < from) throw new RangeError(`"${name}" lies beyond the end of the file`);
  // Not `slice`: Node's Buffer gives a view with it, not a copy.
  const { buffer } = new Uint8Array(bytes.subarray(start + from, start + to));
  const { shape } = entry;
  const tensor = viewTensor(entry.dtype, shape, buffer);
  if (tensor === undefined) throw new RangeError(`"${name}" has the unknown type ${entry.dtype}`);
  if (tensor.data.length !== elementCount(shape))
    throw new RangeError(`"${name}" has ${to - from} bytes for the shape [${shape.join(",")}]`);
  return tensor;
}

function viewTensor(dtype: string, shape: readonly number[], buffer: ArrayBuffer): Tensor | undefined {
  switch (dtype) {
    case names.float32:
      return { type: "float32", shape, data: new Float32Array(buffer) };
    case names.uint8:
      return { type: "uint8", shape, data: new Uint8Array(buffer) };
    case names.int8:
      return { type: "int8", shape, data: new Int8Array(buffer) };
    case names.int32:
      return { type: "int32", shape, data: new Int32Array(buffer) };
    case names.int64:
      return { type: "int64", shape, data: new BigInt64Array(buffer) };
    case names.bool:
      return { type: "bool", shape, data: new Uint8Array(buffer) };
    default:
      return undefined;
  }
}
