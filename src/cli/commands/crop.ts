import type { ArgsDef, ParsedArgs } from "citty";
import { cropDefaults, cropLimits } from "../../analyze/index.ts";
import { type CropDependencies, cropPictures, type CropSettings, cropTableName, preferFiles } from "../../bulk/index.ts";
import { encodingFormats } from "../../image/index.ts";
import { type Command, defineCommand, exitCodes, numberFlag, usageError } from "../command.ts";
import { findingArgs, readFinding } from "../finding-args.ts";
import { listenForInterrupt } from "../interrupt.ts";

const cropArgs = {
  out: { type: "string", alias: "o", valueHint: "DIR", description: `write the crops and ${cropTableName} into DIR (required)` },
  size: {
    type: "string",
    valueHint: "N",
    description: `longer side of each crop, in pixels (default: ${cropDefaults.size}, with --template that of the head's input)`,
  },
  template: {
    type: "string",
    valueHint: "NAME",
    description: "cut as this head sees faces, by their landmarks: a name of `models list`, a folder or a file (default: by the box)",
  },
  margin: {
    type: "string",
    valueHint: "SHARE",
    description: `what is added to the box at each side, as a share of its longer side (default: ${cropDefaults.margin})`,
  },
  align: { type: "boolean", description: "turn each face upright, so that its eyes stand level" },
  format: { type: "enum", alias: "f", options: [...encodingFormats], default: "png", description: "the kind of picture file" },
  ...findingArgs,
} as const satisfies ArgsDef;

/** The command `tensorface crop`, with its dependencies loaded when it runs. */
export function createCropCommand(loadDependencies: () => Promise<CropDependencies>): Command {
  return defineCommand({
    meta: {
      name: "crop",
      description: "Cut the faces out of pictures: a picture for each face, and a table of where each came from.",
    },
    args: cropArgs,
    help: {
      operands: "INPUT... --out DIR",
      examples: [
        ["tensorface crop photos --out faces", "every face of a folder and its subfolders, and faces/crops.csv"],
        ["tensorface crop party.jpg --out faces --align --margin 0.4", "turned upright, with more around them"],
        ["tensorface crop photos --out faces --template mood --size 192", "as a head sees them, twice as large"],
        ["tensorface crop photos --out faces --detector dlib --margin 0", "by the boxes of dlib's face detector"],
      ],
      notes: [
        "INPUT is a file, a folder (with everything below it), a glob in quotes, an http(s) URL, or - for standard input, as for analyze. Folders and globs pass over DIR.",
        "Crops are called NAME-face1.png, NAME-face2.png, the largest face first; subfolders are kept, and of two pictures with one NAME the second becomes NAME-2. No file that is there is ever replaced: a DIR that holds crops.csv already is refused.",
        "Proportions are kept, and small faces are enlarged. Where a crop looks past the picture, its edge pixels are repeated.",
        "A picture that cannot be read becomes a line of crops.csv with its error, and the run goes on. Exit codes: 0 done, 1 some inputs failed, 2 wrong use, 130 stopped by Ctrl-C; what was done until then is kept.",
      ],
    },
    run: async ({ args }) => {
      const settings = await readSettings(args);
      const tally = await cropPictures(settings, await loadDependencies(), listenForInterrupt);
      if (tally.failed > 0) process.exitCode ??= exitCodes.failed;
    },
  });
}

export const cropCommand: Command = createCropCommand(async () => {
  const [{ createAnalyzer }, { readPicture }, { cropOfHead, renderCrops }] = await Promise.all([
    import("../../analyze/create-analyzer.node.ts"),
    import("../../bulk/annotated-copy.node.ts"),
    import("../../bulk/face-crops.node.ts"),
  ]);
  const read: CropDependencies["read"] = (location, signal) => readPicture(location, {}, signal);
  return { createAnalyzer, cropOfHead, renderCrops, read, stderr: process.stderr };
});

async function readSettings(args: ParsedArgs<typeof cropArgs>): Promise<CropSettings> {
  if (args._.length === 0) throw usageError("crop needs at least one INPUT", "For example: tensorface crop photo.jpg --out faces");
  if (args.out === undefined || args.out === "")
    throw usageError("crop needs --out DIR", "DIR is the folder that the crops are written into.");
  const size = numberFlag("size", args.size, { min: 1, max: cropLimits.size, whole: true });
  const margin = numberFlag("margin", args.margin, { min: 0, max: cropLimits.margin });
  if (args.template !== undefined && (margin !== undefined || args.align === true))
    throw usageError("--template says where the face stands: leave --margin and --align out");
  return {
    inputs: await preferFiles(args._),
    out: args.out,
    format: args.format,
    template: args.template,
    crop: { size, margin, align: args.align },
    // No task is told: faces are found, and nothing else.
    analyzer: { tasks: [], ...readFinding(args) },
  };
}
