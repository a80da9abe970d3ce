import { estimateSimilarity, landmarkPoints } from "../align/index.ts";
import { type Float32Tensor, mapLandmarks, type Point, TensorFaceError } from "../core/index.ts";
import { attribute, createGraphBuilder, embedGraph, type GraphBuilder } from "../graph/index.ts";
import type { NetworkInput } from "../models/index.ts";
import type { Backbone } from "./backbone.ts";

/** A part of the joined input, in its pixels: what one of the networks sees. */
interface Window {
  readonly x: number;
  readonly y: number;
  /** Pixels of the joined input for each pixel of the network's. */
  readonly scale: number;
}

/** Weights of red, green and blue in grey (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114] as const;

/**
 * Two backbones as one, on a crop that holds what both want to see: the first one's pixels as they are, and the second one's sampled
 * from them. Its features are the first one's and then the second one's.
 * @throws {TF_INVALID_ARGUMENT} when one sees whole pictures and the other faces, or channels are in another order
 */
export function joinBackbones(first: Backbone, second: Backbone): Backbone {
  const id = `${first.id}+${second.id}`;
  if ((first.template === undefined) !== (second.template === undefined)) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${first.id}" and "${second.id}" cannot be joined: one of them sees whole pictures`);
  }
  if ([first, second].some(({ input }) => input.colour === "bgr")) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${id}" cannot be joined: one of them wants blue first`);
  }
  const { left, top, width, height, windows } = arrange(first, second);
  const input: NetworkInput = { name: "picture", width, height, colour: "rgb", mean: [0, 0, 0], standardDeviation: [1, 1, 1] };
  const builder = createGraphBuilder(id);
  const picture = builder.input(input.name, ["N", 3, height, width]);
  const features = [first, second].map(
    (part, index) => embedGraph(builder, part.graph, addWindow(builder, picture, part.input, windows[index]!, input))[0]!,
  );
  const columns = first.columns + second.columns;
  builder.output(builder.op("Concat", features, { axis: attribute.int(1) }), ["N", columns], { name: builder.unique("features") });
  const move = ({ x, y }: Point): Point => ({ x: (x * first.input.width - left) / width, y: (y * first.input.height - top) / height });
  const template = first.template && {
    landmarks: mapLandmarks(first.template.landmarks, move),
    source: `${first.template.source}, with room for ${second.id}`,
  };
  return { id, input, template, parts: [...first.parts, ...second.parts], graph: builder.build(), columns };
}

/** The smallest crop, in pixels of the first network's, in which both find what they want; the first stands at whole pixels. */
function arrange(first: Backbone, second: Backbone) {
  const place = placeOf(first, second);
  const [right, bottom] = [place.x + place.scale * second.input.width, place.y + place.scale * second.input.height];
  const [left, top] = [Math.floor(Math.min(0, place.x)), Math.floor(Math.min(0, place.y))];
  const width = Math.ceil(Math.max(first.input.width, right)) - left;
  const height = Math.ceil(Math.max(first.input.height, bottom)) - top;
  const windows: readonly Window[] = [
    { x: -left, y: -top, scale: 1 },
    { x: place.x - left, y: place.y - top, scale: place.scale },
  ];
  return { left, top, width, height, windows };
}

/** Where the second network's input lies in the first one's, by where both want a face; templates stand upright. */
function placeOf(first: Backbone, second: Backbone): Window {
  if (first.template === undefined || second.template === undefined) {
    return { x: 0, y: 0, scale: Math.max(first.input.width / second.input.width, first.input.height / second.input.height) };
  }
  const inPixels = ({ template, input }: Backbone): Point[] =>
    landmarkPoints(template!.landmarks).map(({ x, y }) => ({ x: x * input.width, y: y * input.height }));
  const { a, tx, ty } = estimateSimilarity(inPixels(second), inPixels(first));
  return { x: tx, y: ty, scale: a };
}

/** A window of the joined input as one of the networks wants its own: its size, its colours, its scale of values. */
function addWindow(builder: GraphBuilder, picture: string, input: NetworkInput, window: Window, joined: NetworkInput): string {
  const sampled = isSlice(window)
    ? builder.op("Slice", [
        picture,
        builder.integers([window.y, window.x]),
        builder.integers([window.y + input.height, window.x + input.width]),
        builder.integers([2, 3]),
      ])
    : resample(builder, picture, input, window, joined);
  const grey = (): string => builder.op("Conv", [sampled, builder.constant(tensor([1, 3, 1, 1], luma), "luma")]);
  const coloured = input.colour === "grey" ? grey() : sampled;
  const channels = input.colour === "grey" ? 1 : 3;
  const each = (values: readonly number[]): Float32Tensor =>
    tensor(
      [channels, 1, 1],
      Array.from({ length: channels }, (_, channel) => values[channel] ?? values[0]!),
    );
  const centred = builder.op("Sub", [coloured, builder.constant(each(input.mean), "mean")]);
  return builder.op("Div", [centred, builder.constant(each(input.standardDeviation), "deviation")]);
}

function isSlice({ x, y, scale }: Window): boolean {
  return scale === 1 && Number.isInteger(x) && Number.isInteger(y);
}

/** Bilinear sampling at pixels' middles as two products of matrices, which every engine computes alike. */
function resample(
  builder: GraphBuilder,
  picture: string,
  { width, height }: NetworkInput,
  { x, y, scale }: Window,
  joined: NetworkInput,
): string {
  const rows = builder.constant(tensor([height, joined.height], samplingMatrix(height, joined.height, y, scale)), "rows");
  const columns = builder.constant(
    tensor([joined.width, width], transposed(samplingMatrix(width, joined.width, x, scale), width, joined.width)),
    "columns",
  );
  return builder.op("MatMul", [builder.op("MatMul", [rows, picture]), columns]);
}

/** `[to, from]`: how much each pixel of `from` counts for each of `to`. */
function samplingMatrix(to: number, from: number, offset: number, scale: number): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let index = 0; index < to; index++) {
    const place = Math.min(from - 1, Math.max(0, offset + (index + 0.5) * scale - 0.5));
    const below = Math.floor(place);
    const share = place - below;
    matrix[index * from + below]! += 1 - share;
    if (share > 0) matrix[index * from + below + 1]! += share;
  }
  return matrix;
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: matrix.length }, (_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)]!);
}

function tensor(shape: readonly number[], data: ArrayLike<number>): Float32Tensor {
  return { type: "float32", shape, data: Float32Array.from(data) };
}
