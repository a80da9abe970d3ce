import type { Tensor as EngineTensor, TensorConstructor } from "onnxruntime-common";
import { elementCount, type ElementType, isTypedArray, type Tensor, TensorFaceError } from "../core/index.ts";
import type { TensorInfo } from "./runtime.ts";

/** A view of `tensor` for the engine; it shares the memory. */
export function toEngineTensor(tensor: Tensor, constructor: TensorConstructor): EngineTensor {
  return new constructor(tensor.type, tensor.data, tensor.shape);
}

/**
 * A view of the engine's tensor; it shares the memory.
 * @throws {TF_RUNTIME_FAILED} for an element type that TensorFace does not know, or for data that stayed on the device.
 */
export function fromEngineTensor(name: string, tensor: EngineTensor): Tensor {
  const shape = tensor.dims;
  const { type, data } = tensor;
  if (type === "float32" && isTypedArray(data, "Float32Array")) return { type, shape, data };
  if (type === "int32" && isTypedArray(data, "Int32Array")) return { type, shape, data };
  if (type === "int64" && isTypedArray(data, "BigInt64Array")) return { type, shape, data };
  if (type === "int8" && isTypedArray(data, "Int8Array")) return { type, shape, data };
  if ((type === "uint8" || type === "bool") && isTypedArray(data, "Uint8Array")) return { type, shape, data };
  throw new TensorFaceError("TF_RUNTIME_FAILED", `output "${name}" has the element type ${type}, which TensorFace does not read`);
}

/** Copies the numbers of `source` into the memory of `target`, a tensor of the same type and shape. */
export function copyTensor(source: Tensor, target: Tensor): void {
  if (source.type === "int64" && target.type === "int64") target.data.set(source.data);
  else if (source.type !== "int64" && target.type !== "int64") target.data.set(source.data);
}

const elementTypes: readonly string[] = ["float32", "uint8", "int8", "int32", "int64", "bool"] satisfies readonly ElementType[];

/** Whether the engine's name of an element type is one that TensorFace reads. */
export function isElementType(type: string): type is ElementType {
  return elementTypes.includes(type);
}

/**
 * Compares a tensor with what the network says of the input or output.
 * @throws {TF_SHAPE_MISMATCH} when type, rank or a fixed size differs, or `data` does not hold what `shape` says.
 */
export function checkTensor(role: "input" | "output", info: TensorInfo, tensor: Tensor): void {
  const fits = tensor.shape.length === info.shape.length && info.shape.every((size, axis) => fitsSize(size, tensor.shape[axis]!));
  if (!fits || tensor.type !== info.type) {
    const expected = `${info.type} [${info.shape.join(", ")}]`;
    throw new TensorFaceError(
      "TF_SHAPE_MISMATCH",
      `${role} "${info.name}" expects ${expected}, got ${tensor.type} [${tensor.shape.join(", ")}]`,
    );
  }
  if (tensor.data.length === elementCount(tensor.shape)) return;
  throw new TensorFaceError(
    "TF_SHAPE_MISMATCH",
    `${role} "${info.name}" of shape [${tensor.shape.join(", ")}] needs ${elementCount(tensor.shape)} elements, got ${tensor.data.length}`,
  );
}

function fitsSize(expected: number | string, actual: number): boolean {
  return typeof expected === "string" || expected === actual;
}
