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

/** A tensor of TensorFlow's type from plain numbers; a shorter list repeats its last one. Undefined for types that are not read. */
export function tensorFromNumbers(type: string, shape: readonly number[], numbers: readonly number[]): Tensor | undefined {
  const count = elementCount(shape);
  const given = numbers.slice(0, count);
  const last = given.at(-1) ?? 0;
  const spread = <Data extends { fill(value: number): Data; set(values: readonly number[]): void }>(
    Type: new (length: number) => Data,
  ): Data => {
    const data = new Type(count).fill(last);
    data.set(given);
    return data;
  };
  switch (type) {
    case "DT_FLOAT":
    case "DT_DOUBLE":
      return { type: "float32", shape, data: spread(Float32Array) };
    case "DT_HALF":
      return { type: "float32", shape, data: spread(Float32Array).map(halfToNumber) };
    case "DT_INT32":
      return { type: "int32", shape, data: spread(Int32Array) };
    case "DT_INT64":
      return { type: "int64", shape, data: BigInt64Array.from(spread(Float64Array), BigInt) };
    case "DT_UINT8":
    case "DT_QUINT8":
      return { type: "uint8", shape, data: spread(Uint8Array) };
    case "DT_INT8":
      return { type: "int8", shape, data: spread(Int8Array) };
    case "DT_BOOL":
      return { type: "bool", shape, data: spread(Uint8Array) };
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
