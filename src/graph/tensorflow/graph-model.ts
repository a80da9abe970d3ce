import { z } from "zod";
import { type Tensor, TensorFaceError } from "../../core/index.ts";
import type { AttributeValue, TensorFlowNode } from "./node.ts";
import { readWeights, weightsManifestSchema } from "./weights.ts";

const integer = z.union([z.string(), z.number()]).transform(Number);
const shapeSchema = z.object({ dim: z.array(z.object({ size: integer.default(-1) })).default([]), unknownRank: z.boolean().optional() });

/** An attribute as protobuf's JSON writes it: one of these fields, bytes in base64. */
const attributeSchema = z.object({
  s: z.string().optional(),
  i: integer.optional(),
  f: z.number().optional(),
  b: z.boolean().optional(),
  type: z.string().optional(),
  shape: shapeSchema.optional(),
  list: z.object({ s: z.array(z.string()).optional(), i: z.array(integer).optional(), f: z.array(z.number()).optional() }).optional(),
});

const graphModelSchema = z.object({
  modelTopology: z.object({
    node: z.array(
      z.object({
        name: z.string(),
        op: z.string(),
        input: z.array(z.string()).default([]),
        attr: z.record(z.string(), attributeSchema).default({}),
      }),
    ),
  }),
  weightsManifest: weightsManifestSchema,
});

/** The nodes of a TensorFlow graph with the constants that stand outside of them. */
export interface TensorFlowGraph {
  readonly nodes: readonly TensorFlowNode[];
  /** Values of `Const` nodes that are kept in another file. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

/**
 * Reads a TensorFlow.js graph model.
 * @param model the parsed `model.json`
 * @param weights its weight files, joined in the order of the manifest
 * @throws {TF_GRAPH_INVALID} when either is not what it should be
 */
export function readGraphModel(model: unknown, weights: Uint8Array): TensorFlowGraph {
  const parsed = graphModelSchema.safeParse(model);
  if (!parsed.success) throw new TensorFaceError("TF_GRAPH_INVALID", `not a TensorFlow.js graph model: ${z.prettifyError(parsed.error)}`);
  const { modelTopology, weightsManifest } = parsed.data;
  const nodes = modelTopology.node.map(({ name, op, input, attr }) => {
    const attributes = Object.entries(attr).flatMap(([key, value]) => {
      const read = readAttribute(value);
      return read === undefined ? [] : [[key, read] as const];
    });
    return { name, op, inputs: input, attributes: new Map(attributes) };
  });
  return { nodes, weights: readWeights(weightsManifest, weights) };
}

function readAttribute(attribute: z.infer<typeof attributeSchema>): AttributeValue | undefined {
  const { s, i, f, b, type, shape, list } = attribute;
  if (s !== undefined) return { kind: "string", value: atob(s) };
  if (i !== undefined) return { kind: "number", value: i };
  if (f !== undefined) return { kind: "number", value: f };
  if (b !== undefined) return { kind: "boolean", value: b };
  if (type !== undefined) return { kind: "type", value: type };
  if (shape !== undefined) return { kind: "shape", value: shape.dim.map(({ size }) => size) };
  if (list?.s !== undefined) return { kind: "strings", value: list.s.map((text) => atob(text)) };
  const numbers = list?.i ?? list?.f;
  return numbers && { kind: "numbers", value: numbers };
}
