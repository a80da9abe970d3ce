import type { Tensor } from "../core/index.ts";
import type { Attribute } from "./model.ts";

/** Writes of attributes by their ONNX kind, since 1 and 1.0 are the same number here. */
export const attribute = {
  int: (value: number): Attribute => ({ kind: "int", value }),
  float: (value: number): Attribute => ({ kind: "float", value }),
  string: (value: string): Attribute => ({ kind: "string", value }),
  ints: (value: readonly number[]): Attribute => ({ kind: "ints", value }),
  floats: (value: readonly number[]): Attribute => ({ kind: "floats", value }),
  strings: (value: readonly string[]): Attribute => ({ kind: "strings", value }),
  tensor: (value: Tensor): Attribute => ({ kind: "tensor", value }),
} as const;
