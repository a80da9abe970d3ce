import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { builds, buildReference, type DlibReference } from "../scripts/dlib/reference.ts";
import { createRandom } from "../src/core/index.ts";
import { facesPerMosaic, loadPortrait, makeMosaic } from "../scripts/recall/mosaic.ts";
import { findWindows, histogramPyramid } from "../src/detect/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { type RasterImage, resize } from "../src/image/index.ts";
import type { DetectorManifest } from "../src/models/index.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { describeMachine, today } from "./machine.ts";
import { replaceBetweenMarkers } from "./report.ts";
import { quantile, spread, spreadText } from "./statistics.ts";
import { flag, readWords, wholeNumber } from "../scripts/words.ts";

/**
 * `--detector dlib` beside dlib's own program (Debian's libdlib-dev, built here by g++), in turns, each in one thread: decoded pictures in, boxes out,
 * no landmarks. `npm run bench -- dlib [--rounds 2] [--write]`; with `--write` it stands in docs/lab/detection.md afterwards. Processor time, not the clock's: what else
 * runs on the machine disturbs it less.
 */
const { values } = readWords("npm run bench -- dlib", { rounds: wholeNumber(15), write: flag });
const { rounds } = values;
/** Of each contender in each round, and no less than one run. */
const secondsEach = 0.4;

interface Contender {
  readonly name: string;
  /** Milliseconds of each run. */
  readonly time: (image: RasterImage) => Promise<number[]>;
}

const portraitPath = fileURLToPath(new URL("../examples/astronaut.png", import.meta.url));
const pictures = await makePictures();
using plain = buildReference("plain");
using vectors = buildReference("avx2");
const { dlib } = plain.filters();
const contenders = [
  await loadOwn(),
  rival(`dlib ${dlib}, ${builds.plain.join(" ")}`, plain),
  rival(`dlib ${dlib}, ${builds.avx2.join(" ")}`, vectors),
];

const medians = contenders.map(() => pictures.map((): number[] => []));
// The first round warms up.
for (let round = -1; round < rounds; round++) {
  for (const [at, { image }] of pictures.entries()) {
    for (const [index, { time }] of contenders.entries()) {
      const times = await time(image);
      if (round >= 0) medians[index]![at]!.push(quantile(times, 0.5));
    }
  }
}
const text = render();
console.log(text);
if (values.write) {
  const page = "docs/lab/detection.md";
  await writeFile(page, replaceBetweenMarkers(await readFile(page, "utf8"), text, "dlib"));
}

async function makePictures(): Promise<readonly { readonly name: string; readonly image: RasterImage }[]> {
  const { image: portrait } = await decode(portraitPath);
  const [head] = await loadPortrait(portraitPath);
  const condition = { name: "96 px", size: 96 };
  const faces = Array.from({ length: facesPerMosaic(condition.size) }, () => head!);
  return [
    { name: "the portrait, 512 x 512", image: portrait },
    { name: "a mosaic of 20 faces, 1280 x 960", image: (await makeMosaic(faces, condition, createRandom(1))).image },
    { name: "the portrait enlarged, 2000 x 2000", image: resize(portrait, 2000, 2000) },
  ];
}

async function loadOwn(): Promise<Contender> {
  const store = openModelFolders();
  const manifest = (await store.manifests()).find((each): each is DetectorManifest => each.kind === "detector" && each.decoder === "dlib")!;
  const network = await createNodeRuntime().load(await store.read(manifest), { threads: 1 });
  const time = async (image: RasterImage): Promise<number[]> => {
    const times: number[] = [];
    do {
      const start = process.cpuUsage();
      await findWindows(network, manifest, await histogramPyramid(image));
      const { user, system } = process.cpuUsage(start);
      times.push((user + system) / 1000);
    } while (times.reduce((sum, milliseconds) => sum + milliseconds, 0) < secondsEach * 1000);
    return times;
  };
  return { name: "TensorFace dlib", time };
}

function rival(name: string, reference: DlibReference): Contender {
  return { name, time: async (image) => reference.time(image, secondsEach) };
}

function render(): string {
  const machine = describeMachine();
  const spreads = medians.map((each) => each.map((times) => spread(times)));
  const cell = (row: number, at: number): string => {
    // Round by round: whatever else the machine does meets both.
    const ratio = spread(medians[0]![at]!.map((ours, round) => ours / medians[row]![at]![round]!));
    return `${spreadText(spreads[row]![at]!, 0)}${row === 0 ? "" : `, we take ${ratio.median.toFixed(2)} x as long`}`;
  };
  return [
    `Measured on ${today()}: ${machine.processor}, one thread, ${machine.system}, Node ${machine.node}; milliseconds of processor time, n = ${rounds} rounds in turns, median and middle half (\`npm run bench -- dlib\`):`,
    "",
    `| picture | ${contenders.map(({ name }) => name).join(" | ")} |`,
    `| --- | ${contenders.map(() => "---:").join(" | ")} |`,
    ...pictures.map(({ name }, at) => `| ${name} | ${contenders.map((_, row) => cell(row, at)).join(" | ")} |`),
  ].join("\n");
}
