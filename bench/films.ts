/**
 * Films: who is found and taken for whom in films with known truth; frames a second, decoding apart; the page's rate; memory over the length. Those for speed are made here: three portraits before a wall, shaken like a
 * camera in a hand, 25 frames a second. Longer ones repeat the packets of a short one.
 *
 *     npm run bench -- films [--parts truth,speed,page,memory] [--films 720p,1080p] [--rounds 5] [--seconds 4] [--write]
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { createAnalyzer, type FaceAnalyzer } from "../src/_entries/node.ts";
import { decode } from "../src/image/decode.node.ts";
import { createRasterImage, crop, type RasterImage, resize } from "../src/image/index.ts";
import { defaultEvery } from "../src/video/index.ts";
import { analyzeVideo } from "../src/video/analyze-video.node.ts";
import { loadMediabunny } from "../src/video/mediabunny.node.ts";
import { openFilm } from "../src/video/open-film.node.ts";
import { createFilm } from "../src/video/write-film.node.ts";
import { scenes } from "../test/support/clips.ts";
import { type FilmTruth, measureScene } from "../test/support/film-truth.ts";
import { measureInPage, type PageWork } from "./films-page.ts";
import { machineText, today } from "./machine.ts";
import { mebibytes, runToEnd } from "./measured-command.ts";
import { replaceBetweenMarkers } from "./report.ts";
import { spread, spreadText } from "./statistics.ts";
import { flag, readWords, someOf, wholeNumber } from "../scripts/words.ts";

const { values } = readWords("npm run bench -- films", {
  parts: someOf(["truth", "speed", "page", "memory"]),
  films: someOf(["720p", "1080p"]),
  rounds: wholeNumber(5),
  seconds: wholeNumber(4),
  write: flag,
});

const rate = 25;
const page = "docs/lab/video.md";
const films = [
  { name: "720p, 1 face", width: 1280, height: 720, people: 1 },
  { name: "720p, 3 faces", width: 1280, height: 720, people: 3 },
  { name: "1080p, 1 face", width: 1920, height: 1080, people: 1 },
  { name: "1080p, 3 faces", width: 1920, height: 1080, people: 3 },
] as const;
/** Small, so that a long film is written and read in minutes: what is asked is whether length takes memory. */
const smallSize = { width: 640, height: 360 } as const;
const lengths = [
  { name: "10 s", seconds: 10, every: 5 },
  { name: "1 min", seconds: 60, every: 5 },
  { name: "10 min", seconds: 600, every: 25 },
  { name: "2 h", seconds: 7200, every: 250 },
] as const;

const tracksSchema = z.object({ tracks: z.array(z.unknown()) });

interface Size {
  readonly width: number;
  readonly height: number;
}

const folder = await mkdtemp(join(tmpdir(), "tensorface-films-"));
try {
  const portrait = (await decode("examples/astronaut.png")).image;
  const { parts } = values;
  const measured = `Measured on ${today()}: ${machineText()}.`;
  if (parts.includes("truth")) await report("truth", await measureTruth());
  const sizes = parts.includes("speed") ? values.films : [];
  for (const size of sizes) await report(`speed-${size}`, [measured, "", ...(await measureSpeed(portrait, size))]);
  if (parts.includes("page")) await report("page", [measured, "", ...(await measurePage(portrait))]);
  if (parts.includes("memory")) await report("memory", [measured, "", ...(await measureMemory(portrait))]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function report(name: string, lines: readonly string[]): Promise<void> {
  console.log(lines.join("\n"));
  if (values.write) await writeFile(page, replaceBetweenMarkers(await readFile(page, "utf8"), `${lines.join("\n")}\n`, name));
}

/** Portraits side by side before a wall that has a pattern; larger than a frame, so that the camera can shake. */
function drawScene(portrait: RasterImage, { width, height }: Size, people: number): RasterImage {
  const [wide, high] = [width + 40, height + 40];
  const data = new Uint8Array(wide * high * 3);
  for (let at = 0; at < data.length; at++) data[at] = 90 + ((at * 2654435761) % 48) + 40 * Math.sin(at / 999);
  const side = Math.floor(width / 3.2);
  const small = resize(portrait, side, side);
  for (let person = 0; person < people; person++) {
    const left = Math.floor(20 + (person * width) / 3);
    for (let y = 0; y < side; y++)
      data.set(small.data.subarray(y * side * 3, (y + 1) * side * 3), ((y + Math.floor(high / 4)) * wide + left) * 3);
  }
  return createRasterImage(wide, high, data);
}

async function writeFilm(path: string, scene: RasterImage, { width, height }: Size, frames: number): Promise<void> {
  const writer = await createFilm(path);
  for (let index = 0; index < frames; index++) {
    const [x, y] = [Math.round(20 + 18 * Math.sin(index / 7)), Math.round(20 + 18 * Math.cos(index / 11))];
    await writer.write({ time: index / rate, duration: 1 / rate, image: crop(scene, { x, y, width, height }) });
  }
  await writer.finish();
}

interface Measured {
  readonly framesPerSecond: number;
  /** Of all threads, milliseconds a frame. */
  readonly processorMs: number;
}

async function time(frames: number, work: () => Promise<unknown>): Promise<Measured> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { framesPerSecond: (1000 * frames) / (performance.now() - start), processorMs: (user + system) / 1000 / frames };
}

async function measureSpeed(portrait: RasterImage, sizeName: string): Promise<string[]> {
  await using analyzer = await createAnalyzer({ workers: 0 });
  await analyzer.analyze(portrait);
  const rows: string[] = [];
  for (const { name, people, ...size } of films.filter((film) => film.name.startsWith(`${sizeName},`))) {
    const path = join(folder, `${name}.mp4`);
    const frames = Math.round(values.seconds * rate);
    await writeFilm(path, drawScene(portrait, size, people), size, frames);
    const works: readonly (readonly [what: string, run: () => Promise<unknown>])[] = [
      ["decoding alone", () => readThrough(path, Infinity)],
      ["decoding, every 5th frame to RGB", () => readThrough(path, 5)],
      ["all, `--every 5`", () => analyzeThrough(path, analyzer, { every: 5, people })],
      ["all, `--every 1`", () => analyzeThrough(path, analyzer, { every: 1, people })],
    ];
    const results = works.map((): Measured[] => []);
    // In turns: whatever else the machine does meets all of them.
    for (let round = 0; round < values.rounds; round++)
      for (const [index, [, run]] of works.entries()) results[index]!.push(await time(frames, run));
    for (const [index, [what]] of works.entries()) rows.push(speedRow(name, what, results[index]!));
  }
  return [
    `| film | what | frames a second | times real time | processor, ms a frame | n |`,
    `| --- | --- | ---: | ---: | ---: | ---: |`,
    ...rows,
    "",
    `${values.seconds} seconds of film, H.264, ${rate} frames a second; age, gender and mood. The median of n rounds in turns, with the middle half in brackets.`,
  ];
}

/** Where the page's networks and decoders run is the browser's; the film plays meanwhile, as it does for a visitor. */
async function measurePage(portrait: RasterImage): Promise<string[]> {
  const frames = Math.round(values.seconds * rate);
  const asked = films.filter(({ height }) => height === 720);
  const works: (PageWork & { readonly name: string })[] = [];
  for (const { name, people, ...size } of asked) {
    const path = join(folder, `page ${name}.mp4`);
    await writeFilm(path, drawScene(portrait, size, people), size, frames);
    for (const every of [undefined, defaultEvery]) works.push({ name, path, people, seconds: frames / rate, every });
  }
  const { runs, browser } = await measureInPage(folder, works, { rounds: values.rounds });
  return [
    `| film | faces are looked for in | times real time | processor, seconds for a second of film | n |`,
    `| --- | --- | ---: | ---: | ---: |`,
    ...works.map(({ name, every }, index) => {
      const [speed, processor, mean] = (["rate", "processor", "every"] as const).map((key) => spread(runs[index]!.map((run) => run[key])));
      const chosen = `as many frames as time allows: every ${spreadText(mean!, 2)}`;
      const looked = every === undefined ? chosen : `every ${every}th frame`;
      return `| ${[name, looked, spreadText(speed!, 2), spreadText(processor!, 2), speed!.n].join(" | ")} |`;
    }),
    "",
    `${values.seconds} seconds of film, H.264, ${rate} frames a second, playing meanwhile; Chromium ${browser}, headless, WebAssembly with threads. Browser and server share the cores.`,
  ];
}

function speedRow(film: string, what: string, results: readonly Measured[]): string {
  const speed = spread(results.map(({ framesPerSecond }) => framesPerSecond));
  const processor = spread(results.map(({ processorMs }) => processorMs));
  const cells = [film, what, spreadText(speed, 0), (speed.median / rate).toFixed(1), processor.median.toFixed(1), speed.n];
  return `| ${cells.join(" | ")} |`;
}

async function readThrough(path: string, every: number): Promise<void> {
  await using film = await openFilm(path);
  for await (const { index, picture } of film.frames()) if (index % every === 0 && every < Infinity) await picture();
}

interface Followed {
  readonly every: number;
  readonly people: number;
}

/** A false face for a moment is the detector's; who is not found makes a film look faster than it is. */
async function analyzeThrough(path: string, analyzer: FaceAnalyzer<RasterImage>, { every, people }: Followed): Promise<void> {
  for await (const told of analyzeVideo(path, analyzer, { every }))
    if (told.schema === "tensorface.tracks/1" && told.tracks.length < people)
      throw new Error(`${people} people are there, ${told.tracks.length} were followed`);
}

async function measureTruth(): Promise<string[]> {
  await using analyzer = await createAnalyzer({ tasks: [], workers: 0 });
  const rows: (readonly [name: string, TruthRow])[] = [];
  for (const scene of scenes) {
    const truth = await measureScene(scene, analyzer);
    const inPage = await measureScene(scene, analyzer, { told: { every: 3 }, hidden: { every: 3 } });
    const { switches, mixed } = { switches: truth.switches + inPage.switches, mixed: truth.mixed + inPage.mixed };
    rows.push([scene.name, { ...truth, switches, mixed, coveredInPage: inPage.covered, hiddenInPage: inPage.hidden }]);
  }
  const counted = rows.filter((_, index) => scenes[index]!.isBeyond !== true).map(([, truth]) => truth);
  const sum = (key: keyof TruthRow): number => counted.reduce((total, truth) => total + truth[key], 0);
  const all = {
    faceFrames: sum("faceFrames"),
    covered: sum("covered"),
    switches: sum("switches"),
    mixed: sum("mixed"),
    hidden: sum("hidden"),
    coveredInPage: sum("coveredInPage"),
    hiddenInPage: sum("hiddenInPage"),
  };
  const beyond = rows.filter((_, index) => scenes[index]!.isBeyond === true);
  return [
    `Counted on ${today()}.`,
    "",
    "| film | face-frames | covered, every 5th frame | covered in the page, every 3rd | switches | tracks of two people | hidden by `blur`, every 3rd frame | hidden in the page, every 3rd |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows.filter((row) => !beyond.includes(row)).map(([name, truth]) => truthRow(name, truth)),
    truthRow(`**all of these** (${percent(all.covered, all.faceFrames)} covered, ${percent(all.hidden, all.faceFrames)} hidden)`, all),
    ...beyond.map(([name, truth]) => truthRow(`${name}, not among them`, truth)),
  ];
}

/** With looks as `analyze` and `blur` take them, and as the page does where there is time for all that it wants; switches and mixed tracks of both. */
interface TruthRow extends FilmTruth {
  readonly coveredInPage: number;
  readonly hiddenInPage: number;
}

function truthRow(name: string, row: TruthRow): string {
  const { faceFrames, covered, coveredInPage, switches, mixed, hidden, hiddenInPage } = row;
  return `| ${[name, faceFrames, covered, coveredInPage, switches, mixed, hidden, hiddenInPage].join(" | ")} |`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

/** The command's largest memory, and the JSONL that it writes. */
async function measureMemory(portrait: RasterImage): Promise<string[]> {
  const short = join(folder, "short.mp4");
  await writeFilm(short, drawScene(portrait, smallSize, 3), smallSize, 10 * rate);
  const rows: string[] = [];
  for (const { name, seconds, every } of lengths) {
    const path = join(folder, `${seconds}.mp4`);
    const frames = await repeatFilm(short, path, seconds);
    const told = join(folder, `${seconds}.jsonl`);
    const { peakBytes, seconds: took } = await runToEnd(["analyze", path, "--every", String(every), "--out", told]);
    const { tracks } = tracksSchema.parse(JSON.parse(await readFile(join(folder, `${seconds}.tracks.json`), "utf8")));
    rows.push(`| ${[name, frames, every, Math.ceil(frames / every), tracks.length, mebibytes(peakBytes), took.toFixed(0)].join(" | ")} |`);
    await rm(path);
  }
  return [
    "| length | frames | `--every` | looks | tracks | largest memory of the process | seconds |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    `\`tensorface analyze FILM --out FILE\` from the sources, ${smallSize.width} x ${smallSize.height} pixels, 3 faces, one run each.`,
  ];
}

/** A film again and again, without coding it anew. @returns its frames */
async function repeatFilm(from: string, to: string, seconds: number): Promise<number> {
  const library = await loadMediabunny();
  using input = new library.Input({ source: new library.FilePathSource(from), formats: library.ALL_FORMATS });
  const track = (await input.getPrimaryVideoTrack())!;
  const decoderConfig = (await track.getDecoderConfig())!;
  const packets = await Array.fromAsync(new library.EncodedPacketSink(track).packets());
  const output = new library.Output({ format: new library.Mp4OutputFormat(), target: new library.FilePathTarget(to) });
  const source = new library.EncodedVideoPacketSource((await track.getCodec())!);
  output.addVideoTrack(source, { frameRate: rate });
  await output.start();
  const frames = seconds * rate;
  for (let index = 0; index < frames; index++) {
    const packet = packets[index % packets.length]!;
    const timestamp = packet.timestamp + (Math.floor(index / packets.length) * packets.length) / rate;
    await source.add(packet.clone({ timestamp }), { decoderConfig });
  }
  await output.finalize();
  return frames;
}
