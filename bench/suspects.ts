/**
 * The likeliest wrong moods of a dataset that has votes beside its labels (FER2013 with FER+): how many of the first ones the votes contradict,
 * and with `--out` their ids, for whoever wants to look at them.
 *
 *     npm run bench -- suspects DIR --split validation --first 500
 *
 * The votes are not looked at by what ranks the labels; a network that was taught by votes of other faces may have learnt what voters mean.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { moods } from "../src/core/index.ts";
import type { FaceLabels } from "../src/datasets/index.ts";
import { judgeLabels } from "../src/predict/doubt/index.ts";
import { prepareFaces } from "./cleaning/prepare.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    first: { type: "string", default: "500" },
    count: { type: "string", default: "40000" },
    split: { type: "string" },
    features: { type: "string" },
    /** A CSV file of ids and how likely their labels are wrong, in percent; neither labels nor pictures. */
    out: { type: "string" },
  },
});
const [directory] = positionals;
if (directory === undefined) throw new Error("usage: bench/suspects.ts DIR [--split validation] [--first 500] [--out FILE.csv]");

const { records, aspects, networks, dataset } = await prepareFaces(directory, {
  task: "mood",
  count: Number(values.count),
  split: values.split,
  features: values.features,
});
const voted = records.filter(({ labels }) => labels.moodVotes !== undefined).length;
const { labels: judged } = await judgeLabels(records, "mood", aspects);
const queue = judged
  .map(({ doubt }, index) => ({ doubt, record: records[index]! }))
  .toSorted((a, b) => b.doubt - a.doubt);
const first = queue.slice(0, Number(values.first));

/** Whether voters chose another mood more often than the label; undefined without votes. */
function isContradicted({ mood, moodVotes }: FaceLabels): boolean | undefined {
  if (mood === undefined || moodVotes === undefined) return undefined;
  return moodVotes[moods.indexOf(mood)]! < Math.max(...moodVotes);
}

const share = (some: readonly { readonly record: { readonly labels: FaceLabels } }[]): string => {
  const judged = some.flatMap(({ record }) => isContradicted(record.labels) ?? []);
  return `${judged.filter((wrong) => wrong).length} of ${judged.length}`;
};
console.log(`${dataset.info.title}, ${values.split ?? "all"}: ${records.length} faces, ${voted} with votes; ${networks.join(", ")}`);
console.log(`contradicted by the votes: ${share(first)} of the first ${first.length}; ${share(queue)} of all`);
const thought = first.reduce((sum, { doubt }) => sum + doubt, 0);
console.log(`as the queue says: ${thought.toFixed(0)} of the first ${first.length}`);
if (values.out !== undefined) {
  const lines = first.map(({ record, doubt }) => `${record.id},${Math.round(100 * doubt)}`);
  await writeFile(values.out, `id,percent\n${lines.join("\n")}\n`);
}
