import type { Float32Tensor, Tensor } from "../core/index.ts";
import { toExactHalfs } from "./half.ts";
import type { GraphNode, ValueInfo } from "./model.ts";
import { elementTypeCodes } from "./onnx.ts";

/** A tensor as it stands in a file: its numbers may be of a type that the project does not compute with. */
export interface StoredTensor {
  readonly name: string;
  readonly type: ValueInfo["type"];
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/** How a constant is stored: the tensors, and the nodes that make it of them. */
export interface StoredConstant {
  readonly tensors: readonly StoredTensor[];
  readonly nodes: readonly GraphNode[];
}

export function storedTensor(name: string, { type, shape, data }: Tensor): StoredTensor {
  return { name, type, shape, data };
}

export function plainConstant(name: string, tensor: Tensor): StoredConstant {
  return { tensors: [storedTensor(name, tensor)], nodes: [] };
}

/** Below this, two more entries in the file are not worth it. */
const smallestWorthwhile = 4096;

/** The constant in the fewest bytes that keep every bit of it. */
export function compactConstant(name: string, tensor: Tensor): StoredConstant {
  if (tensor.type !== "float32" || tensor.data.length < smallestWorthwhile) return plainConstant(name, tensor);
  return listed(name, tensor) ?? halved(name, tensor) ?? plainConstant(name, tensor);
}

/** Weights that were quantised to 8 bits have at most 256 values: one byte each, and the list of values. */
function listed(name: string, { shape, data }: Float32Tensor): StoredConstant | undefined {
  const codes = new Map<number, number>();
  const bytes = new Uint8Array(data.length);
  for (const [index, value] of data.entries()) {
    // A Map takes 0 and -0 for the same key.
    if (Object.is(value, -0)) return undefined;
    const code = codes.get(value) ?? codes.size;
    if (code > 255) return undefined;
    codes.set(value, code);
    bytes[index] = code;
  }
  const [list, code, wide] = [`${name}/values`, `${name}/codes`, `${name}/indices`];
  return {
    tensors: [
      { name: list, type: "float32", shape: [codes.size], data: Float32Array.from(codes.keys()) },
      { name: code, type: "uint8", shape, data: bytes },
    ],
    nodes: [cast(code, wide, "int32"), { name, op: "Gather", inputs: [list, wide], outputs: [name], attributes: {} }],
  };
}

function halved(name: string, { shape, data }: Float32Tensor): StoredConstant | undefined {
  const halfs = toExactHalfs(data);
  if (halfs === undefined) return undefined;
  const half = `${name}/half`;
  return { tensors: [{ name: half, type: "float16", shape, data: halfs }], nodes: [cast(half, name, "float32")] };
}

function cast(from: string, to: string, type: "float32" | "int32"): GraphNode {
  return { name: to, op: "Cast", inputs: [from], outputs: [to], attributes: { to: { kind: "int", value: elementTypeCodes[type] } } };
}
