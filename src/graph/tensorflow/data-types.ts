import { elementCount, type Tensor } from "../../core/index.ts";
import { halfToNumber } from "../half.ts";

/** TensorFlow's data types by their number in `types.proto`. */
export const dataTypeNames: Readonly<Record<number, string>> = {
  1: "DT_FLOAT",
  2: "DT_DOUBLE",
  3: "DT_INT32",
  4: "DT_UINT8",
  6: "DT_INT8",
  7: "DT_STRING",
  9: "DT_INT64",
  10: "DT_BOOL",
  12: "DT_QUINT8",
  19: "DT_HALF",
};

/**
 * A tensor of TensorFlow's type from plain numbers; a shorter list repeats its last one. Undefined for types that are not read.
 * @param numbers those of 64 bits as they are: the largest, which means "to the end", is no double
 */
export function tensorFromNumbers(type: string, shape: readonly number[], numbers: readonly (number | bigint)[]): Tensor | undefined {
  const count = elementCount(shape);
  const given = numbers.slice(0, count);
  const spread = <Value extends number | bigint, Data extends { fill(value: Value): Data; set(values: readonly Value[]): void }>(
    Type: new (length: number) => Data,
    valueOf: (number: number | bigint) => Value,
  ): Data => {
    const values = given.map(valueOf);
    const data = new Type(count).fill(values.at(-1) ?? valueOf(0));
    data.set(values);
    return data;
  };
  switch (type) {
    case "DT_FLOAT":
    case "DT_DOUBLE":
      return { type: "float32", shape, data: spread(Float32Array, Number) };
    case "DT_HALF":
      return { type: "float32", shape, data: spread(Float32Array, Number).map(halfToNumber) };
    case "DT_INT32":
      return { type: "int32", shape, data: spread(Int32Array, Number) };
    case "DT_INT64":
      return { type: "int64", shape, data: spread(BigInt64Array, BigInt) };
    case "DT_UINT8":
    case "DT_QUINT8":
      return { type: "uint8", shape, data: spread(Uint8Array, Number) };
    case "DT_INT8":
      return { type: "int8", shape, data: spread(Int8Array, Number) };
    case "DT_BOOL":
      return { type: "bool", shape, data: spread(Uint8Array, Number) };
    default:
      return undefined;
  }
}

/** A tensor of TensorFlow's type from its little-endian bytes. Undefined for types that are not read. */
export function tensorFromBytes(type: string, shape: readonly number[], bytes: Uint8Array): Tensor | undefined {
  // Typed arrays need their start aligned, which a piece of a file is not. (`slice` of Node's Buffer would not copy.)
  const { buffer } = new Uint8Array(bytes);
  switch (type) {
    case "DT_FLOAT":
      return { type: "float32", shape, data: new Float32Array(buffer) };
    case "DT_DOUBLE":
      return { type: "float32", shape, data: Float32Array.from(new Float64Array(buffer)) };
    case "DT_HALF":
      return { type: "float32", shape, data: Float32Array.from(new Uint16Array(buffer), halfToNumber) };
    case "DT_INT32":
      return { type: "int32", shape, data: new Int32Array(buffer) };
    case "DT_INT64":
      return { type: "int64", shape, data: new BigInt64Array(buffer) };
    case "DT_UINT8":
    case "DT_QUINT8":
      return { type: "uint8", shape, data: new Uint8Array(buffer) };
    case "DT_INT8":
      return { type: "int8", shape, data: new Int8Array(buffer) };
    case "DT_BOOL":
      return { type: "bool", shape, data: new Uint8Array(buffer) };
    default:
      return undefined;
  }
}
