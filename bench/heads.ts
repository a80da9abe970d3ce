import { readFile, writeFile } from "node:fs/promises";
import { createAnalyzer } from "../src/_entries/node.ts";
import { runHead } from "../src/classify/index.ts";
import { createRandom, float32Tensor, type Float32Tensor } from "../src/core/index.ts";
import { findModel, type NetworkInput } from "../src/models/index.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { machineText, today } from "./machine.ts";
import { replaceBetweenMarkers } from "./report.ts";
import { type Spread, spread, spreadText } from "./statistics.ts";
import { flag, readWords, wholeNumber } from "../scripts/words.ts";

/**
 * What the heads cost a face, in batches of 8 as the analyzer makes them, beside the heads of `@vladmandic/human`: in turns, on noise,
 * each as its manifest says, with a look at the mirror image where it asks for one. `npm run bench -- heads [--rounds 3] [--write]`; with `--write`
 * it stands in docs/lab/performance.md afterwards.
 */
const { values } = readWords("npm run bench -- heads", { rounds: wholeNumber(60), write: flag });
const { rounds } = values;
const batchSize = 8;
const baseline = ["faceres", "emotion"];

const store = openModelFolders();
const manifests = await store.manifests();
const runtime = createNodeRuntime();

await using analyzer = await createAnalyzer();
const own = analyzer.models.filter((id) => findModel(manifests, id).kind === "head");
const heads = await Promise.all([...own, ...baseline].map(openHead));
const rows = await measureInTurns();
const text = render(rows, await measureDetection());
console.log(text);
if (values.write) {
  const page = "docs/lab/performance.md";
  await writeFile(page, replaceBetweenMarkers(await readFile(page, "utf8"), text, "heads"));
}

interface OpenHead {
  readonly id: string;
  readonly bytes: number;
  readonly input: NetworkInput;
  readonly run: () => Promise<unknown>;
}

async function openHead(id: string): Promise<OpenHead> {
  const manifest = findModel(manifests, id);
  if (manifest.kind !== "head") throw new Error(`"${id}" is no head`);
  const network = await runtime.load(await store.read(manifest));
  const input = noise(manifest.input);
  return { id, bytes: manifest.bytes, input: manifest.input, run: async () => runHead({ manifest, network }, input) };
}

/** A batch of normalised noise: these networks take the same time for everything. */
function noise({ width, height, colour }: NetworkInput): Float32Tensor {
  const random = createRandom(1);
  const tensor = float32Tensor([batchSize, colour === "grey" ? 1 : 3, height, width]);
  for (let index = 0; index < tensor.data.length; index++) tensor.data[index] = random.normal() / 4;
  return tensor;
}

interface MeasuredHead {
  readonly head: OpenHead;
  readonly perFace: Spread;
}

/** Milliseconds a face of every head, one after another in each round; the first rounds warm up. */
async function measureInTurns(): Promise<readonly MeasuredHead[]> {
  const times = heads.map((): number[] => []);
  for (let round = -3; round < rounds; round++) {
    for (const [index, { run }] of heads.entries()) {
      const start = performance.now();
      await run();
      if (round >= 0) times[index]!.push((performance.now() - start) / batchSize);
    }
  }
  return heads.map((head, index) => ({ head, perFace: spread(times[index]!) }));
}

/** Milliseconds of finding the face in the portrait. */
async function measureDetection(): Promise<Spread> {
  const times: number[] = [];
  for (let round = -3; round < rounds; round++) {
    const { timings } = await analyzer.analyze("examples/astronaut.png");
    if (round >= 0) times.push(timings.detectMs);
  }
  return spread(times);
}

function render(rows: readonly MeasuredHead[], detection: Spread): string {
  const ofOwn = rows.filter(({ head }) => own.includes(head.id));
  const total = ofOwn.reduce((sum, { perFace }) => sum + perFace.median, 0);
  const bytes = ofOwn.reduce((sum, { head }) => sum + head.bytes, 0);
  const ratio = (milliseconds: number): string => (milliseconds / detection.median).toFixed(2);
  return [
    `Measured on ${today()}: ${machineText()};`,
    `batches of ${batchSize}, n = ${rounds} rounds in turns, median and middle half. Detection, for comparison, is that of the 512 px portrait:`,
    `${spreadText(detection, 2)} ms.`,
    "",
    "| head | input | size | ms a face | of the detection |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows.map(
      ({ head: { id, input, bytes }, perFace }) =>
        `| ${id} | ${input.width} x ${input.height} ${input.colour} | ${megabytes(bytes)} | ${spreadText(perFace, 2)} | ${ratio(perFace.median)} |`,
    ),
    `| **${ofOwn.map(({ head }) => head.id).join(" and ")}** | | ${megabytes(bytes)} | ${total.toFixed(2)} | ${ratio(total)} |`,
  ].join("\n");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
