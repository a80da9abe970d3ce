/**
 * Numbers of ONNX's public format (onnx.proto3 of the ONNX project): field numbers of the messages that are read and
 * written here, and the codes of types.
 */

/** The version of the operators that every graph of this project speaks: the first with Gelu, read by all current engines. */
export const defaultOpset = 20;

/** The versions of the file format, each with the first operator set that came with it. */
const irVersions = [
  [25, 13],
  [24, 12],
  [23, 11],
  [21, 10],
  [19, 9],
  [15, 8],
  [12, 7],
  [11, 6],
  [10, 5],
] as const;

/** The version of the file format for an operator set; never below 4, the first whose constants need not be inputs too. */
export function irVersionOf(opset: number): number {
  return irVersions.find(([first]) => opset >= first)?.[1] ?? 4;
}

export const modelFields = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  graph: 7,
  opsetImport: 8,
  metadata: 14,
  functions: 25,
} as const;
export const opsetFields = { domain: 1, version: 2 } as const;
export const entryFields = { key: 1, value: 2 } as const;
export const graphFields = { node: 1, name: 2, initializer: 5, input: 11, output: 12, sparseInitializer: 15 } as const;
export const nodeFields = { input: 1, output: 2, name: 3, op: 4, attribute: 5, domain: 7 } as const;
export const attributeFields = {
  name: 1,
  float: 2,
  int: 3,
  string: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  graphs: 11,
  type: 20,
} as const;
export const tensorFields = {
  dims: 1,
  dataType: 2,
  floats: 4,
  int32s: 5,
  int64s: 7,
  name: 8,
  rawData: 9,
  externalData: 13,
  dataLocation: 14,
} as const;
/** Where a tensor's numbers are: a file may still say in which other one they once were. */
export const dataLocations = { inside: 0, outside: 1 } as const;
export const valueFields = { name: 1, type: 2 } as const;
export const typeFields = { tensor: 1 } as const;
export const tensorTypeFields = { elementType: 1, shape: 2 } as const;
export const shapeFields = { dimension: 1 } as const;
export const dimensionFields = { value: 1, parameter: 2 } as const;

export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;

export const elementTypeCodes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
} as const;
