import type { ArgsDef } from "citty";
import { openDataset } from "../../datasets/dataset.node.ts";
import { writeFileAtomically } from "../../files/files.node.ts";
import { renderReport } from "../../datasets/report/report.node.ts";
import { type Command, defineCommand, usageError } from "../command.ts";
import { readObservations } from "../../predict/index.ts";
import { requireDirectory } from "../dataset/operands.ts";
import { withProgress } from "../dataset/terminal.ts";

const reportArgs = {
  out: { type: "string", alias: "o", valueHint: "FILE.html", description: "where the page is written (required)" },
} as const satisfies ArgsDef;

export const datasetReportCommand: Command = defineCommand({
  meta: { name: "report", description: "Write one page with counts, charts, duplicates, doubtful labels, sample and mean faces." },
  args: reportArgs,
  help: {
    operands: "DIR --out FILE.html",
    examples: [["tensorface dataset report data/fairface --out report.html", "one file, to be opened in any browser"]],
    notes: [
      "Run `dataset faces`, `dataset duplicates` and `dataset doubt` before for the whole picture; what was not measured is said to be so.",
    ],
  },
  run: async ({ args }) => {
    const { out } = args;
    const directory = requireDirectory("report", args._);
    if (out === undefined) throw usageError("dataset report needs --out FILE.html");
    const dataset = await openDataset(directory);
    const observations = await readObservations(directory);
    const page = await withProgress((onProgress, signal) => renderReport(dataset, { observations, onProgress, signal }));
    await writeFileAtomically(out, page);
    process.stdout.write(`written to ${out}\n`);
  },
});
