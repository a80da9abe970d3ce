import { compactConstant, plainConstant, storedTensor, type StoredTensor } from "./compact.ts";
import type { Attribute, Dimension, Graph, GraphNode, ValueInfo } from "./model.ts";
import {
  attributeFields,
  attributeTypes,
  defaultOpset,
  dimensionFields,
  elementTypeCodes,
  entryFields,
  graphFields,
  irVersionOf,
  modelFields,
  nodeFields,
  opsetFields,
  shapeFields,
  tensorFields,
  tensorTypeFields,
  typeFields,
  valueFields,
} from "./onnx.ts";
import { field, writeMessage, type Writer } from "./protobuf.ts";

export interface EncodeModelOptions {
  /** What made the file. @default "tensorface" */
  readonly producer?: string;
  /** Version of what made it. @default "" */
  readonly producerVersion?: string;
  /** Free key and value pairs that travel with the network. @default none */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Keeps large constants in fewer bytes where no bit of them is lost: as half precision, or as codes into a list of at most 256
   * numbers. The engine writes them out when it loads the network. @default false
   */
  readonly compact?: boolean;
}

/** The bytes of an ONNX file (`ModelProto`). The same graph gives the same bytes. */
export function encodeModel(graph: Graph, options: EncodeModelOptions = {}): Uint8Array {
  const { producer = "tensorface", producerVersion = "", metadata = {}, compact = false } = options;
  const domains = new Set(["", ...graph.nodes.map((node) => node.domain ?? "")]);
  return writeMessage((writer) => {
    field.integer(writer, modelFields.irVersion, irVersionOf(graph.opsets[""] ?? defaultOpset));
    field.text(writer, modelFields.producerName, producer);
    if (producerVersion !== "") field.text(writer, modelFields.producerVersion, producerVersion);
    field.message(writer, modelFields.graph, (inner) => writeGraph(inner, graph, compact));
    for (const domain of domains) writeOpset(writer, domain, graph.opsets[domain] ?? (domain === "" ? defaultOpset : 1));
    for (const [key, value] of Object.entries(metadata)) {
      field.message(writer, modelFields.metadata, (inner) => {
        field.text(inner, entryFields.key, key);
        field.text(inner, entryFields.value, value);
      });
    }
  });
}

function writeOpset(writer: Writer, domain: string, version: number): void {
  field.message(writer, modelFields.opsetImport, (inner) => {
    field.text(inner, opsetFields.domain, domain);
    field.integer(inner, opsetFields.version, version);
  });
}

function writeGraph(writer: Writer, graph: Graph, compact: boolean): void {
  const constants = [...graph.initializers].map(([name, tensor]) =>
    compact ? compactConstant(name, tensor) : plainConstant(name, tensor),
  );
  const nodes = [...constants.flatMap((constant) => constant.nodes), ...graph.nodes];
  for (const node of nodes) field.message(writer, graphFields.node, (inner) => writeNode(inner, node));
  field.text(writer, graphFields.name, graph.name);
  for (const tensor of constants.flatMap((constant) => constant.tensors)) {
    field.message(writer, graphFields.initializer, (inner) => writeTensor(inner, tensor));
  }
  for (const value of graph.inputs) field.message(writer, graphFields.input, (inner) => writeValue(inner, value));
  for (const value of graph.outputs) field.message(writer, graphFields.output, (inner) => writeValue(inner, value));
}

function writeNode(writer: Writer, node: GraphNode): void {
  for (const input of node.inputs) field.text(writer, nodeFields.input, input);
  for (const output of node.outputs) field.text(writer, nodeFields.output, output);
  field.text(writer, nodeFields.name, node.name);
  field.text(writer, nodeFields.op, node.op);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    field.message(writer, nodeFields.attribute, (inner) => {
      field.text(inner, attributeFields.name, name);
      writeAttributeValue(inner, attribute);
      field.integer(inner, attributeFields.type, attributeTypes[attribute.kind]);
    });
  }
  if (node.domain !== undefined && node.domain !== "") field.text(writer, nodeFields.domain, node.domain);
}

function writeAttributeValue(writer: Writer, attribute: Attribute): void {
  switch (attribute.kind) {
    case "int":
      return field.integer(writer, attributeFields.int, attribute.value);
    case "float":
      return field.float(writer, attributeFields.float, attribute.value);
    case "string":
      return field.text(writer, attributeFields.string, attribute.value);
    case "ints":
      return field.integers(writer, attributeFields.ints, attribute.value);
    case "floats":
      return field.floats(writer, attributeFields.floats, attribute.value);
    case "strings":
      for (const value of attribute.value) field.text(writer, attributeFields.strings, value);
      return;
    case "tensor":
      return field.message(writer, attributeFields.tensor, (inner) => writeTensor(inner, storedTensor("", attribute.value)));
  }
}

/** ONNX keeps raw numbers in little-endian order, which every machine that runs JavaScript today has. */
function writeTensor(writer: Writer, { name, type, shape, data }: StoredTensor): void {
  field.integers(writer, tensorFields.dims, shape);
  field.integer(writer, tensorFields.dataType, elementTypeCodes[type]);
  field.text(writer, tensorFields.name, name);
  field.bytes(writer, tensorFields.rawData, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue(writer: Writer, value: ValueInfo): void {
  field.text(writer, valueFields.name, value.name);
  field.message(writer, valueFields.type, (type) =>
    field.message(type, typeFields.tensor, (tensor) => {
      field.integer(tensor, tensorTypeFields.elementType, elementTypeCodes[value.type]);
      if (value.isShapeUnknown === true) return;
      field.message(tensor, tensorTypeFields.shape, (shape) => {
        for (const size of value.shape) field.message(shape, shapeFields.dimension, (inner) => writeDimension(inner, size));
      });
    }),
  );
}

function writeDimension(writer: Writer, size: Dimension): void {
  if (typeof size === "number") field.integer(writer, dimensionFields.value, size);
  else field.text(writer, dimensionFields.parameter, size);
}
