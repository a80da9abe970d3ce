import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAgainst } from "./against/against.ts";
import { createAnalyzer } from "../src/_entries/node.ts";
import { findModel } from "../src/models/index.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import { describeEngines, runColdStart, runContest } from "./contest.ts";
import { countOperations, measureMatrixRate } from "./floor.ts";
import { describeMachine, today } from "./machine.ts";
import { makePictures, mosaicFaces } from "./pictures.ts";
import { type BenchReport, type BenchRow, emptyPage, type Floor, isComparable, renderReport, replaceBetweenMarkers } from "./report.ts";
import { anyText, flag, readWords, someOf, wholeNumber } from "../scripts/words.ts";

/**
 * Whole pictures and a folder, against human and face-api, in turns and in the same run: `npm run bench`.
 * `--quick` runs everything with a few rounds, to see that it works. With `--write` the page says it afterwards, docs/lab/performance.md unless
 * `--out` says where; with `--rows` the others keep what the page says of them, where that is of this machine and of the same engines.
 *
 *     npm run bench -- [--rows portrait,cold] [--rounds 30] [--files 200] [--write]
 *     npm run bench -- --against REF [--rows portrait,command,page,answers] [--rounds 15] [--files 200] [--faces FOLDER] [--write]
 *
 * measures this build against that of an earlier commit instead, in turns, with today's networks in both.
 */
/** What is measured where no rows are named; the page needs a browser, which is not everywhere. */
const usualRows = ["portrait", "photo", "mosaic", "folder", "cold", "library", "command", "answers"] as const;

const { values } = readWords("npm run bench --", {
  quick: flag,
  against: anyText(),
  // From the library on they are of --against alone.
  rows: someOf([...usualRows, "page"], usualRows),
  rounds: wholeNumber(),
  files: wholeNumber(),
  faces: anyText(),
  out: anyText("docs/lab/performance.md"),
  write: flag,
});
const wantedRows: readonly string[] = values.rows;
const plan = values.quick
  ? { single: 2, large: 1, folder: 1, cold: 1, files: 4 }
  : { single: 30, large: 9, folder: 3, cold: 7, files: 200 };

const folder = await mkdtemp(join(tmpdir(), "tensorface-bench-"));
try {
  const page = values.write ? values.out : undefined;
  if (values.against === undefined) {
    const report = await measure(folder, await readNumbers(values.out));
    const text = renderReport(report);
    console.log(text);
    if (page !== undefined) await save(page, text, report);
  } else {
    const rounds = values.rounds ?? (values.quick ? 2 : 15);
    const pictures = await makePictures(folder, values.files ?? plan.files);
    await runAgainst(pictures, { ref: values.against, rows: wantedRows, rounds, faces: values.faces, page });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(target: string, kept: BenchReport | undefined): Promise<BenchReport> {
  const files = values.files ?? plan.files;
  console.error("making the pictures");
  const pictures = await makePictures(target, files);
  const [engines, machine] = [await describeEngines(), describeMachine()];
  const isKept = kept !== undefined && isComparable(kept, { machine, engines });
  if (kept !== undefined && !isKept)
    console.error("what the page says is of another machine, or of other engines: rows that are not measured go");
  const rounds = (usual: number): number => values.rounds ?? usual;
  const folderRounds = values.rounds === undefined ? plan.folder : Math.max(1, Math.round(values.rounds / 5));
  const contests = [
    { title: "portrait, 512 px", paths: [pictures.portrait], rounds: rounds(plan.single), warmUp: 3, facesThere: 1 },
    { title: "photo, 12 megapixels", paths: [pictures.photo], rounds: rounds(plan.large), warmUp: 1, facesThere: 1 },
    { title: `mosaic of ${mosaicFaces} faces`, paths: [pictures.mosaic], rounds: rounds(plan.large), warmUp: 1, facesThere: mosaicFaces },
    { title: `folder of ${files}`, paths: pictures.folder, rounds: folderRounds, warmUp: 0, facesThere: files },
  ].map((contest) => Object.assign(contest, { race: async () => runContest(contest) }));
  const cold = {
    title: "cold start and portrait",
    paths: [pictures.portrait],
    facesThere: 1,
    race: async () => runColdStart(pictures.portrait, rounds(plan.cold)),
  };
  const date = today();
  const rows: BenchRow[] = [];
  for (const { title, paths, facesThere, race } of [...contests, cold]) {
    const word = title.split(/\W/, 1)[0]!;
    // Rows of before November 29, 2026 tell no processor time.
    const before = isKept ? kept.rows.find((row) => row.title.startsWith(word) && "date" in row) : undefined;
    if (!wantedRows.includes(word)) {
      if (before !== undefined) rows.push(before);
      continue;
    }
    console.error(title);
    rows.push({ title, date, pictures: paths.length, facesThere, engines: await race() });
  }
  return { schema: "tensorface.benchmark/1", date, machine, engines, rows, floor: await measureFloor() };
}

async function measureFloor(): Promise<Floor> {
  await using analyzer = await createAnalyzer();
  const store = openModelFolders();
  const manifests = await store.manifests();
  const operations: Record<string, number> = {};
  for (const id of analyzer.models) {
    const manifest = findModel(manifests, id);
    const looks = manifest.kind === "head" && manifest.flipAveraging === true ? 2 : 1;
    operations[id] = looks * (await countOperations(await store.read(manifest), manifest.input));
  }
  const operationsPerSecond = await measureMatrixRate(20);
  const total = Object.values(operations).reduce((sum, value) => sum + value, 0);
  return { operations, operationsPerSecond, milliseconds: (1000 * total) / operationsPerSecond };
}

async function save(page: string, text: string, report: BenchReport): Promise<void> {
  const old = await readFile(page, "utf8").catch(() => emptyPage);
  await writeFile(page, replaceBetweenMarkers(old, text));
  // What was measured against an earlier build stays.
  const against = (await readNumbers(page))?.against;
  await writeFile(numbersOf(page), `${JSON.stringify({ ...report, against }, undefined, 2)}\n`);
}

/** What was measured before. */
async function readNumbers(page: string): Promise<(BenchReport & { readonly against?: unknown }) | undefined> {
  const text = await readFile(numbersOf(page), "utf8").catch(() => undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above
  return text === undefined ? undefined : (JSON.parse(text) as BenchReport);
}

function numbersOf(page: string): string {
  return page.replace(/\.md$/, ".json");
}
