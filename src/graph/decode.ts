import { elementCount, type Tensor, TensorFaceError } from "../core/index.ts";
import { widenHalfs } from "./half.ts";
import { inSinglePrecision, makesHalfs } from "./single-precision.ts";
import type { Attribute, Dimension, Graph, GraphNode, Opsets, ValueInfo } from "./model.ts";
import {
  attributeFields,
  attributeTypes,
  dataLocations,
  dimensionFields,
  elementTypeCodes,
  graphFields,
  modelFields,
  nodeFields,
  opsetFields,
  shapeFields,
  tensorFields,
  tensorTypeFields,
  typeFields,
  valueFields,
} from "./onnx.ts";
import { readBigInteger, readInteger, readMessage, readNested, readRepeated, type Reader } from "./protobuf.ts";

/**
 * Reads an ONNX file (`ModelProto`). Numbers of half precision become float32, and so does what is computed with them.
 * @throws {TF_GRAPH_INVALID} when the bytes are damaged, hold no graph, or keep weights in other files
 * @throws {TF_GRAPH_UNSUPPORTED_OP} when a node carries what {@link Graph} cannot say, such as a subgraph
 */
export function decodeModel(bytes: Uint8Array): Graph {
  return readModel(bytes).graph;
}

/** A graph as {@link decodeModel} gives it, and whether its file holds halfs, of which engines compute something else. */
export function readModel(bytes: Uint8Array): { readonly graph: Graph; readonly hasHalfs: boolean } {
  let read: ReadGraph | undefined;
  const opsets: Record<string, number> = {};
  readMessage(bytes, {
    [modelFields.graph]: (reader) => {
      read = readGraph(reader);
    },
    [modelFields.opsetImport]: (reader) => {
      const { domain, version } = readOpset(reader);
      opsets[domain] = version;
    },
    [modelFields.functions]: () => {
      throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", "the file defines operations of its own (functions), which are not read");
    },
  });
  if (read === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", "the file holds no ONNX graph");
  const { graph, hasHalfs } = read;
  checkOrder(graph);
  return { graph: { ...graph, opsets: completeOpsets(opsets, graph.nodes) }, hasHalfs };
}

/** @throws {TF_GRAPH_INVALID} unless every value is made once, before it is read */
function checkOrder({ nodes, inputs, outputs, initializers }: Omit<Graph, "opsets">): void {
  const made = new Set([...initializers.keys(), ...inputs.map(({ name }) => name)]);
  const wrong = (what: string): TensorFaceError => new TensorFaceError("TF_GRAPH_INVALID", what);
  for (const node of nodes) {
    const missing = node.inputs.find((input) => input !== "" && !made.has(input));
    if (missing !== undefined) throw wrong(`node "${node.name}" (${node.op}) reads "${missing}", which nothing makes before it`);
    for (const output of node.outputs) {
      if (output !== "" && made.has(output)) throw wrong(`two values are called "${output}"`);
      made.add(output);
    }
  }
  const missing = outputs.find(({ name }) => !made.has(name));
  if (missing !== undefined) throw wrong(`output "${missing.name}" is made by no node`);
}

function readOpset(reader: Reader): { readonly domain: string; readonly version: number } {
  let domain = "";
  let version = 0;
  readNested(reader, {
    [opsetFields.domain]: (inner) => {
      domain = readDomain(inner);
    },
    [opsetFields.version]: (inner) => {
      version = readInteger(inner);
    },
  });
  return { domain, version };
}

/** ONNX's own operators have two names. */
function readDomain(reader: Reader): string {
  const domain = reader.string();
  return domain === "ai.onnx" ? "" : domain;
}

/** @throws {TF_GRAPH_INVALID} where nodes speak an operator set whose version the file does not say: they could mean anything */
function completeOpsets(opsets: Readonly<Record<string, number>>, nodes: readonly GraphNode[]): Opsets {
  const silent = nodes.find(({ domain = "" }) => opsets[domain] === undefined);
  if (silent !== undefined) {
    const domain = silent.domain ?? "ai.onnx";
    throw new TensorFaceError("TF_GRAPH_INVALID", `the file does not say which version of the operators of "${domain}" it means`);
  }
  return opsets;
}

interface ReadGraph {
  readonly graph: Omit<Graph, "opsets">;
  readonly hasHalfs: boolean;
}

function readGraph(reader: Reader): ReadGraph {
  let name = "";
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  const nodes: GraphNode[] = [];
  const initializers = new Map<string, Tensor>();
  let hasHalfs = false;
  readNested(reader, {
    [graphFields.node]: (inner) => nodes.push(readNode(inner)),
    [graphFields.name]: (inner) => {
      name = inner.string();
    },
    [graphFields.initializer]: (inner) => {
      const initializer = readTensor(inner);
      initializers.set(initializer.name, initializer.tensor);
      hasHalfs ||= initializer.isHalf;
    },
    [graphFields.sparseInitializer]: () => {
      throw new TensorFaceError("TF_GRAPH_INVALID", "the file keeps weights as sparse tensors, which are not read");
    },
    [graphFields.input]: (inner) => inputs.push(readValue(inner)),
    [graphFields.output]: (inner) => outputs.push(readValue(inner)),
  });
  hasHalfs ||= nodes.some(makesHalfs) || [...inputs, ...outputs].some(({ type }) => type === "float16");
  // Before IR version 4 initializers had to stand among the inputs too.
  const own = inputs.filter((input) => !initializers.has(input.name));
  return { graph: inSinglePrecision({ name, inputs: own, outputs, nodes, initializers }), hasHalfs };
}

function readNode(reader: Reader): GraphNode {
  let name = "";
  let op = "";
  let domain = "";
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: [string, Attribute | undefined][] = [];
  readNested(reader, {
    [nodeFields.input]: (inner) => inputs.push(inner.string()),
    [nodeFields.output]: (inner) => outputs.push(inner.string()),
    [nodeFields.name]: (inner) => {
      name = inner.string();
    },
    [nodeFields.op]: (inner) => {
      op = inner.string();
    },
    [nodeFields.attribute]: (inner) => attributes.push(readAttribute(inner)),
    [nodeFields.domain]: (inner) => {
      domain = readDomain(inner);
    },
  });
  const known = attributes.map(([key, value]): [string, Attribute] => {
    if (value !== undefined) return [key, value];
    throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${name}" (${op}) has the attribute "${key}" of a kind that is not read`);
  });
  return { name, op, ...(domain === "" ? {} : { domain }), inputs, outputs, attributes: Object.fromEntries(known) };
}

function readAttribute(reader: Reader): [string, Attribute | undefined] {
  let name = "";
  let type = 0;
  let float = 0;
  let int = 0;
  let string = "";
  let tensor: Tensor | undefined;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  readNested(reader, {
    [attributeFields.name]: (inner) => {
      name = inner.string();
    },
    [attributeFields.float]: (inner) => {
      float = inner.float();
    },
    [attributeFields.int]: (inner) => {
      int = readInteger(inner);
    },
    [attributeFields.string]: (inner) => {
      string = inner.string();
    },
    [attributeFields.tensor]: (inner) => {
      ({ tensor } = readTensor(inner));
    },
    [attributeFields.floats]: (inner, wireType) =>
      readRepeated(
        inner,
        wireType,
        (each) => each.float(),
        (value) => floats.push(value),
      ),
    [attributeFields.ints]: (inner, wireType) => readRepeated(inner, wireType, readInteger, (value) => ints.push(value)),
    [attributeFields.strings]: (inner) => strings.push(inner.string()),
    [attributeFields.type]: (inner) => {
      type = inner.int32();
    },
  });
  return [name, chooseAttribute(type, { float, int, string, tensor, floats, ints, strings })];
}

interface AttributeValues {
  readonly float: number;
  readonly int: number;
  readonly string: string;
  readonly tensor: Tensor | undefined;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly string[];
}

function chooseAttribute(type: number, values: AttributeValues): Attribute | undefined {
  switch (type) {
    case attributeTypes.float:
      return { kind: "float", value: values.float };
    case attributeTypes.int:
      return { kind: "int", value: values.int };
    case attributeTypes.string:
      return { kind: "string", value: values.string };
    case attributeTypes.floats:
      return { kind: "floats", value: values.floats };
    case attributeTypes.ints:
      return { kind: "ints", value: values.ints };
    case attributeTypes.strings:
      return { kind: "strings", value: values.strings };
    case attributeTypes.tensor:
      return values.tensor && { kind: "tensor", value: values.tensor };
    default:
      return undefined;
  }
}

interface StoredTensor {
  readonly name: string;
  readonly tensor: Tensor;
  /** The file has half precision; the tensor is float32. */
  readonly isHalf: boolean;
}

function readTensor(reader: Reader): StoredTensor {
  let name = "";
  let code = 0;
  let raw: Uint8Array | undefined;
  let location: number = dataLocations.inside;
  const shape: number[] = [];
  const numbers: number[] = [];
  const integers: bigint[] = [];
  readNested(reader, {
    [tensorFields.dims]: (inner, wireType) => readRepeated(inner, wireType, readInteger, (size) => shape.push(size)),
    [tensorFields.dataType]: (inner) => {
      code = inner.int32();
    },
    [tensorFields.floats]: (inner, wireType) =>
      readRepeated(
        inner,
        wireType,
        (each) => each.float(),
        (value) => numbers.push(value),
      ),
    [tensorFields.int32s]: (inner, wireType) =>
      readRepeated(
        inner,
        wireType,
        (each) => each.int32(),
        (value) => numbers.push(value),
      ),
    [tensorFields.int64s]: (inner, wireType) => readRepeated(inner, wireType, readBigInteger, (value) => integers.push(value)),
    [tensorFields.name]: (inner) => {
      name = inner.string();
    },
    [tensorFields.rawData]: (inner) => {
      raw = inner.bytes();
    },
    [tensorFields.dataLocation]: (inner) => {
      location = inner.int32();
    },
  });
  if (location === dataLocations.outside)
    throw new TensorFaceError("TF_GRAPH_INVALID", `tensor "${name}" keeps its numbers in another file`);
  const tensor = makeTensor(code, shape, { raw: raw && new Uint8Array(raw).buffer, numbers, integers });
  if (tensor === undefined)
    throw new TensorFaceError("TF_GRAPH_INVALID", `tensor "${name}" has the element type ${code}, which is not read`);
  if (tensor.data.length === elementCount(shape)) return { name, tensor, isHalf: code === elementTypeCodes.float16 };
  throw new TensorFaceError("TF_GRAPH_INVALID", `tensor "${name}" of shape [${shape.join(", ")}] holds ${tensor.data.length} numbers`);
}

/** The numbers of a tensor, in one of the three places where ONNX allows them. */
interface TensorNumbers {
  readonly raw: ArrayBuffer | undefined;
  readonly numbers: readonly number[];
  readonly integers: readonly bigint[];
}

/** Absent for element types that are not read. */
function makeTensor(code: number, shape: readonly number[], { raw, numbers, integers }: TensorNumbers): Tensor | undefined {
  const fill = <Data>(type: { new (buffer: ArrayBuffer): Data; from(values: readonly number[]): Data }): Data =>
    raw === undefined ? type.from(numbers) : new type(raw);
  const type = elementTypeOf(code);
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- what is not read here is refused by the caller
  switch (type) {
    case "float32":
      return { type, shape, data: fill(Float32Array) };
    case "int32":
      return { type, shape, data: fill(Int32Array) };
    case "int64":
      return { type, shape, data: raw === undefined ? BigInt64Array.from(integers) : new BigInt64Array(raw) };
    case "int8":
      return { type, shape, data: fill(Int8Array) };
    case "uint8":
    case "bool":
      return { type, shape, data: fill(Uint8Array) };
    // Numbers of half precision are numbers all the same.
    case "float16":
      return { type: "float32", shape, data: widenHalfs(raw === undefined ? Uint16Array.from(numbers) : new Uint16Array(raw)) };
    default:
      return undefined;
  }
}

function elementTypeOf(code: number): ValueInfo["type"] | undefined {
  return elementTypes.find((type) => elementTypeCodes[type] === code);
}

const elementTypes = [
  "float32",
  "uint8",
  "int8",
  "int32",
  "int64",
  "bool",
  "float16",
  "float64",
] as const satisfies readonly (keyof typeof elementTypeCodes)[];

function readValue(reader: Reader): ValueInfo {
  let name = "";
  let code = 0;
  let isShapeUnknown = true;
  const shape: Dimension[] = [];
  const readShape = (inner: Reader): void => {
    isShapeUnknown = false;
    readNested(inner, { [shapeFields.dimension]: (each) => shape.push(readDimension(each, shape.length)) });
  };
  const readType = (inner: Reader): void =>
    readNested(inner, {
      [tensorTypeFields.elementType]: (each) => {
        code = each.int32();
      },
      [tensorTypeFields.shape]: readShape,
    });
  readNested(reader, {
    [valueFields.name]: (inner) => {
      name = inner.string();
    },
    [valueFields.type]: (inner) => readNested(inner, { [typeFields.tensor]: readType }),
  });
  const type = elementTypeOf(code);
  if (type !== undefined) return { name, type, shape, ...(isShapeUnknown && { isShapeUnknown }) };
  throw new TensorFaceError("TF_GRAPH_INVALID", `"${name}" has the element type ${code}, which is not read`);
}

/** A size without a value and without a name is free, and so is one below 0, as engines read it too; it gets the name of its axis. */
function readDimension(reader: Reader, axis: number): Dimension {
  let size: Dimension = `axis${axis}`;
  readNested(reader, {
    [dimensionFields.value]: (inner) => {
      const value = readInteger(inner);
      if (value >= 0) size = value;
    },
    [dimensionFields.parameter]: (inner) => {
      size = inner.string();
    },
  });
  return size;
}
