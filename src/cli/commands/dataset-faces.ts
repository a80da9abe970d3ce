import type { ArgsDef } from "citty";
import { counted, createRandom, shuffled } from "../../core/index.ts";
import { openDataset } from "../../datasets/dataset.node.ts";
import { type Command, defineCommand, numberFlag } from "../command.ts";
import { describeMissed, missedPictures, observeFaces } from "../../predict/index.ts";
import { requireDirectory } from "../dataset/operands.ts";
import { sayNext, withProgress } from "../dataset/terminal.ts";

const facesArgs = {
  sample: { type: "string", valueHint: "N", description: "look at N pictures drawn at random (default: all)" },
} as const satisfies ArgsDef;

export const datasetFacesCommand: Command = defineCommand({
  meta: { name: "faces", description: "Run the face detector over the pictures: no face, several faces, pose." },
  args: facesArgs,
  help: {
    operands: "DIR",
    examples: [["tensorface dataset faces data/fairface --sample 2000", "enough for the report"]],
    notes: [
      "It looks for the main face of each picture, the largest; smaller ones count where they are seen beside it. Pictures are measured on the same way. What is found goes to faces.jsonl, where `dataset doubt` and `dataset report` read it; `doubt` then looks at the face instead of the whole picture.",
    ],
  },
  run: async ({ args }) => {
    const dataset = await openDataset(requireDirectory("faces", args._));
    const sample = numberFlag("sample", args.sample, { min: 1, whole: true });
    const all = await Array.fromAsync(dataset.records());
    const records = sample === undefined ? all : shuffled(all, createRandom(1)).slice(0, sample);
    const found = await withProgress((onProgress, signal) => observeFaces(dataset, records, { onProgress, signal }));
    const counts = records.flatMap(({ sha256 }) => found.get(sha256)?.faces ?? []);
    const without = counts.filter((count) => count === 0).length;
    const several = counts.filter((count) => count > 1).length;
    process.stdout.write(
      `${counted(counts.length, "picture")}: one face on ${counts.length - without - several}, none on ${without}, several on ${several}\n`,
    );
    const missed = describeMissed(await missedPictures(dataset, records, found));
    if (missed !== undefined) process.stdout.write(`${missed}\n`);
    sayNext(["dataset", "doubt", dataset.directory]);
  },
});
