import { InferenceSession, Tensor } from "onnxruntime-node";
import { openClassicBackbone } from "../src/classic/backbone.node.ts";
import { createRandom, float32Tensor, type Float32Tensor, identityTransform } from "../src/core/index.ts";
import { encodeModel, type Graph, quantizedValues, quantizeGraph, type ValueRange } from "../src/graph/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { crop, resize, warpToTensor } from "../src/image/index.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { countOperations, measureMatrixRate } from "./floor.ts";
import { machineText, today } from "./machine.ts";
import { spread, spreadText } from "./statistics.ts";
import { anyText, flag, readWords, wholeNumber } from "../scripts/words.ts";

/**
 * `npm run bench -- classic`: features of Inception V3, pictures a second at 299 pixels by the size of the batch, beside the bound that the
 * matrix rate gives for its multiplications; the two are measured in turns, so that both see the same machine. And what 8-bit convolutions
 * make of the same features, with `--eight-bit`: how fast, and how far from them; and what the engine's blocked form gives, with `--blocked`.
 */
const { values } = readWords("npm run bench -- classic", { count: wholeNumber(96), backbone: anyText(), "eight-bit": flag, blocked: flag });
const { count } = values;
const batchSizes = [1, 4, 8] as const;
/** Pictures that ranges of 8-bit numbers are read off. */
const calibrated = 16;

const backbone = await openClassicBackbone({ backbone: values.backbone, architecture: "inception_v3", modelDir: "" });
const { graph, input } = backbone;
const length = 3 * input.width * input.height;
const pictures = await drawPictures(count);
const operations = await countOperations(encodeModel(graph), input);

console.log(`${machineText()}, ${today()}`);
console.log(`${backbone.id}: ${(operations / 2e9).toFixed(2)} G multiply-adds a picture, ${count} pictures`);
if (values.blocked) await compareForms();
else await measure("float32", graph);
if (values["eight-bit"]) {
  const eightBit = await quantize();
  await measure("8 bit", eightBit);
  const { n, median, upperQuartile } = spread(await compare(eightBit));
  console.log(`8 bit: features differ by ${percent(median)} of their length (upper quartile ${percent(upperQuartile)}), n = ${n}`);
}

/** Views of the example picture: other places and sizes. */
async function drawPictures(n: number): Promise<Float32Array> {
  const { image } = await decode("examples/astronaut.png");
  const random = createRandom(1);
  const data = new Float32Array(n * length);
  for (let index = 0; index < n; index++) {
    const side = 120 + random.integer(300);
    const view = crop(image, { x: random.integer(image.width - side), y: random.integer(image.height - side), width: side, height: side });
    warpToTensor(resize(view, input.width, input.height), identityTransform, { ...input, antialias: false }, data, index * length);
  }
  return data;
}

function batch(start: number, size: number): Float32Tensor {
  return float32Tensor([size, 3, input.height, input.width], pictures.subarray(start * length, (start + size) * length));
}

async function measure(name: string, network: Graph): Promise<void> {
  await using session = await createNodeRuntime().load(encodeModel(network));
  await session.run({ [input.name]: batch(0, 1) });
  for (const size of batchSizes) {
    const shares: number[] = [];
    const rates: number[] = [];
    for (let start = 0; start + size <= count; start += size) {
      const isLook = (start / size) % Math.max(1, Math.floor(16 / size)) === 0;
      const bound = isLook ? (await measureMatrixRate(2)) / operations : undefined;
      const begin = performance.now();
      await session.run({ [input.name]: batch(start, size) });
      const rate = (1000 * size) / (performance.now() - begin);
      rates.push(rate);
      if (bound !== undefined) shares.push(rate / bound);
    }
    const [speed, share] = [spread(rates), spread(shares)];
    console.log(
      `${name}, batches of ${size}: ${spreadText(speed, 2)} pictures a second (n = ${speed.n} batches), ` +
        `${spreadText(share, 2)} of the bound (n = ${share.n})`,
    );
  }
}

/**
 * The engine's blocked form (NCHWc), which it takes by itself, beside the plain one: milliseconds of processor time a picture on one
 * thread, in turns, and how far the features are apart.
 */
async function compareForms(): Promise<void> {
  const open = (graphOptimizationLevel: "all" | "extended"): Promise<InferenceSession> =>
    InferenceSession.create(encodeModel(graph), { graphOptimizationLevel, intraOpNumThreads: 1 });
  const forms = [await open("all"), await open("extended")] as const;
  const [times, differences]: [[number[], number[]], number[]] = [[[], []], []];
  for (let index = 0; index < count; index++) {
    const feeds = { [input.name]: new Tensor("float32", batch(index, 1).data, [1, 3, input.height, input.width]) };
    const seen: Float64Array[] = [];
    for (const [place, session] of forms.entries()) {
      const before = process.cpuUsage();
      const [features] = Object.values(await session.run(feeds));
      const { user, system } = process.cpuUsage(before);
      // The first picture pays for the engine's own beginnings.
      if (index > 0) times[place]!.push((user + system) / 1000);
      seen.push(Float64Array.from(Object.values(features!.data), Number));
    }
    differences.push(distance(seen[0]!, seen[1]!));
  }
  for (const [place, name] of ["blocked", "plain"].entries()) {
    const milliseconds = spread(times[place]!);
    console.log(`${name}: ${spreadText(milliseconds, 0)} ms of processor time a picture, n = ${milliseconds.n}`);
  }
  console.log(`their features differ by ${Math.max(...differences).toExponential(1)} of their length at most, n = ${differences.length}`);
}

/** How far features are from others, as a share of the latter's length. */
function distance(features: Float64Array, exact: Float64Array): number {
  return Math.hypot(...exact.map((value, column) => value - features[column]!)) / Math.hypot(...exact);
}

/** 8-bit convolutions with the ranges that the first pictures show. */
async function quantize(): Promise<Graph> {
  const wanted = quantizedValues(graph).filter((value) => value !== input.name);
  const probe: Graph = {
    ...graph,
    outputs: wanted.map((name) => ({ name, type: "float32", shape: ["N", `${name}/c`, `${name}/y`, `${name}/x`] })),
  };
  const ranges = new Map<string, ValueRange>();
  await using session = await createNodeRuntime().load(encodeModel(probe));
  for (let index = 0; index < Math.min(calibrated, count); index++) {
    const picture = batch(index, 1);
    for (const [name, { data }] of Object.entries({ [input.name]: picture, ...(await session.run({ [input.name]: picture })) })) {
      let { low, high } = ranges.get(name) ?? { low: 0, high: 0 };
      for (const value of data) [low, high] = [Math.min(low, Number(value)), Math.max(high, Number(value))];
      ranges.set(name, { low, high });
    }
  }
  return quantizeGraph(graph, ranges);
}

/** How far the features of pictures that were not calibrated on are from those of float32, as a share of their length. */
async function compare(eightBit: Graph): Promise<number[]> {
  const runtime = createNodeRuntime();
  await using exact = await runtime.load(encodeModel(graph));
  await using rounded = await runtime.load(encodeModel(eightBit));
  const differences: number[] = [];
  for (let index = calibrated; index < count; index++) {
    const feeds = { [input.name]: batch(index, 1) };
    const [a, b] = await Promise.all([exact.run(feeds), rounded.run(feeds)].map(async (run) => Object.values(await run)[0]!.data));
    const [first, second] = [Float64Array.from(a!, Number), Float64Array.from(b!, Number)];
    differences.push(distance(second, first));
  }
  return differences;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
