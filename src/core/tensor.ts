/** The element types that networks take and give here, by their ONNX names. */
export interface TensorDataByType {
  readonly float32: Float32Array;
  readonly uint8: Uint8Array;
  readonly int8: Int8Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly bool: Uint8Array;
}
export type ElementType = keyof TensorDataByType;

/** A dense array in row-major order. Whoever holds a tensor must not change `data` unless its maker said so. */
export type Tensor = {
  readonly [Type in ElementType]: { readonly type: Type; readonly shape: readonly number[]; readonly data: TensorDataByType[Type] };
}[ElementType];
export type Float32Tensor = Extract<Tensor, { type: "float32" }>;

/** How many elements a shape holds; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function float32Tensor(shape: readonly number[], data: Float32Array = new Float32Array(elementCount(shape))): Float32Tensor {
  return { type: "float32", shape, data };
}
