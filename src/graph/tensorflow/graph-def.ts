import { elementCount, type Tensor, TensorFaceError } from "../../core/index.ts";
import { readBigInteger, readInteger, readMessage, readNested, readRepeated, type Reader } from "../protobuf.ts";
import { dataTypeNames, tensorFromBytes, tensorFromNumbers } from "./data-types.ts";
import type { TensorFlowGraph } from "./graph-model.ts";
import type { AttributeValue, TensorFlowNode } from "./node.ts";

// Field numbers of TensorFlow's public graph.proto, node_def.proto, attr_value.proto, tensor.proto and tensor_shape.proto.
const graphFields = { node: 1 } as const;
const nodeFields = { name: 1, op: 2, input: 3, attributes: 5 } as const;
const entryFields = { key: 1, value: 2 } as const;
const attributeFields = { list: 1, string: 2, integer: 3, float: 4, boolean: 5, type: 6, shape: 7, tensor: 8 } as const;
const listFields = { strings: 2, integers: 3, floats: 4 } as const;
const tensorFields = { type: 1, shape: 2, content: 4, halfs: 13, floats: 5, doubles: 6, int32s: 7, int64s: 10, booleans: 11 } as const;
const shapeFields = { dimension: 2 } as const;
const dimensionFields = { size: 1 } as const;

/**
 * A constant may say one number for all of its elements, so that a few bytes ask for any memory. All constants of a file together may
 * have this many elements that it does not hold: 64 MiB of them.
 */
const mostRepeated = 2 ** 24;

/** How many elements may still be repeated. */
interface Allowance {
  left: number;
}

/**
 * Reads a frozen TensorFlow graph (`GraphDef`, a `.pb` file).
 * @throws {TF_GRAPH_INVALID} when the bytes are damaged, or say far more numbers than they hold
 */
export function readGraphDef(bytes: Uint8Array): TensorFlowGraph {
  const nodes: TensorFlowNode[] = [];
  const allowance = { left: mostRepeated };
  readMessage(bytes, { [graphFields.node]: (reader) => nodes.push(readNode(reader, allowance)) });
  return { nodes, weights: new Map() };
}

function readNode(reader: Reader, allowance: Allowance): TensorFlowNode {
  let name = "";
  let op = "";
  const inputs: string[] = [];
  const attributes = new Map<string, AttributeValue>();
  readNested(reader, {
    [nodeFields.name]: (inner) => {
      name = inner.string();
    },
    [nodeFields.op]: (inner) => {
      op = inner.string();
    },
    [nodeFields.input]: (inner) => inputs.push(inner.string()),
    [nodeFields.attributes]: (inner) => {
      const { key, value } = readEntry(inner, allowance);
      if (value !== undefined) attributes.set(key, value);
    },
  });
  return { name, op, inputs, attributes };
}

function readEntry(reader: Reader, allowance: Allowance): { readonly key: string; readonly value: AttributeValue | undefined } {
  let key = "";
  let value: AttributeValue | undefined;
  readNested(reader, {
    [entryFields.key]: (inner) => {
      key = inner.string();
    },
    [entryFields.value]: (inner) => {
      value = readAttribute(inner, allowance);
    },
  });
  return { key, value };
}

function readAttribute(reader: Reader, allowance: Allowance): AttributeValue | undefined {
  let result: AttributeValue | undefined;
  const set = (value: AttributeValue | undefined): void => {
    result = value;
  };
  readNested(reader, {
    [attributeFields.list]: (inner) => set(readList(inner)),
    [attributeFields.string]: (inner) => set({ kind: "string", value: inner.string() }),
    [attributeFields.integer]: (inner) => set({ kind: "number", value: readInteger(inner) }),
    [attributeFields.float]: (inner) => set({ kind: "number", value: inner.float() }),
    [attributeFields.boolean]: (inner) => set({ kind: "boolean", value: inner.bool() }),
    [attributeFields.type]: (inner) => set({ kind: "type", value: dataTypeName(inner.int32()) }),
    [attributeFields.shape]: (inner) => set({ kind: "shape", value: readShape(inner) }),
    [attributeFields.tensor]: (inner) => set(readTensor(inner, allowance)),
  });
  return result;
}

function readList(reader: Reader): AttributeValue | undefined {
  const strings: string[] = [];
  const numbers: number[] = [];
  const push = (value: number): unknown => numbers.push(value);
  readNested(reader, {
    [listFields.strings]: (inner) => strings.push(inner.string()),
    [listFields.integers]: (inner, wireType) => readRepeated(inner, wireType, readInteger, push),
    [listFields.floats]: (inner, wireType) => readRepeated(inner, wireType, readFloat, push),
  });
  if (strings.length > 0) return { kind: "strings", value: strings };
  return { kind: "numbers", value: numbers };
}

const readFloat = (reader: Reader): number => reader.float();

/** Types that are not read keep a name that says so. */
function dataTypeName(code: number): string {
  return dataTypeNames[code] ?? `type ${code}`;
}

function readShape(reader: Reader): number[] {
  const sizes: number[] = [];
  readNested(reader, {
    [shapeFields.dimension]: (inner) => {
      let size = 0;
      readNested(inner, {
        [dimensionFields.size]: (each) => {
          size = readInteger(each);
        },
      });
      sizes.push(size);
    },
  });
  return sizes;
}

function readTensor(reader: Reader, allowance: Allowance): AttributeValue | undefined {
  let type = "";
  let shape: number[] = [];
  let content: Uint8Array = new Uint8Array();
  const numbers: (number | bigint)[] = [];
  const push = (value: number | bigint): unknown => numbers.push(value);
  readNested(reader, {
    [tensorFields.type]: (inner) => {
      type = dataTypeName(inner.int32());
    },
    [tensorFields.shape]: (inner) => {
      shape = readShape(inner);
    },
    [tensorFields.content]: (inner) => {
      content = inner.bytes();
    },
    [tensorFields.floats]: (inner, wireType) => readRepeated(inner, wireType, readFloat, push),
    [tensorFields.doubles]: (inner, wireType) => readRepeated(inner, wireType, (each) => each.double(), push),
    [tensorFields.int32s]: (inner, wireType) => readRepeated(inner, wireType, (each) => each.int32(), push),
    [tensorFields.halfs]: (inner, wireType) => readRepeated(inner, wireType, (each) => each.int32(), push),
    [tensorFields.int64s]: (inner, wireType) => readRepeated(inner, wireType, readBigInteger, push),
    [tensorFields.booleans]: (inner, wireType) => readRepeated(inner, wireType, (each) => Number(each.bool()), push),
  });
  if (content.length === 0) allowRepeats(shape, numbers.length, allowance);
  const tensor = content.length > 0 ? tensorFromBytes(type, shape, content) : tensorFromNumbers(type, shape, numbers);
  return tensor && isWhole(tensor) ? { kind: "tensor", value: tensor } : undefined;
}

/** Looked at before anything is made. */
function allowRepeats(shape: readonly number[], given: number, allowance: Allowance): void {
  const count = elementCount(shape);
  const isSound = shape.every((size) => size >= 0) && Number.isSafeInteger(count);
  allowance.left -= Math.max(0, count - given);
  if (isSound && allowance.left >= 0) return;
  throw new TensorFaceError(
    "TF_GRAPH_INVALID",
    `a constant of shape [${shape.join(", ")}] is written as ${given} numbers, too few to be believed`,
  );
}

function isWhole(tensor: Tensor): boolean {
  return tensor.data.length === elementCount(tensor.shape);
}
