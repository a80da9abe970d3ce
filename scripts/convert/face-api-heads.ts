import { ageCount, maximumAge, type Tensor } from "../../src/core/index.ts";
import { attribute, createGraphBuilder, type Graph, type GraphBuilder } from "../../src/graph/index.ts";
import { optimizeGraph } from "../../src/graph/optimize/index.ts";
import { createWeightedLayers } from "./layers.ts";

/**
 * The two heads of face-api, of which only weights come from there. Both look at `[N, 3, 112, 112]`, halve it four times to
 * 7 x 7 and take the mean of every channel.
 */

const side = 112;

/**
 * A small Xception (Chollet, 2017): two reductions, two blocks in the middle, one reduction. Outputs: `years` `[N, 1]`, what it says;
 * `age` `[N, 101]`, all of the probability on the two whole years around that number, so that its mean is the number; `gender` `[N, 2]`,
 * logits of male and female.
 */
export function buildAgeGender(weights: ReadonlyMap<string, Tensor>): Graph {
  const builder = createGraphBuilder("face-api-age-gender");
  const { biasedConvolution, separable, relu, add, halve, means, dense } = createLayers(builder, weights);
  const reduction = (input: string, activated: string, name: string): string => {
    const first = separable(activated, `${name}/separable_conv0`, 1);
    const second = separable(relu(first), `${name}/separable_conv1`, 1);
    return add(halve(second), biasedConvolution(input, `${name}/expansion_conv`, 2));
  };
  const middle = (input: string, name: string): string => {
    const convolved = [0, 1, 2].reduce((value, index) => separable(relu(value), `${name}/separable_conv${index}`, 1), input);
    return add(convolved, input);
  };
  const entry = relu(biasedConvolution(builder.input("picture", ["N", 3, side, side]), "entry_flow/conv_in", 2));
  // The first block takes the activated value on both ways.
  let value = reduction(entry, entry, "entry_flow/reduction_block_0");
  value = reduction(value, relu(value), "entry_flow/reduction_block_1");
  value = middle(middle(value, "middle_flow/main_block_0"), "middle_flow/main_block_1");
  value = reduction(value, relu(value), "exit_flow/reduction_block");
  const features = means(relu(separable(value, "exit_flow/separable_conv", 1)));
  const years = dense(features, "fc/age");
  builder.output(years, ["N", 1], { name: "years" });
  builder.output(twoYearsAround(builder, years), ["N", ageCount], { name: "age" });
  builder.output(dense(features, "fc/gender"), ["N", 2], { name: "gender" });
  return optimizeGraph(builder.build());
}

/** `max(0, 1 - |year - years|)` for every whole year. */
function twoYearsAround(builder: GraphBuilder, years: string): string {
  const wholeYears = builder.constant({
    type: "float32",
    shape: [1, ageCount],
    data: Float32Array.from({ length: ageCount }, (_, year) => year),
  });
  const limited = builder.op("Clip", [years, builder.scalar(0), builder.scalar(maximumAge)]);
  const distance = builder.op("Abs", [builder.op("Sub", [wholeYears, limited])]);
  return builder.op("Relu", [builder.op("Sub", [builder.scalar(1), distance])]);
}

/** Four blocks of four convolutions each, densely added (after DenseNet; Huang et al., 2017). Output: `mood` `[N, 7]`, logits. */
export function buildExpression(weights: ReadonlyMap<string, Tensor>): Graph {
  const builder = createGraphBuilder("face-api-expression");
  const { biasedConvolution, separable, relu, add, means, dense } = createLayers(builder, weights);
  /** Each convolution sees the activated sum of all before it. */
  const denseBlock = (first: string, name: string): string => {
    let sum = first;
    let seen = first;
    for (let index = 1; index < 4; index++) {
      sum = add(sum, separable(seen, `${name}/conv${index}`, 1));
      seen = relu(sum);
    }
    return seen;
  };
  const entry = relu(biasedConvolution(builder.input("picture", ["N", 3, side, side]), "dense0/conv0", 2));
  let value = denseBlock(entry, "dense0");
  for (let block = 1; block < 4; block++) value = denseBlock(relu(separable(value, `dense${block}/conv0`, 2)), `dense${block}`);
  builder.output(dense(means(value), "fc"), ["N", 7], { name: "mood" });
  return optimizeGraph(builder.build());
}

function createLayers(builder: GraphBuilder, weights: ReadonlyMap<string, Tensor>) {
  const { floats, convolve, convolveChannels, channels } = createWeightedLayers(builder, weights);
  const add = (a: string, b: string): string => builder.op("Add", [a, b]);
  const biased = (input: string, name: string): string => add(input, channels(floats(`${name}/bias`).data, `${name}/bias`));
  return {
    add,
    relu: (input: string): string => builder.op("Relu", [input]),
    biasedConvolution: (input: string, name: string, stride: number): string => biased(convolve(input, `${name}/filters`, stride), name),
    separable: (input: string, name: string, stride: number): string =>
      biased(convolve(convolveChannels(input, `${name}/depthwise_filter`, stride), `${name}/pointwise_filter`, 1), name),
    halve: (input: string): string =>
      builder.op("MaxPool", [input], {
        kernel_shape: attribute.ints([3, 3]),
        strides: attribute.ints([2, 2]),
        auto_pad: attribute.string("SAME_UPPER"),
      }),
    /** `[N, channels]`. */
    means: (input: string): string => builder.op("Flatten", [builder.op("GlobalAveragePool", [input])]),
    dense: (input: string, name: string): string => {
      const constant = (each: string): string => builder.constant({ type: "float32", ...floats(each) }, each);
      return builder.op("Gemm", [input, constant(`${name}/weights`), constant(`${name}/bias`)]);
    },
  };
}
