import { concatenateBytes } from "../../src/core/index.ts";
import { toExactHalfs } from "../../src/graph/half.ts";
import { bytesField, wireFields } from "../../src/graph/wire.ts";

/** Numbers of fields of ONNX's messages and codes of types, written down once more: the reader's are not to be believed. */
const model = { graph: 7 } as const;
const graphParts = { node: 1, initializer: 5, input: 11, output: 12 } as const;
const nodeParts = { attribute: 5, tensor: 5 } as const;
const tensorParts = { dataType: 2, rawData: 9 } as const;
const valueParts = { type: 2, tensor: 1, elementType: 1 } as const;
const [single, half] = [1, 10];

/**
 * The same ONNX file with its constants in half precision, as converters write them.
 * @param ends whether inputs and outputs are halfs too
 */
export function inHalfPrecision(file: Uint8Array, { ends = false }: { readonly ends?: boolean } = {}): Uint8Array {
  const value = (content: Uint8Array): Uint8Array =>
    ends ? rewrite(content, valueParts.type, (type) => rewrite(type, valueParts.tensor, halfType)) : content;
  const node = (content: Uint8Array): Uint8Array =>
    rewrite(content, nodeParts.attribute, (attribute) => rewrite(attribute, nodeParts.tensor, halfTensor));
  return rewrite(file, model.graph, (graph) =>
    [
      [graphParts.node, node],
      [graphParts.initializer, halfTensor],
      [graphParts.input, value],
      [graphParts.output, value],
    ].reduce((written, [number, change]) => rewrite(written, number as number, change as (content: Uint8Array) => Uint8Array), graph),
  );
}

function rewrite(message: Uint8Array, number: number, change: (content: Uint8Array) => Uint8Array): Uint8Array {
  return concatenateBytes(
    [...wireFields(message)].map((field) =>
      field.number === number ? bytesField(number, change(field.content)) : message.subarray(field.start, field.end),
    ),
  );
}

function halfTensor(tensor: Uint8Array): Uint8Array {
  const fields = [...wireFields(tensor)];
  const type = fields.find(({ number }) => number === tensorParts.dataType);
  const raw = fields.find(({ number }) => number === tensorParts.rawData);
  if (type === undefined || raw === undefined || tensor[type.end - 1] !== single) return tensor;
  const halfs = toExactHalfs(new Float32Array(new Uint8Array(raw.content).buffer));
  if (halfs === undefined) throw new RangeError("a constant is no number of half precision");
  const kept = fields.filter((field) => field !== type && field !== raw).map(({ start, end }) => tensor.subarray(start, end));
  const bytes = new Uint8Array(halfs.buffer, halfs.byteOffset, halfs.byteLength);
  return concatenateBytes([...kept, Uint8Array.of(tensorParts.dataType * 8, half), bytesField(tensorParts.rawData, bytes)]);
}

function halfType(tensor: Uint8Array): Uint8Array {
  return concatenateBytes(
    [...wireFields(tensor)].map(({ number, start, end }) =>
      number === valueParts.elementType ? Uint8Array.of(number * 8, half) : tensor.subarray(start, end),
    ),
  );
}
