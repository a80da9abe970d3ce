import { concatenateBytes, TensorFaceError } from "../core/index.ts";
import { attributeFields, dataLocations, entryFields, graphFields, modelFields, nodeFields, tensorFields } from "./onnx.ts";
import { bytesField, type WireField, wireFields, wireInteger } from "./wire.ts";

/** Where the numbers of a tensor lie. */
interface ExternalNumbers {
  /** A path from the folder of the ONNX file. */
  readonly location: string;
  readonly offset: number;
  /** Undefined: to the end of the file. */
  readonly length: number | undefined;
}

/**
 * The files that an ONNX file keeps numbers of constants in, each once, as it names them.
 * @throws {TF_GRAPH_INVALID} when the bytes are not a protocol buffer
 */
export function externalFiles(bytes: Uint8Array): readonly string[] {
  return [
    ...new Set([...tensorsIn(bytes, modelParts)].flatMap((tensor) => externalNumbers(tensor, [...wireFields(tensor)])?.location ?? [])),
  ];
}

/**
 * The same ONNX file with all numbers of its constants inside; everything else is as it is, byte by byte.
 * @param files by the names of {@link externalFiles}
 * @throws {TF_GRAPH_INVALID} when a file is missing, or shorter than a constant says
 */
export function withExternalData(bytes: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return withTensors(bytes, modelParts, (tensor) => tensorInside(tensor, files)) ?? bytes;
}

/** The fields of a message in which tensors stand: as they are, or within another message. */
interface Parts {
  readonly [field: number]: Parts | "tensor";
}
const attributeParts: Parts = { [attributeFields.tensor]: "tensor" };
const nodeParts: Parts = { [nodeFields.attribute]: attributeParts };
const modelParts: Parts = { [modelFields.graph]: { [graphFields.initializer]: "tensor", [graphFields.node]: nodeParts } };

function* tensorsIn(message: Uint8Array, parts: Parts): Generator<Uint8Array> {
  for (const { number, content } of wireFields(message)) {
    const part = parts[number];
    if (part === "tensor") yield content;
    else if (part !== undefined) yield* tensorsIn(content, part);
  }
}

/** The message with other tensors; undefined where none changes. */
function withTensors(message: Uint8Array, parts: Parts, change: (tensor: Uint8Array) => Uint8Array | undefined): Uint8Array | undefined {
  const fields = [...wireFields(message)].map((field) => {
    const part = parts[field.number];
    const changed = part === undefined ? undefined : part === "tensor" ? change(field.content) : withTensors(field.content, part, change);
    return { field, changed };
  });
  if (fields.every(({ changed }) => changed === undefined)) return undefined;
  return concatenateBytes(
    fields.map(({ field, changed }) =>
      changed === undefined ? message.subarray(field.start, field.end) : bytesField(field.number, changed),
    ),
  );
}

/** The tensor with its numbers; undefined where it has them. */
function tensorInside(tensor: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
  const fields = [...wireFields(tensor)];
  const place = externalNumbers(tensor, fields);
  if (place === undefined) return undefined;
  const { location, offset, length } = place;
  const file = files.get(location);
  const end = length === undefined ? (file?.length ?? 0) : offset + length;
  // What is no number is no place.
  const isInside = file !== undefined && offset >= 0 && end >= offset && end <= file.length;
  if (!isInside) {
    const found = file === undefined ? "is missing" : `has ${file.length} bytes`;
    throw new TensorFaceError(
      "TF_GRAPH_INVALID",
      `a constant's numbers stand in "${location}" from byte ${offset} to ${end}, which ${found}`,
    );
  }
  const kept = fields.filter(({ number }) => number !== tensorFields.externalData && number !== tensorFields.dataLocation);
  return concatenateBytes([
    ...kept.map(({ start, end: to }) => tensor.subarray(start, to)),
    bytesField(tensorFields.rawData, file.subarray(offset, end)),
  ]);
}

/** Undefined for a tensor whose numbers are in the file itself. */
function externalNumbers(tensor: Uint8Array, fields: readonly WireField[]): ExternalNumbers | undefined {
  const location = fields.find(({ number }) => number === tensorFields.dataLocation);
  if (location === undefined || wireInteger(tensor, location) !== dataLocations.outside) return undefined;
  const text = new TextDecoder();
  const pairs = fields
    .filter(({ number }) => number === tensorFields.externalData)
    .map(({ content }) => {
      const parts = new Map([...wireFields(content)].map((part) => [part.number, text.decode(part.content)]));
      return [parts.get(entryFields.key) ?? "", parts.get(entryFields.value) ?? ""] as const;
    });
  const told = new Map(pairs);
  const length = told.get("length");
  return {
    location: told.get("location") ?? "",
    offset: Number(told.get("offset") ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}
