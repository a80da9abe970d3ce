import { defineTraining } from "../../src/train/index.ts";
import { dense, dropout, residualNetwork } from "../../src/train/network/index.ts";
import { readConfig } from "../../src/train/run/config-file.node.ts";
import { type AblationRow, type AblationStudy, commonRows, studyFolder, teacherOf, withoutFrom } from "./study.ts";

const ageGender = await readConfig("age-gender-first", undefined);
const epochs = 3;
/** Of the shipped network, which this is in small. */
const { augmentation, data } = ageGender;
const [fairFace, utkFace] = data;
const losses = ageGender.losses.filter(({ kind }) => kind !== "distillation");
const heads = [
  { task: "age" as const, layers: [dropout(0.1), dense(101, { initialGain: 0.15 })] },
  { task: "gender" as const, layers: [dropout(0.1), dense(2, { initialGain: 0.15 })] },
];
const network = residualNetwork({
  input: { kind: "picture", channels: 3, height: 48, width: 48, mean: [117, 117, 117], standardDeviation: [64, 64, 64] },
  stem: { channels: 16, stride: 2 },
  widths: [16, 32, 64],
  heads: {},
});
const backbone = [...network.backbone];

/** The recipe of the shipped age and gender network in small: 48 pixels, a tenth of a million weights, three epochs, no teacher. */
export const ageGenderInSmall = defineTraining({
  name: "ablation",
  seed: 7,
  data,
  picture: { side: 48, storedSide: 56, colour: "rgb", mean: 117, standardDeviation: 64 },
  network: { backbone, heads },
  losses,
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  schedule: { kind: "cosine", peak: 0.004, warmUp: 0.12 },
  batchSize: 64,
  epochs,
  sampling: { balance: { task: "age", strength: 0.25 } },
  augmentation,
  averageDecay: 0.998,
  // Only the end is validated, so that the faces that are reported on choose nothing.
  validation: { select: ["age.groupAccuracy", "gender.accuracy"], every: epochs },
});
const id = "age-gender";
const without = withoutFrom(ageGenderInSmall);
const teacher = teacherOf(id, ["fairface", "utkface"], "age-gender-5");

/** What each ingredient of the age and gender recipe is worth, on the validation parts of FairFace and UTKFace together. */
export const ageGenderStudy: AblationStudy = {
  id,
  data: [
    { format: "fairface", split: "validation", title: "FairFace" },
    { format: "utkface", split: "validation", title: "UTKFace" },
  ],
  metrics: [
    { task: "gender", metric: "accuracy", title: "gender", isJudged: true },
    { task: "age", metric: "accuracy", title: "age group", isJudged: true },
    { task: "age", metric: "meanAbsoluteError", title: "error, years", isJudged: true },
  ],
  rows: ageGenderRows(),
};

function doubted(format: string): string {
  return `${studyFolder(id)}/without-doubted-${format}`;
}

function ageGenderRows(): readonly AblationRow[] {
  const { downscale: _downscale, jpeg: _jpeg, noise: _noise, grey: _grey, ...undamaged } = augmentation;
  const { brightness: _brightness, contrast: _contrast, saturation: _saturation, tint: _tint, ...unlit } = augmentation;
  const { erase: _erase, ...unerased } = augmentation;
  return [
    ...commonRows(ageGenderInSmall),
    alone("gender", "age"),
    alone("age", "gender"),
    without("balance", "balanced sampling of ages (strength 0.25)", { sampling: {} }),
    {
      id: "teacher",
      title: `half of the loss from the answers of ${teacher.model}`,
      against: "whole",
      ingredient: "here",
      teacher,
      teacherManifest: "recipes/initial/age-gender-5.json",
      training: {
        ...ageGenderInSmall,
        losses: [
          ...losses,
          ...(["age", "gender"] as const).map((head) => ({ kind: "distillation" as const, head, teacher, temperature: 1 })),
        ],
      },
    },
    {
      id: "doubted",
      title: "leaving out the 3 % of training faces whose gender labels `dataset doubt` ranks first",
      against: "whole",
      ingredient: "here",
      training: { ...ageGenderInSmall, data: [{ ...fairFace!, path: doubted("fairface") }, { path: doubted("utkface") }] },
      prepare: ["fairface", "utkface"].map((format) => [
        "bench/ablations/leave-out-doubted.ts",
        `.data/imported/${format}`,
        doubted(format),
        "--task",
        "gender",
      ]),
    },
    without("utkface", "UTKFace", { data: [fairFace!] }),
    without("fairface", "FairFace", { data: [utkFace!] }),
    without("expectation", "the distance of the expected age in the loss (0.1)", {
      losses: losses.filter(({ kind }) => kind !== "expectation"),
    }),
    without("distribution", "the bell around the exact age in the loss (0.6)", {
      losses: losses.filter(({ kind, head }) => kind !== "crossEntropy" || head !== "age"),
    }),
    without("damage", "loss of resolution, JPEG, noise and grey pictures", { augmentation: undamaged }),
    without("light", "brightness, contrast and colour", { augmentation: unlit }),
    without("erasing", "random erasing", { augmentation: unerased }),
    without("smoothing", "label smoothing of gender (0.05)", {
      losses: losses.map((loss) => (loss.kind === "crossEntropy" && loss.head === "gender" ? { ...loss, labelSmoothing: 0 } : loss)),
    }),
    without("average", "moving average of the weights (0.998)", { averageDecay: 0 }),
    without("crop", "FairFace's crop that brings its eyes to where UTKFace has them", {
      data: data.map(({ path }) => ({ path })),
    }),
  ];
}

/** A network of its own for one task: what sharing the trunk with the other is worth. */
function alone(task: "age" | "gender", other: "age" | "gender"): AblationRow {
  const select = task === "age" ? (["age.groupAccuracy"] as const) : (["gender.accuracy"] as const);
  return without(
    `${task}-alone`,
    `${other} in the same network`,
    {
      network: { backbone, heads: heads.filter((head) => head.task === task) },
      losses: losses.filter(({ head }) => head === task),
      validation: { select: [...select], every: epochs },
    },
    3,
  );
}
