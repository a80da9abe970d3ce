/**
 * The likeliest wrong labels of a public dataset, as ids and reasons for whoever has the pictures:
 *
 *     npm run bench -- suspects DIR --task mood --split validation --first 500 --out FILE.csv
 *     npm run bench -- suspects DIR --task gender --copies --out FILE.csv
 *
 * The first ranks labels as `dataset doubt` does. Where votes stand beside moods (FER2013 with FER+), it counts how many of the first ones the
 * votes contradict: they are not looked at by what ranks the labels, though a network that was taught by votes of other faces may have learnt
 * what voters mean. The second lists pairs of copies that `dataset duplicates` found and whose labels are not both right; no network is asked.
 */
import { writeFile } from "node:fs/promises";
import { type Cell, csvRow } from "../src/analyze/index.ts";
import { moods } from "../src/core/index.ts";
import { type FaceLabels, splits } from "../src/datasets/index.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { readDuplicates } from "../src/datasets/duplicates.node.ts";
import { judgeLabels, labelledRecords } from "../src/predict/doubt/index.ts";
import { prepareFaces } from "./cleaning/prepare.ts";
import { contradictingCopies } from "./suspects/copies.ts";
import { anyText, choice, flag, readWords, wholeNumber } from "../scripts/words.ts";

const { values, operands } = readWords(
  "npm run bench -- suspects",
  {
    task: anyText("mood"),
    first: wholeNumber(500),
    count: wholeNumber(40_000),
    split: choice(splits),
    features: anyText(),
    copies: flag,
    /** A CSV file of ids and reasons; neither pictures nor the set's labels. */
    out: anyText(),
  },
  { operands: ["DIR"] },
);
const directory = operands[0]!;
const { task } = values;

if (values.copies) await listCopies(directory);
else await listDoubtful(directory);

async function listCopies(folder: string): Promise<void> {
  const dataset = await openDataset(folder);
  const pairs = await readDuplicates(folder);
  if (pairs === undefined) throw new Error(`run \`tensorface dataset duplicates ${folder}\` first`);
  const found = contradictingCopies(await labelledRecords(dataset, task), task, pairs);
  const equal = found.filter(({ reason }) => reason.startsWith("equal")).length;
  console.log(
    `${dataset.info.title}, ${task}: ${pairs.length} pairs of copies, ${found.length} contradict each other, ${equal} of them equal files`,
  );
  await write([["first", "second", "reason"], ...found.map(({ first, second, reason }) => [first, second, reason])]);
}

async function listDoubtful(folder: string): Promise<void> {
  const { records, aspects, unseen, networks, dataset } = await prepareFaces(folder, {
    task,
    count: values.count,
    split: values.split,
    features: values.features,
  });
  const { labels: judged } = await judgeLabels(records, task, aspects, { own: dataset.info.tasks, unseen });
  const queue = judged
    .map((judgement, index) => Object.assign({ record: records[index]! }, judgement))
    .toSorted((a, b) => b.doubt - a.doubt);
  const first = queue.slice(0, values.first);
  console.log(`${dataset.info.title}, ${task}, ${values.split ?? "all"}: ${records.length} faces; ${networks.join(", ")}`);
  if (task === "mood") {
    console.log(`contradicted by the votes: ${countContradicted(first)} of the first ${first.length}; ${countContradicted(queue)} of all`);
  }
  const thought = first.reduce((sum, { doubt }) => sum + doubt, 0);
  console.log(`as the queue says: ${thought.toFixed(0)} of the first ${first.length}`);
  const rows = first.map(({ record, doubt, suggested, alternative }) => [
    record.id,
    Math.round(100 * doubt),
    `looks ${alternative ?? suggested}`,
  ]);
  await write([["id", "percent", "reason"], ...rows]);
}

/** Whether voters chose another mood more often than the label; undefined without votes. */
function isContradicted({ mood, moodVotes }: FaceLabels): boolean | undefined {
  if (mood === undefined || moodVotes === undefined) return undefined;
  return moodVotes[moods.indexOf(mood)]! < Math.max(...moodVotes);
}

function countContradicted(some: readonly { readonly record: { readonly labels: FaceLabels } }[]): string {
  const judged = some.flatMap(({ record }) => isContradicted(record.labels) ?? []);
  return `${judged.filter(Boolean).length} of ${judged.length}`;
}

async function write(rows: readonly (readonly Cell[])[]): Promise<void> {
  if (values.out !== undefined) await writeFile(values.out, rows.map(csvRow).join(""));
}
