import type { Dimension } from "../model.ts";
import { attributeOf, invalid, type TensorFlowNode, unsupported } from "./node.ts";
import {
  type ComputedValue,
  computedInput,
  constantOf,
  emit,
  integerInput,
  integersOf,
  type Operation,
  rowMajor,
  type Rule,
  toChannelsFirst,
} from "./operation.ts";

/** What is taken along one axis, as Python's slices say it: negative places count from the end, undefined is the whole way. */
interface Part {
  readonly begin: number | undefined;
  readonly end: number | undefined;
  readonly stride: number;
  /** Whether it is the one number at `begin`, and the axis is gone. */
  readonly isOne: boolean;
}

const whole: Part = { begin: undefined, end: undefined, stride: 1, isOne: false };

/** Of sizes that are known now a few, of other values a part of each axis, also backwards. */
const stridedSlice: Rule = (operation) => {
  const { node } = operation;
  const [begins, ends, strides] = [
    integerInput(operation, 1, "the beginning"),
    integerInput(operation, 2, "the end"),
    integerInput(operation, 3, "the stride"),
  ];
  const has = (mask: string, place: number): boolean => ((attributeOf(node, mask, "number") ?? 0) & (1 << place)) !== 0;
  if (begins.some((_, place) => has("new_axis_mask", place))) throw unsupported(node, "a new axis is not read");
  const given = begins.map((begin, place): Part | "ellipsis" => {
    if (has("ellipsis_mask", place)) return "ellipsis";
    const isOne = has("shrink_axis_mask", place);
    if (isOne) return { begin, end: undefined, stride: 1, isOne };
    return {
      begin: has("begin_mask", place) ? undefined : begin,
      end: has("end_mask", place) ? undefined : ends[place]!,
      stride: strides[place]!,
      isOne,
    };
  });
  const [input] = operation.inputs;
  if (input?.kind === "constant") return partOfSizes(operation, input.tensor.shape, given);
  const value = computedInput(operation, 0, "what is sliced");
  return sliced(operation, value, partOfEachAxis(node, given, value.shape.length));
};

/** An ellipsis stands for the axes that are not named; where none stands, they are the last ones. */
function partOfEachAxis(node: TensorFlowNode, given: readonly (Part | "ellipsis")[], rank: number): readonly Part[] {
  const named = given.filter((part) => part !== "ellipsis").length;
  if (named > rank) throw invalid(node, `takes parts of ${named} axes of ${rank}`);
  const others = Array.from({ length: rank - named }, () => whole);
  const all = given.includes("ellipsis") ? given : [...given, "ellipsis" as const];
  return all.flatMap((part) => (part === "ellipsis" ? others : [part]));
}

function partOfSizes(operation: Operation, shape: readonly number[], given: readonly (Part | "ellipsis")[]): ReturnType<Rule> {
  const { node } = operation;
  const sizes = integerInput(operation, 0, "what is sliced");
  const [part] = given;
  if (shape.length !== 1 || given.length !== 1 || part === undefined || part === "ellipsis" || part.stride !== 1)
    throw unsupported(node, "only a part of a list of sizes is read");
  if (!part.isOne) return constantOf(integersOf(sizes.slice(part.begin, part.end)));
  const one = sizes.at(part.begin!);
  if (one === undefined) throw invalid(node, `asks for number ${part.begin} of ${sizes.length} sizes`);
  return constantOf({ ...integersOf([one]), shape: [] });
}

/** Every axis in its direction. */
const reverse: Rule = (operation) => {
  const value = computedInput(operation, 0, "the input");
  const axes = new Set(integerInput(operation, 1, "the axes").map((axis) => (axis < 0 ? axis + value.shape.length : axis)));
  const parts = value.shape.map((_, axis): Part => (axes.has(axis) ? { ...whole, stride: -1 } : whole));
  return sliced(operation, value, parts);
};

/** Further than any size. */
const furthest = 2 ** 31 - 1;

function sliced(operation: Operation, value: ComputedValue, parts: readonly Part[]): ComputedValue {
  const { builder, node } = operation;
  const shape = parts.map((part, axis) => sizeOf(node, value.shape[axis]!, part, axis));
  const axes = parts.flatMap((part, axis) => (isWhole(part) ? [] : [axis]));
  if (axes.length === 0) return value;
  const gone = axes.filter((axis) => parts[axis]!.isOne);
  // Without an axis there are no channels that could lie first.
  const isTurned = value.layout === "channelsFirst" && gone.length === 0;
  const taken = axes.map((axis) => parts[axis]!);
  const lists = [
    taken.map(({ begin, stride }) => begin ?? (stride < 0 ? furthest : 0)),
    taken.map(({ begin, end, stride, isOne }) => (isOne && begin !== -1 ? begin! + 1 : (end ?? (stride < 0 ? -furthest : furthest)))),
    axes.map((axis) => (isTurned ? toChannelsFirst.findIndex((each) => each === axis) : axis)),
    taken.map(({ stride }) => stride),
  ];
  const inputs = [isTurned ? value.name : rowMajor(operation, value), ...lists.map((list) => builder.integers(list))];
  const layout = isTurned ? "channelsFirst" : "rowMajor";
  const part = emit(operation, "Slice", inputs, shape, { type: value.type, layout });
  if (gone.length === 0) return part;
  const left = shape.filter((_, axis) => !gone.includes(axis));
  return emit(operation, "Squeeze", [part.name, builder.integers(gone)], left, { type: value.type });
}

function isWhole({ begin, end, stride, isOne }: Part): boolean {
  return !isOne && stride === 1 && (begin === undefined || begin === 0) && end === undefined;
}

/** How many there are of an axis. @throws {TF_GRAPH_UNSUPPORTED_OP} where that hangs on a free size, and for pictures that are left out or exchanged */
function sizeOf(node: TensorFlowNode, size: Dimension, part: Part, axis: number): Dimension {
  if (isWhole(part)) return size;
  if (typeof size === "string") {
    if (axis === 0) throw unsupported(node, "takes a part of the batch, or turns it over");
    if (part.isOne) return 1;
    if (part.stride === -1 && part.begin === undefined && part.end === undefined) return size;
    throw unsupported(node, `takes a part of the free size ${size}`);
  }
  const { begin, end, stride, isOne } = part;
  const at = (place: number): number => (place < 0 ? place + size : place);
  if (isOne) {
    if (at(begin!) < 0 || at(begin!) >= size) throw invalid(node, `asks for number ${begin} of ${size}`);
    return 1;
  }
  // What lies outside is cut off: forwards at both ends, backwards one place before each.
  const [low, high] = stride < 0 ? [-1, size - 1] : [0, size];
  const within = (place: number): number => Math.min(Math.max(at(place), low), high);
  const first = begin === undefined ? (stride < 0 ? high : low) : within(begin);
  const last = end === undefined ? (stride < 0 ? low : high) : within(end);
  return Math.max(0, Math.ceil((last - first) / stride));
}

/** Operations that take parts of values. */
export const sliceRules: Readonly<Record<string, Rule>> = {
  ReverseV2: reverse,
  StridedSlice: stridedSlice,
};
