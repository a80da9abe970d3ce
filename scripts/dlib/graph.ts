import { float32Tensor, type Float32Tensor } from "../../src/core/index.ts";
import { orientationCount } from "../../src/detect/index.ts";
import { attribute, createGraphBuilder, type Graph } from "../../src/graph/index.ts";

/** A window of features that is compared with each place: `[planes, rows, columns]`. */
export interface HogFilter {
  readonly weights: readonly number[];
  /** The least sum that is a face. */
  readonly threshold: number;
}

/** Sides of a filter, in cells. */
const filterSide = 10;
/** In front of a filter's middle; behind it stands one cell more. */
const before = 4;
/**
 * A filter is cut into this many parts, one below the other, each an output of one convolution; their sums are added up. Engines work on 8 or
 * 16 outputs at once, so that 15 parts of 4 rows cost a third of 5 filters of 10.
 */
const parts = 3;
const partRows = 4;
/** Features are filled up with a plane of zeros: engines take channels in eights. */
const paddedPlanes = 32;

/** No square root of nothing; the largest share of a block that a feature may have; what makes 0.5 of two shares of a mean of four. */
const epsilon = 0.0001;
const largestShare = 0.2;
const half = 0.1;
/** The square root of 1/18, as dlib writes it. */
const textureScale = 2 * 0.2357;

/**
 * From a picture's cells to how much each window looks like a face, for each filter (Felzenszwalb et al., 2010, as dlib computes it).
 *
 * Input `histograms` `[1, rows, columns, 18]` with a border of one cell; output `scores` `[1, filters, rows - 4, columns - 4]`: the sum above the
 * filter's threshold of the window whose fifth row and column is the feature there. What a window has outside the picture is 0.
 */
export function buildDetector(filters: readonly HogFilter[]): Graph {
  const builder = createGraphBuilder("dlib-frontal-face");
  const { op, integers, scalar, constant } = builder;
  const slice = (value: string, axes: readonly number[], starts: readonly number[], ends: readonly number[]): string =>
    op("Slice", [value, integers(starts), integers(ends), integers(axes)]);
  const last = 2 ** 31 - 1;
  const joined = (values: readonly string[]): string => op("Concat", values, { axis: attribute.int(1) });

  const input = builder.input("histograms", [1, "rows", "columns", orientationCount]);
  const cells = op("Transpose", [slice(input, [1, 2], [1, 1], [-1, -1])], { perm: attribute.ints([0, 3, 1, 2]) });
  const opposite = orientationCount / 2;
  const lines = op("Add", [slice(cells, [1], [0], [opposite]), slice(cells, [1], [opposite], [orientationCount])]);
  const energy = op("ReduceSumSquare", [lines, integers([1])], { keepdims: attribute.int(1) });
  const ones = constant(float32Tensor([1, 1, 2, 2], new Float32Array(4).fill(1)), "ones");
  const blocks = op("Sqrt", [op("Add", [op("Conv", [energy, ones]), scalar(epsilon)])]);
  // Each cell is measured against the four blocks that hold it.
  const inner = slice(joined([cells, lines]), [2, 3], [1, 1], [-1, -1]);
  const shares = [
    [1, 1],
    [0, 1],
    [1, 0],
    [0, 0],
  ].map(([row, column]) => {
    const ends = [row === 0 ? -1 : last, column === 0 ? -1 : last];
    const most = op("Mul", [slice(blocks, [2, 3], [row!, column!], ends), scalar(largestShare)]);
    return op("Mul", [op("Min", [inner, most]), op("Div", [scalar(half), most])]);
  });
  const sums = shares.reduce((sum, share) => op("Add", [sum, share]));
  const textures = shares.map((share) =>
    op("ReduceSum", [slice(share, [1], [0], [orientationCount]), integers([1])], { keepdims: attribute.int(1) }),
  );
  const texture = op("Mul", [joined(textures), scalar(textureScale)]);
  const nothing = op("Mul", [textures[0]!, scalar(0)]);
  const features = joined([sums, texture, nothing]);

  const after = filterSide - 1 - before;
  const partSums = op("Conv", [features, constant(partWeights(filters), "filters"), constant(partBias(filters), "thresholds")], {
    pads: attribute.ints([before, before, after + parts * partRows - filterSide, after]),
  });
  const partOf = (part: number): string => {
    const end = (part + 1 - parts) * partRows;
    return slice(partSums, [1, 2], [part * filters.length, part * partRows], [(part + 1) * filters.length, end === 0 ? last : end]);
  };
  const scores = Array.from({ length: parts }, (_, part) => partOf(part)).reduce((sum, part) => op("Add", [sum, part]));
  builder.output(scores, [1, filters.length, "rows - 4", "columns - 4"], { name: "scores" });
  return builder.build();
}

/** `[parts * filters, planes, rows of a part, columns]`. */
function partWeights(filters: readonly HogFilter[]): Float32Tensor {
  const shape = [parts * filters.length, paddedPlanes, partRows, filterSide] as const;
  const tensor = float32Tensor(shape, new Float32Array(shape.reduce((size, side) => size * side, 1)));
  for (const [filter, { weights }] of filters.entries()) {
    for (const [at, weight] of weights.entries()) {
      const column = at % filterSide;
      const row = Math.floor(at / filterSide) % filterSide;
      const plane = Math.floor(at / filterSide ** 2);
      const output = Math.floor(row / partRows) * filters.length + filter;
      tensor.data[((output * paddedPlanes + plane) * partRows + (row % partRows)) * filterSide + column] = weight;
    }
  }
  return tensor;
}

/** The first part of each filter takes its threshold off. */
function partBias(filters: readonly HogFilter[]): Float32Tensor {
  return float32Tensor(
    [parts * filters.length],
    Float32Array.from({ length: parts * filters.length }, (_, output) => (output < filters.length ? -filters[output]!.threshold : 0)),
  );
}
