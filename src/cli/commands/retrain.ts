import type { ArgsDef } from "citty";
import { cropChoices } from "../../retrain/decide-crop.node.ts";
import { describeResult, retrainKinds, type RetrainResult } from "../../retrain/index.ts";
import { comparedBackbones } from "../../retrain/look.node.ts";
import { quoted } from "../../report/index.ts";
import { retrain } from "../../retrain/retrain.node.ts";
import { readSettings, settingsBeside } from "../../retrain/settings.node.ts";
import { type Command, defineCommand, numberFlag, usageError } from "../command.ts";
import { withProgress } from "../dataset/terminal.ts";

const retrainArgs = {
  out: { type: "string", alias: "o", valueHint: "DIR", description: "folder of the model (default: its name)" },
  name: {
    type: "string",
    valueHint: "NAME",
    description: "what the model is called (default: as --out; without it the pictures' folder and -model)",
  },
  task: { type: "string", valueHint: "NAME", description: "what it tells, the field of its answers (default: the folder's name)" },
  kind: {
    type: "enum",
    options: [...retrainKinds],
    description: "how it is answered (default: classes; groups in order where the folders are)",
  },
  crop: { type: "enum", options: [...cropChoices], description: "cut faces out, or take pictures whole (default: auto, looks at some)" },
  largest: { type: "boolean", description: "take the largest face of a picture with several (default: such pictures are left out)" },
  backbone: {
    type: "string",
    valueHint: "NAME|PATH",
    description:
      "the network that looks at the pictures; with commas between, the best of several; with +, side by side (default: see below)",
  },
  size: {
    type: "string",
    valueHint: "N|WxH",
    description: "size of its pictures, where the files of a backbone do not say it",
  },
  scale: {
    type: "string",
    valueHint: "SCALE",
    description: "what becomes of pixels, likewise: 0..1, -1..1, 0..255, imagenet or MEAN:DEVIATION",
  },
  "fine-tune": {
    type: "boolean",
    description: "learn the network's last blocks on as well, and keep the better of both: minutes to hours (default: no)",
  },
  settings: {
    type: "string",
    valueHint: "PATH",
    description: "make a model again as its settings.json says; flags and DIR count instead where they are given",
  },
  cache: { type: "string", valueHint: "DIR", description: "folder of what was computed (default: .cache/retrain)" },
  folds: { type: "string", valueHint: "N", description: "parts of the data that take turns (default: 5; 3 of more than 1,000 pictures)" },
  seed: { type: "string", valueHint: "N", description: "of what chance decides (default: 1)" },
  pictures: { type: "boolean", default: true, negativeDescription: "leave example pictures out of the report" },
} as const satisfies ArgsDef;

export const retrainCommand: Command = defineCommand({
  meta: { name: "retrain", description: "Make a model of your own classes, from folders of pictures." },
  args: retrainArgs,
  help: {
    operands: "DIR",
    examples: [
      ["tensorface retrain photos", "photos/glasses and photos/none: a model in photos-model"],
      ["tensorface analyze party.jpg --model photos-model", "and what it says of a picture"],
      ["tensorface retrain shapes --crop whole", "pictures that are no faces"],
      ["tensorface retrain data/mine --task glasses", "an imported dataset"],
      ["tensorface retrain shapes --backbone net.keras --scale -1..1", "what a network sees that was made elsewhere"],
      ["tensorface retrain --settings photos-model --seed 2", "the same again, dealt out otherwise"],
      ["tensorface retrain --classic --help", "the protocol of TensorFlow's retrain.py, with its own flags"],
    ],
    notes: [
      "DIR holds a folder for each class, or is an imported dataset. Folders below a class are people: a person is never on both sides when the model is tested.",
      `Which network looks is chosen by cross-validation: among ${comparedBackbones.join(", ")} and those that you imported. --backbone names one, also the path of one that was made elsewhere.`,
      "What was computed is kept: a run that was stopped goes on from there, and one with other settings takes seconds. Of single examples the model holds the beginning of a hash; report.html shows some of them, unless --no-pictures is given.",
    ],
  },
  variants: { "--classic": async () => (await import("./retrain-classic.ts")).retrainClassicCommand },
  run: async ({ args }) => {
    const [source, ...more] = args._;
    const settings = settingsBeside(args.settings === undefined ? undefined : await readSettings(args.settings), source, {
      out: args.out,
      name: args.name,
      task: args.task,
      kind: args.kind,
      crop: args.crop,
      largest: args.largest,
      backbone: args.backbone,
      size: args.size,
      scale: args.scale,
      fineTune: args["fine-tune"],
      cache: args.cache,
      folds: numberFlag("folds", args.folds, { min: 2, max: 20, whole: true }),
      seed: numberFlag("seed", args.seed, { min: 0, whole: true }),
      pictures: args.pictures ? undefined : false,
    });
    if (settings === undefined || more.length > 0)
      throw usageError("retrain needs one DIR", "It holds a folder for each class, or is an imported dataset.");
    const { source: pictures, ...options } = settings;
    const result = await withProgress((onProgress, signal, onNote) => retrain(pictures, { ...options, onNote, onProgress, signal }));
    process.stdout.write(describe(result));
  },
});

function describe(result: RetrainResult): string {
  const lines = [...describeResult(result), ...result.warnings.map((warning) => `Mind: ${warning}.`)];
  return `${lines.join("\n")}\nwritten to ${result.out}: open report.html there, or run \`tensorface analyze PICTURE --model ${quoted(result.out)}\`\n`;
}
