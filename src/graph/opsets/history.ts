/**
 * ONNX's own operators up to {@link defaultOpset}, each with the opsets in which it appeared or changed, after ONNX's change log. A
 * change without a rule in `upgrade.ts` (or `downgrade.ts`) only allowed more: further types, negative axes, an attribute whose default is
 * what the operator did before. What is not here was not made yet, or works on sequences, texts and graphs, which are not read.
 */
const history = `
Abs 1 6 13|Acos 7|Acosh 9|Add 1 6 7 13 14|AffineGrid 20|And 1 7|ArgMax 1 11 12 13|ArgMin 1 11 12 13|Asin 7|Asinh 9|Atan 7|Atanh 9
AveragePool 1 7 10 11 19|BatchNormalization 1 6 7 9 14 15|Bernoulli 15|BitShift 11|BitwiseAnd 18|BitwiseNot 18|BitwiseOr 18|BitwiseXor 18
BlackmanWindow 17|Cast 1 6 9 13 19|CastLike 15 19|Ceil 1 6 13|Celu 12|CenterCropPad 18|Clip 1 6 11 12 13|Col2Im 18|Compress 9 11
Concat 1 4 11 13|Constant 1 9 11 12 13 19|ConstantOfShape 9 20|Conv 1 11|ConvInteger 10|ConvTranspose 1 11|Cos 7|Cosh 9|CumSum 11 14
DFT 17 20|DeformConv 19|DepthToSpace 1 11 13|DequantizeLinear 10 13 19|Det 11|Div 1 6 7 13 14|Dropout 1 6 7 10 12 13|DynamicQuantizeLinear 11
Einsum 12|Elu 1 6|Equal 1 7 11 13 19|Erf 9 13|Exp 1 6 13|Expand 8 13|EyeLike 9|Flatten 1 9 11 13|Floor 1 6 13|GRU 1 3 7 14|Gather 1 11 13
GatherElements 11 13|GatherND 11 12 13|Gelu 20|Gemm 1 6 7 9 11 13|GlobalAveragePool 1|GlobalLpPool 1 2|GlobalMaxPool 1|Greater 1 7 9 13
GreaterOrEqual 12 16|GridSample 16 20|GroupNormalization 18|HammingWindow 17|HannWindow 17|HardSigmoid 1 6|HardSwish 14|Hardmax 1 11 13
Identity 1 13 14 16 19|InstanceNormalization 1 6|IsInf 10 20|IsNaN 9 13 20|LRN 1 13|LSTM 1 7 14|LayerNormalization 17|LeakyRelu 1 6 16
Less 1 7 9 13|LessOrEqual 12 16|Log 1 6 13|LogSoftmax 1 11 13|LpNormalization 1|LpPool 1 2 11 18|MatMul 1 9 13|MatMulInteger 10
Max 1 6 8 12 13|MaxPool 1 8 10 11 12|MaxRoiPool 1|MaxUnpool 9 11|Mean 1 6 8 13|MeanVarianceNormalization 9 13|MelWeightMatrix 17
Min 1 6 8 12 13|Mish 18|Mod 10 13|Mul 1 6 7 13 14|Multinomial 7|Neg 1 6 13|NegativeLogLikelihoodLoss 12 13|NonMaxSuppression 10 11
NonZero 9 13|Not 1|OneHot 9 11|Or 1 7|PRelu 1 6 7 9 16|Pad 1 2 11 13 18 19|Pow 1 7 12 13 15|QLinearConv 10|QLinearMatMul 10
QuantizeLinear 10 13 19|RNN 1 7 14|RandomNormal 1|RandomNormalLike 1|RandomUniform 1|RandomUniformLike 1|Range 11|Reciprocal 1 6 13
ReduceL1 1 11 13 18|ReduceL2 1 11 13 18|ReduceLogSum 1 11 13 18|ReduceLogSumExp 1 11 13 18|ReduceMax 1 11 12 13 18 20|ReduceMean 1 11 13 18
ReduceMin 1 11 12 13 18 20|ReduceProd 1 11 13 18|ReduceSum 1 11 13|ReduceSumSquare 1 11 13 18|Relu 1 6 13 14|Reshape 1 5 13 14 19
Resize 10 11 13 18 19|ReverseSequence 10|RoiAlign 10 16|Round 11|STFT 17|Scatter 9 11|ScatterElements 11 13 16 18|ScatterND 11 13 16 18
Selu 1 6|Shape 1 13 15 19|Shrink 9|Sigmoid 1 6 13|Sign 9 13|Sin 7|Sinh 9|Size 1 13 19|Slice 1 10 11 13|Softmax 1 11 13
SoftmaxCrossEntropyLoss 12 13|Softplus 1|Softsign 1|SpaceToDepth 1 13|Split 1 2 11 13 18|Sqrt 1 6 13|Squeeze 1 11 13|Sub 1 6 7 13 14
Sum 1 6 8 13|Tan 7|Tanh 1 6 13|ThresholdedRelu 10|Tile 1 6 13|TopK 1 10 11|Transpose 1 13|Trilu 14|Unique 11|Unsqueeze 1 11 13
Upsample 1 7 9 10|Where 9 16|Xor 1 7`;

/** The opsets in which each operation appeared or changed, in order. */
export const operationVersions: ReadonlyMap<string, readonly number[]> = new Map(
  history
    .trim()
    .split(/[|\n]/)
    .map((entry) => {
      const [operation = "", ...versions] = entry.split(" ");
      return [operation, versions.map(Number)] as const;
    }),
);

/** What later opsets than {@link defaultOpset} added to operations that are older: a node that uses it has no form here. */
export const laterAttributes: Readonly<Record<string, readonly string[]>> = {
  Cast: ["round_mode"],
  DequantizeLinear: ["block_size", "output_dtype"],
  GroupNormalization: ["stash_type"],
  QuantizeLinear: ["block_size", "output_dtype", "precision"],
};

/** Operations that mean something else in the opsets behind {@link defaultOpset}, with the first of those. */
export const laterMeanings: Readonly<Record<string, number>> = { GroupNormalization: 21 };
