import type { CommandEntry } from "./command.ts";

/** Every command, in the order that `--help` shows; each is loaded when it is called. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  analyze: {
    summary: "find the faces in pictures; tell apparent age, gender and mood",
    load: async () => (await import("./commands/analyze.ts")).analyzeCommand,
  },
  bulk: {
    summary: "analyse millions of pictures on any number of machines",
    load: async () => (await import("./commands/bulk.ts")).bulkCommand,
  },
  crop: {
    summary: "cut the faces out of pictures, each as a picture of its own",
    load: async () => (await import("./commands/crop.ts")).cropCommand,
  },
  blur: {
    summary: "hide the faces in a picture or film",
    load: async () => (await import("./commands/blur.ts")).blurCommand,
  },
  evaluate: {
    summary: "measure how accurate and how well calibrated heads are on labelled faces",
    load: async () => (await import("./commands/model-commands.ts")).evaluateCommand,
  },
  calibrate: {
    summary: "fit a model's ranges and sets of labels on labelled faces of your own",
    load: async () => (await import("./commands/model-commands.ts")).calibrateCommand,
  },
  serve: {
    summary: "serve the web page and the HTTP API on this machine",
    load: async () => (await import("./commands/serve.ts")).serveCommand,
  },
  retrain: {
    summary: "make a model of your own classes, from folders of pictures",
    load: async () => (await import("./commands/retrain.ts")).retrainCommand,
  },
  "label-image": {
    summary: "tell what a picture shows by a network of `retrain --classic`",
    load: async () => (await import("./commands/label-image.ts")).labelImageCommand,
  },
  train: {
    summary: "train a network from a configuration file",
    load: async () => (await import("./commands/train.ts")).trainCommand,
  },
  export: {
    summary: "make a model of a trained network",
    load: async () => (await import("./commands/export.ts")).exportCommand,
  },
  dataset: {
    summary: "import, look at, clean, split and export datasets of labelled faces",
    load: async () => (await import("./commands/dataset.ts")).datasetCommand,
  },
  notebook: {
    summary: "open notebooks that show the whole way, in Jupyter",
    load: async () => (await import("./commands/notebook.ts")).notebookCommand,
  },
  models: {
    summary: "list, show and verify networks; add, import and export models of your own",
    load: async () => (await import("./commands/models.ts")).modelsCommand,
  },
};
