import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { machineText } from "../machine.ts";
import type { BenchPictures } from "../pictures.ts";
import { replaceBetweenMarkers } from "../report.ts";
import { buildEarlier } from "./build.ts";
import { type AgainstReport, type AgainstRow, compareAnswers, compareRow, compareStarts, contestants, describeSides } from "./compare.ts";
import { renderAgainst } from "./report.ts";

export interface AgainstOptions {
  /** Of which commit: any name of it. */
  readonly ref: string;
  /** Rows to measure, by the first word of their titles, and `answers`. @default all */
  readonly rows?: readonly string[] | undefined;
  /** Rounds of a row of one picture or one start; a folder's are a fifth. */
  readonly rounds: number;
  /** More pictures for the answers. */
  readonly faces?: string | undefined;
  /** The page that holds the markers, its numbers beside it in JSON. Nothing is written without one. */
  readonly page?: string | undefined;
}

/**
 * Measures this build against an earlier one. Rows that are not measured keep what the page says of them, where it is of the same commit, machine
 * and networks.
 */
export async function runAgainst(pictures: BenchPictures, options: AgainstOptions): Promise<void> {
  const earlier = await buildEarlier(options.ref);
  const sides = contestants(earlier.folder);
  const isWanted = (name: string): boolean => options.rows?.includes(name) ?? true;
  const rows: AgainstRow[] = [];
  const note = (row: AgainstRow): void => {
    rows.push(row);
    console.error(`${row.title}: ${row.ratio.median.toFixed(2)} of the time, ${row.processorRatio.median.toFixed(2)} of the processor's`);
  };
  for (const contest of contestsOf(pictures, options.rounds)) {
    if (isWanted(contest.title.split(/\W/, 1)[0]!)) note(await compareRow(contest, sides));
  }
  const clones = { before: earlier.folder, now: fileURLToPath(new URL("../../", import.meta.url)) };
  if (isWanted("library"))
    note(compareStarts("library: cold start and portrait", options.rounds, (clone) => programWords(clone, pictures.portrait), clones));
  if (isWanted("command"))
    note(compareStarts("command: cold start and portrait", options.rounds, (clone) => commandWords(clone, pictures.portrait), clones));
  if (options.rows?.includes("page") === true) {
    const { comparePages } = await import("./pages.ts");
    note(await comparePages(options.rounds, clones, pictures.portrait));
  }
  const answers = isWanted("answers")
    ? await compareAnswers([pictures.portrait, pictures.mosaic, ...pictures.folder, ...(await picturesIn(options.faces))], sides)
    : undefined;
  await save({ commit: earlier.commit, machine: machineText(), setup: await describeSides(sides), rows, answers }, options.page);
}

function contestsOf(pictures: BenchPictures, rounds: number) {
  const folderRounds = Math.max(1, Math.round(rounds / 5));
  return [
    { title: "portrait, 512 px", paths: [pictures.portrait], rounds, warmUp: 3 },
    { title: "photo, 12 megapixels", paths: [pictures.photo], rounds, warmUp: 1 },
    { title: "mosaic of 20 faces", paths: [pictures.mosaic], rounds, warmUp: 1 },
    { title: `folder of ${pictures.folder.length}`, paths: pictures.folder, rounds: folderRounds, warmUp: 0 },
  ];
}

function programWords(clone: string, picture: string): string[] {
  const entry = JSON.stringify(join(clone, "dist/index.js"));
  return [
    "--input-type=module",
    "-e",
    `const { createAnalyzer } = await import(${entry}); await (await createAnalyzer()).analyze(${JSON.stringify(picture)});`,
  ];
}

function commandWords(clone: string, picture: string): string[] {
  return [join(clone, "dist/cli.js"), "analyze", picture, "--format", "json"];
}

async function picturesIn(folder: string | undefined): Promise<string[]> {
  if (folder === undefined) return [];
  const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).toSorted();
  return names.map((name) => join(resolve(folder), name));
}

async function save(report: AgainstReport, page: string | undefined): Promise<void> {
  if (page === undefined) {
    console.log(renderAgainst(report));
    return;
  }
  const file = page.replace(/\.md$/, ".json");
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- written below, and by `npm run bench`
  const numbers = JSON.parse(await readFile(file, "utf8")) as { readonly against?: AgainstReport };
  const conditions = ({ commit, machine, setup }: AgainstReport): string => JSON.stringify([commit, machine, setup.before, setup.now]);
  const kept = numbers.against !== undefined && conditions(numbers.against) === conditions(report) ? numbers.against : undefined;
  const titles = new Set([...(kept?.rows ?? []), ...report.rows].map(({ title }) => title));
  const rows = [...titles].map((title) => [...report.rows, ...(kept?.rows ?? [])].find((row) => row.title === title)!);
  const merged = { ...report, rows, answers: report.answers ?? kept?.answers };
  await writeFile(file, `${JSON.stringify({ ...numbers, against: merged }, undefined, 2)}\n`);
  const text = renderAgainst(merged);
  await writeFile(page, replaceBetweenMarkers(await readFile(page, "utf8"), text, "against"));
  console.log(text);
}
