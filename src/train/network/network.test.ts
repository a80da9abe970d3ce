import { describe, expect, test } from "vitest";
import { averagePool, batchNorm, conv, dense, flatten, globalPool, type Layer, maxPool, residual } from "./layers.ts";
import { createNetwork, type Network } from "./network.ts";

/** Of pictures of 8 x 8 pixels. */
function build(backbone: readonly Layer[]): Network {
  const input = { kind: "picture", channels: 1, height: 8, width: 8, mean: [0], standardDeviation: [1] } as const;
  return createNetwork({ input, backbone, heads: [{ name: "mood", layers: [dense(7)] }] });
}

describe("layers that do not fit one another are refused by their names", () => {
  test.each<[string, readonly Layer[], RegExp]>([
    ["one pool too many", [maxPool(), maxPool(), maxPool(), maxPool(), flatten()], /"backbone\.3".* 2 x 2 .* 1 x 1/],
    ["a kernel larger than the picture", [conv(4, { kernel: 11, padding: 0 }), globalPool()], /"backbone\.0".* 11 x 11 .* 8 x 8/],
    ["the same inside of a block", [residual([conv(1, { kernel: 9, padding: 0 })]), globalPool()], /"backbone\.0\.body\.0".* 9 x 9/],
    ["a pool whose window may see nothing but zeros", [maxPool({ kernel: 2, padding: 2 }), flatten()], /"backbone\.0".*padding.* 2/],
    ["the same of means", [averagePool({ kernel: 3, padding: 3 }), flatten()], /"backbone\.0".*padding.* 3/],
    ["a dense layer on maps", [conv(2)], /"head\.mood\.0" takes vectors/],
    ["a pool on vectors", [flatten(), maxPool()], /"backbone\.1" takes \[C, H, W\]/],
  ])("%s", (_, backbone, message) => {
    expect(() => build(backbone)).toThrow(
      expect.objectContaining({ code: "TF_INVALID_ARGUMENT", message: expect.stringMatching(message) }),
    );
  });

  test("down to one pixel they fit", () => {
    expect(build([maxPool(), maxPool(), maxPool(), batchNorm(), flatten()]).outputs).toEqual({ mood: 7 });
  });
});
