import { concatenateBytes } from "../../src/core/index.ts";
import { bytesField, type WireField, wireFields } from "../../src/graph/wire.ts";

/** Numbers of fields of ONNX's ModelProto, GraphProto and TensorProto, written down once more: the reader's are not to be believed. */
const numbers = { graph: 7, initializer: 5, rawData: 9, externalData: 13, location: 14 } as const;
/** And of NodeProto and AttributeProto. */
const ofNodes = { node: 1, attribute: 5, tensor: 5 } as const;

/**
 * An ONNX file that keeps its constants in another one, each from the next multiple of `step` on, as PyTorch's exporter writes them.
 * @param isBack the constants were read into the file again, which still says where they had been
 * @param inNodes also the tensors that nodes hold, as `onnx.save(..., convert_attribute=True)` does
 */
export function withConstantsOutside(
  file: Uint8Array,
  location: string,
  { step = 64, isBack = false, inNodes = false }: { readonly step?: number; readonly isBack?: boolean; readonly inNodes?: boolean } = {},
): { readonly file: Uint8Array; readonly data: Uint8Array } {
  const parts: Uint8Array[] = [];
  let length = 0;
  const text = new TextEncoder();
  const entry = (key: string, value: string): Uint8Array =>
    bytesField(numbers.externalData, concatenateBytes([bytesField(1, text.encode(key)), bytesField(2, text.encode(value))]));
  const outside = (tensor: Uint8Array): Uint8Array => {
    const fields = [...wireFields(tensor)];
    const raw = fields.find(({ number }) => number === numbers.rawData);
    if (raw === undefined) return tensor;
    const gap = (step - (length % step)) % step;
    parts.push(new Uint8Array(gap), raw.content);
    const offset = length + gap;
    length = offset + raw.content.length;
    const kept = fields.filter((field) => isBack || field !== raw).map(({ start, end }) => tensor.subarray(start, end));
    const place = [entry("location", location), entry("offset", `${offset}`), entry("length", `${raw.content.length}`)];
    return concatenateBytes([...kept, ...place, Uint8Array.of(numbers.location * 8, isBack ? 0 : 1)]);
  };
  const rewrite = (message: Uint8Array, number: number, change: (content: Uint8Array) => Uint8Array): Uint8Array =>
    concatenateBytes(
      [...wireFields(message)].map((field: WireField) =>
        field.number === number ? bytesField(number, change(field.content)) : message.subarray(field.start, field.end),
      ),
    );
  const attributeOutside = (attribute: Uint8Array): Uint8Array => rewrite(attribute, ofNodes.tensor, outside);
  const nodeOutside = (node: Uint8Array): Uint8Array => rewrite(node, ofNodes.attribute, attributeOutside);
  const written = rewrite(file, numbers.graph, (graph) => {
    const withInitializers = rewrite(graph, numbers.initializer, outside);
    return inNodes ? rewrite(withInitializers, ofNodes.node, nodeOutside) : withInitializers;
  });
  return { file: written, data: concatenateBytes(parts) };
}
