import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { elementCount, type Tensor } from "../../src/core/index.ts";
import { readBigInteger, readInteger, readMessage, readRepeated } from "../../src/graph/protobuf.ts";

/** ONNX's own tests as Debian packs them (`libonnx-testdata`): a network a folder, with inputs. */
const testData = process.env["ONNX_TESTDATA"] ?? "/usr/share/libonnx-testdata/data";

export interface OnnxCase {
  /** `node/test_abs`. */
  readonly name: string;
  readonly model: Uint8Array;
  /** In the order of the network's inputs; undefined for what is no tensor of a type that is read. */
  readonly inputs: readonly (Tensor | undefined)[];
  /** What the network's author says comes out, in the order of its outputs. */
  readonly outputs: readonly (Tensor | undefined)[];
}

/** Where the data are missing, tests that need them are skipped, but never where CI runs. */
export const hasTestData = existsSync(testData);

/** Every test that has a network and inputs; the real networks have neither. */
export function* onnxCases(): Generator<OnnxCase> {
  for (const group of ["node", "simple", "pytorch-converted", "pytorch-operator"]) {
    for (const test of readdirSync(join(testData, group)).toSorted()) {
      const folder = join(testData, group, test, "test_data_set_0");
      const read = (kind: "input" | "output"): (Tensor | undefined)[] => {
        const count = readdirSync(folder).filter((file) => file.startsWith(`${kind}_`)).length;
        return Array.from({ length: count }, (_, index) => readTensor(readFileSync(join(folder, `${kind}_${index}.pb`))));
      };
      const model = readFileSync(join(testData, group, test, "model.onnx"));
      yield { name: `${group}/${test}`, model, inputs: read("input"), outputs: read("output") };
    }
  }
}

/** A `TensorProto` in a file of its own, read here once more: the test must not share the reader that it tests. */
function readTensor(bytes: Uint8Array): Tensor | undefined {
  const shape: number[] = [];
  let type = 0;
  let raw: ArrayBuffer | undefined;
  const numbers: number[] = [];
  const integers: bigint[] = [];
  const push = (value: number): unknown => numbers.push(value);
  readMessage(bytes, {
    1: (reader, wire) => readRepeated(reader, wire, readInteger, (size) => shape.push(size)),
    2: (reader) => {
      type = reader.int32();
    },
    4: (reader, wire) => readRepeated(reader, wire, (each) => each.float(), push),
    5: (reader, wire) => readRepeated(reader, wire, (each) => each.int32(), push),
    7: (reader, wire) => readRepeated(reader, wire, readBigInteger, (value) => integers.push(value)),
    9: (reader) => {
      raw = new Uint8Array(reader.bytes()).buffer;
    },
  });
  switch (type) {
    case 1:
      return whole({ type: "float32", shape, data: raw ? new Float32Array(raw) : Float32Array.from(numbers) });
    case 2:
      return whole({ type: "uint8", shape, data: raw ? new Uint8Array(raw) : Uint8Array.from(numbers) });
    case 3:
      return whole({ type: "int8", shape, data: raw ? new Int8Array(raw) : Int8Array.from(numbers) });
    case 6:
      return whole({ type: "int32", shape, data: raw ? new Int32Array(raw) : Int32Array.from(numbers) });
    case 7:
      return whole({ type: "int64", shape, data: raw ? new BigInt64Array(raw) : BigInt64Array.from(integers) });
    case 9:
      return whole({ type: "bool", shape, data: raw ? new Uint8Array(raw) : Uint8Array.from(numbers) });
    default:
      return undefined;
  }
}

function whole(tensor: Tensor): Tensor | undefined {
  return tensor.data.length === elementCount(tensor.shape) ? tensor : undefined;
}
