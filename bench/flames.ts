/**
 * Where the main thread's time goes, as a flame graph of each row: V8's profiler, on the built package.
 *
 *     npm run bench -- flames [--rows portrait,photo,mosaic,folder,start] [--write]
 *
 * `--write` puts them into docs/lab/flames.
 */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadTensorFace } from "./engines/tensorface.ts";
import { drawFlames } from "./flames/draw.ts";
import { type Frame, profileSchema, readProfile } from "./flames/tree.ts";
import { type BenchPictures, makePictures } from "./pictures.ts";
import { flag, readWords, someOf } from "../scripts/words.ts";

const rowNames = ["portrait", "photo", "mosaic", "folder", "start"] as const;
type RowName = (typeof rowNames)[number];
const { values } = readWords("npm run bench -- flames", { rows: someOf(rowNames), write: flag });
/** Microseconds between two looks of the profiler. */
const interval = 250;
const rounds: Readonly<Record<Exclude<RowName, "start">, number>> = { portrait: 60, photo: 12, mosaic: 8, folder: 1 };
const titles: Readonly<Record<RowName, string>> = {
  portrait: "Portrait, 512 px: the main thread's time",
  photo: "Photo, 12 megapixels: the main thread's time",
  mosaic: "Mosaic of 20 faces: the main thread's time",
  folder: "Folder of 40: the main thread's time",
  start: "Start of the library and a portrait: the main thread's time",
};

/** Pictures, by an analyzer that is loaded and warm. */
async function profilePictures(row: Exclude<RowName, "start">, pictures: BenchPictures): Promise<Frame> {
  const engine = await loadTensorFace({});
  const look = async (): Promise<unknown> =>
    row === "folder"
      ? engine.analyzeAll(pictures.folder)
      : engine.analyze(pictures[row === "photo" || row === "mosaic" ? row : "portrait"]);
  for (let round = 0; round < Math.min(3, rounds[row]); round++) await look();
  using session = new ProfilingSession();
  await session.begin();
  for (let round = 0; round < rounds[row]; round++) await look();
  return session.end();
}

class ProfilingSession implements Disposable {
  readonly #session = new Session();

  async begin(): Promise<void> {
    this.#session.connect();
    await this.#session.post("Profiler.enable");
    await this.#session.post("Profiler.setSamplingInterval", { interval });
    await this.#session.post("Profiler.start");
  }

  async end(): Promise<Frame> {
    const { profile } = await this.#session.post("Profiler.stop");
    return readProfile(profileSchema.parse(profile));
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }
}

/** A process of its own, from its start to its end. What the first one keeps serves the second. */
async function profileStart(folder: string, portrait: string): Promise<Frame> {
  const entry = JSON.stringify(new URL("../dist/index.js", import.meta.url).href);
  const program = `const { createAnalyzer } = await import(${entry}); await (await createAnalyzer()).analyze(${JSON.stringify(portrait)});`;
  const profiles = join(folder, "start");
  const words = ["--input-type=module", "-e", program];
  execFileSync(process.execPath, words);
  execFileSync(process.execPath, ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-interval=${interval}`, ...words]);
  const [name] = await readdir(profiles);
  return readProfile(profileSchema.parse(JSON.parse(await readFile(join(profiles, name!), "utf8"))));
}

const folder = await mkdtemp(join(tmpdir(), "tensorface-flames-"));
try {
  const pictures = await makePictures(folder, 40);
  const target = values.write ? fileURLToPath(new URL("../docs/lab/flames/", import.meta.url)) : "out/flames";
  await mkdir(target, { recursive: true });
  for (const row of values.rows) {
    const frame = row === "start" ? await profileStart(folder, pictures.portrait) : await profilePictures(row, pictures);
    const path = join(target, `${row}.svg`);
    await writeFile(path, drawFlames(titles[row], frame));
    console.log(`${path}: ${frame.milliseconds.toFixed(0)} ms`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
