import { concatenateBytes } from "../../core/index.ts";
import { writeWidened } from "../half.ts";
import {
  attributeFields,
  dataLocations,
  elementTypeCodes,
  entryFields,
  graphFields,
  modelFields,
  nodeFields,
  tensorFields,
  valueFields,
} from "../onnx.ts";
import { bytesField, integerField, type WireField, wireCount, wireFields, wireInteger } from "../wire.ts";

/**
 * Constants that a file keeps in fewer bytes (`encodeModel`'s `compact`), written out as they are needed: an engine does it too, with
 * its own operations and as one of many steps of optimising, which takes several times as long. Only the outermost layers of the file are
 * read, so that this is small enough for a page.
 */

/** An ONNX file whose larger constants lie in a file beside it, as ONNX's external data. */
export interface UnpackedModel {
  readonly bytes: Uint8Array;
  /** The content of the file {@link unpackedFile}, float32, little-endian. */
  readonly weights: Uint8Array;
  /** Operations of the graph, each once. */
  readonly operations: ReadonlySet<string>;
}

/** What the ONNX file calls the file with its constants. */
export const unpackedFile = "weights";

/** A part of a message that was read: a constant or an operation. */
interface Part {
  readonly field: WireField;
}

interface Constant extends Part {
  readonly name: string;
  readonly type: number;
  /** Its sizes, as they stand in the file, and how many there are. */
  readonly dimensions: readonly Uint8Array[];
  readonly rank: number;
  readonly raw: Uint8Array | undefined;
}

interface Operation extends Part {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Of a Cast: the code of the type that it makes. */
  readonly to: number | undefined;
  readonly hasOtherAttributes: boolean;
  readonly hasGraphs: boolean;
}

/** How a constant is written out, in the place of the operation that would make it. */
interface Unpacked {
  readonly name: string;
  readonly dimensions: readonly Uint8Array[];
  readonly count: number;
  /** Writes its numbers; false where they are not what they should be. */
  readonly write: (numbers: Float32Array) => boolean;
}

/**
 * The same network with its constants written out; undefined where none is kept in fewer bytes, or where the file is of a kind that is
 * left to the engine.
 * @throws {TF_GRAPH_INVALID} when the bytes are not a protocol buffer
 */
export function unpackConstants(bytes: Uint8Array): UnpackedModel | undefined {
  const model = [...wireFields(bytes)];
  const graphs = model.filter(({ number }) => number === modelFields.graph);
  const [graph] = graphs;
  if (graph === undefined || graphs.length > 1) return undefined;
  const fields = [...wireFields(graph.content)];
  const operations = fields.filter(({ number }) => number === graphFields.node).map(readOperation);
  // A graph within the graph may use constants of the outer one.
  if (operations.some(({ hasGraphs }) => hasGraphs)) return undefined;
  const constants = fields.filter(({ number }) => number === graphFields.initializer).map(readConstant);
  const made = unpackAll(operations, new Map(constants.map((constant) => [constant.name, constant])));
  if (made.size === 0) return undefined;

  const outputs = fields.filter(({ number }) => number === graphFields.output).map(({ content }) => textOf(content, valueFields.name));
  const unused = withoutUse(operations, made, outputs);
  const gone = new Set<WireField>([...made.keys(), ...unused.operations].map(({ field }) => field));
  for (const { name, field } of constants) if (unused.constants.has(name)) gone.add(field);
  const unpacked = [...made.values()];
  const weights = writeAll(unpacked);
  // A code that points behind its list: the engine says so in its own words.
  if (weights === undefined) return undefined;
  const content = concatenateBytes([
    ...fields.filter((field) => !gone.has(field)).map(({ start, end }) => graph.content.subarray(start, end)),
    ...describeExternal(unpacked),
  ]);
  return {
    bytes: concatenateBytes(
      model.map((field) => (field === graph ? bytesField(modelFields.graph, content) : bytes.subarray(field.start, field.end))),
    ),
    weights,
    operations: new Set(operations.filter(({ field }) => !gone.has(field)).map(({ op }) => op)),
  };
}

function unpackAll(operations: readonly Operation[], constants: ReadonlyMap<string, Constant>): ReadonlyMap<Operation, Unpacked> {
  const codes = new Map<string, Constant>();
  const made = new Map<Operation, Unpacked>();
  for (const operation of operations) {
    const [first = "", second = ""] = operation.inputs;
    const [name] = operation.outputs;
    const constant = constants.get(first);
    if (name === undefined || constant?.raw === undefined || operation.hasOtherAttributes) continue;
    const { dimensions, rank, raw, type } = constant;
    if (operation.op === "Cast" && type === elementTypeCodes.uint8 && operation.to === elementTypeCodes.int32) codes.set(name, constant);
    if (operation.op === "Cast" && type === elementTypeCodes.float16 && operation.to === elementTypeCodes.float32)
      made.set(operation, {
        name,
        dimensions,
        count: raw.length / 2,
        write: (numbers) => {
          writeWidened(new Uint16Array(aligned(raw)), numbers);
          return true;
        },
      });
    const indices = codes.get(second);
    // Of a table of more than one axis a code picks a whole row.
    if (operation.op !== "Gather" || type !== elementTypeCodes.float32 || rank !== 1 || indices?.raw === undefined) continue;
    const places = indices.raw;
    made.set(operation, {
      name,
      dimensions: indices.dimensions,
      count: places.length,
      write: (numbers) => pick(new Float32Array(aligned(raw)), places, numbers),
    });
  }
  return made;
}

/** All numbers behind each other; undefined where some are not what they should be. */
function writeAll(unpacked: readonly Unpacked[]): Uint8Array | undefined {
  const whole = new Float32Array(unpacked.reduce((sum, { count }) => sum + count, 0));
  let offset = 0;
  for (const { count, write } of unpacked) {
    if (!write(whole.subarray(offset, offset + count))) return undefined;
    offset += count;
  }
  return new Uint8Array(whole.buffer);
}

function pick(list: Float32Array, codes: Uint8Array, numbers: Float32Array): boolean {
  let largest = 0;
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index]!;
    if (code > largest) largest = code;
    numbers[index] = list[code]!;
  }
  return largest < list.length;
}

/** In memory of its own, which begins where numbers of several bytes may. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** What only served to make the constants that are written out now. */
function withoutUse(
  operations: readonly Operation[],
  made: ReadonlyMap<Operation, Unpacked>,
  outputs: readonly string[],
): { readonly operations: readonly Operation[]; readonly constants: ReadonlySet<string> } {
  const gone = new Set(made.keys());
  const usedBy = (): ReadonlySet<string> =>
    new Set([...operations.filter((operation) => !gone.has(operation)).flatMap(({ inputs }) => inputs), ...outputs]);
  const mayGo = new Set([...gone].flatMap(({ inputs }) => inputs));
  const before = usedBy();
  const casts = operations.filter(({ op, outputs: [name = ""] }) => op === "Cast" && mayGo.has(name) && !before.has(name));
  for (const cast of casts) {
    gone.add(cast);
    for (const input of cast.inputs) mayGo.add(input);
  }
  const used = usedBy();
  return { operations: casts, constants: new Set([...mayGo].filter((name) => !used.has(name))) };
}

/** The constants as the graph names them, with the places of their numbers. */
function describeExternal(unpacked: readonly Unpacked[]): Uint8Array[] {
  let offset = 0;
  return unpacked.map(({ name, dimensions, count }) => {
    const length = count * Float32Array.BYTES_PER_ELEMENT;
    const place = { location: unpackedFile, offset: String(offset), length: String(length) };
    offset += length;
    const tensor = [
      ...dimensions,
      integerField(tensorFields.dataType, elementTypeCodes.float32),
      bytesField(tensorFields.name, encoded(name)),
      ...Object.entries(place).map(([key, value]) =>
        bytesField(
          tensorFields.externalData,
          concatenateBytes([bytesField(entryFields.key, encoded(key)), bytesField(entryFields.value, encoded(value))]),
        ),
      ),
      integerField(tensorFields.dataLocation, dataLocations.outside),
    ];
    return bytesField(graphFields.initializer, concatenateBytes(tensor));
  });
}

function readConstant(field: WireField): Constant {
  const { content } = field;
  const parts = [...wireFields(content)];
  const type = parts.find(({ number }) => number === tensorFields.dataType);
  const sizes = parts.filter(({ number }) => number === tensorFields.dims);
  return {
    field,
    name: textOf(content, tensorFields.name),
    type: type === undefined ? 0 : wireInteger(content, type),
    dimensions: sizes.map(({ start, end }) => content.subarray(start, end)),
    rank: sizes.reduce((sum, size) => sum + wireCount(size), 0),
    raw: parts.find(({ number }) => number === tensorFields.rawData)?.content,
  };
}

function readOperation(field: WireField): Operation {
  const { content } = field;
  const parts = [...wireFields(content)];
  const texts = (wanted: number): string[] => parts.filter(({ number }) => number === wanted).map((part) => decoded(part.content));
  const attributes = parts.filter(({ number }) => number === nodeFields.attribute).map((part) => part.content);
  const to = attributes.find((attribute) => textOf(attribute, attributeFields.name) === "to");
  const [domain = ""] = texts(nodeFields.domain);
  return {
    field,
    op: domain === "" ? (texts(nodeFields.op)[0] ?? "") : `${domain}.${texts(nodeFields.op)[0] ?? ""}`,
    inputs: texts(nodeFields.input),
    outputs: texts(nodeFields.output),
    to: to && integerOf(to, attributeFields.int),
    hasOtherAttributes: attributes.some((attribute) => attribute !== to),
    hasGraphs: attributes.some((attribute) => [...wireFields(attribute)].some(({ number }) => isGraphField(number))),
  };
}

function isGraphField(number: number): boolean {
  return number === attributeFields.graph || number === attributeFields.graphs;
}

function integerOf(message: Uint8Array, wanted: number): number | undefined {
  const field = [...wireFields(message)].find(({ number }) => number === wanted);
  return field && wireInteger(message, field);
}

function textOf(message: Uint8Array, wanted: number): string {
  const field = [...wireFields(message)].find(({ number }) => number === wanted);
  return field === undefined ? "" : decoded(field.content);
}

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
const encoded = (text: string): Uint8Array => encoder.encode(text);
const decoded = (bytes: Uint8Array): string => decoder.decode(bytes);
