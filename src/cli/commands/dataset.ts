import { defineCommand, type Command } from "../command.ts";

/** `tensorface dataset ...`: from a published dataset to a clean one. */
export const datasetCommand: Command = defineCommand({
  meta: { name: "dataset", description: "Import, look at, clean, split and export datasets of labelled faces." },
  subCommands: {
    import: async () => (await import("./dataset-import.ts")).datasetImportCommand,
    clean: async () => (await import("./dataset-clean.ts")).datasetCleanCommand,
    duplicates: async () => (await import("./dataset-duplicates.ts")).datasetDuplicatesCommand,
    split: async () => (await import("./dataset-split.ts")).datasetSplitCommand,
    faces: async () => (await import("./dataset-faces.ts")).datasetFacesCommand,
    doubt: async () => (await import("./dataset-doubt.ts")).datasetDoubtCommand,
    review: async () => (await import("./dataset-review.ts")).datasetReviewCommand,
    "merge-decisions": async () => (await import("./dataset-decisions.ts")).datasetMergeCommand,
    apply: async () => (await import("./dataset-decisions.ts")).datasetApplyCommand,
    report: async () => (await import("./dataset-report.ts")).datasetReportCommand,
    export: async () => (await import("./dataset-export.ts")).datasetExportCommand,
  },
  formerNames: new Map([["score", "doubt"]]),
  help: {
    examples: [
      ["tensorface dataset import fairface fairface --out data/fairface", "read a dataset in its published layout"],
      ["tensorface dataset clean data/fairface", "find the wrong labels and open the review: all of the next four"],
      ["tensorface dataset duplicates data/fairface", "find copies of one photograph, keep each on one side of a split"],
      ["tensorface dataset doubt data/fairface --task gender", "rank the labels, the most doubtful first"],
      ["tensorface dataset review data/fairface --task gender", "go through them in the browser"],
      ["tensorface dataset apply data/fairface", "write the cleaned manifest; the original stays"],
      ["tensorface dataset report data/fairface --out report.html", "charts, doubtful labels, sample and mean faces"],
      ["tensorface dataset export data/fairface --format csv --out clean", "a table and the pictures, as cleaned"],
    ],
  },
});
