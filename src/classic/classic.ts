import { basename, dirname, extname, join } from "node:path";
import { z } from "zod";
import { createRandom, mapConcurrently, TensorFaceError } from "../core/index.ts";
import { hashFile, writeFileAtomically } from "../files/files.node.ts";
import { type HeadManifest, listPictures, type UsedPictures } from "../models/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import { type ClassicBackbone, openClassicBackbone } from "./backbone.node.ts";
import { type Bottlenecks, loadBottlenecks } from "./bottlenecks.ts";
import { type ClassicSettings, classicSettings } from "./defaults.ts";
import { drawPictures, everyPicture, gatherBatch, requirePictures } from "./draw.ts";
import { type Eye, openEye } from "./eye.ts";
import { openFaceReader, readWholePicture } from "./faces.ts";
import { type ClassicHead, type ClassicTrainer, initialHead, openTrainer } from "./head.ts";
import { describeHonestly, findCopies, type HonestMeasures, measureHonestly, type ToldPicture } from "./honest.ts";
import { allPictures, type Category, type ImageList, readImageLists } from "./image-lists.ts";
import { lines } from "./lines.ts";
import { type ClassicModel, type ClassicModelOptions, describeClassicModel, makeClassicModel } from "./model.ts";
import type { ClassicOptions } from "./options.ts";
import { isDistorting } from "./pixels.ts";
import { agreeToEmpty, openSummaries, toldClasses } from "./summaries.ts";
import { trainClassic } from "./training.ts";

/** What was made, and how good it is: by the script's numbers, and by honest ones. */
export interface ClassicResult {
  readonly outputGraph: string;
  readonly outputLabels: string;
  readonly manifest: HeadManifest;
  readonly labels: readonly string[];
  readonly counts: Readonly<Record<Category, number>>;
  /** Share of the last validation batch; undefined without validation pictures. */
  readonly validationAccuracy: number | undefined;
  /** The script's last line; undefined without test pictures. */
  readonly finalTestAccuracy: number | undefined;
  /** Undefined without test pictures. */
  readonly honest: HonestMeasures | undefined;
  /** The honest numbers in sentences, with why the script's differ. */
  readonly sentences: readonly string[];
}

/** Everything that is open while the layer is trained. */
interface Workshop {
  readonly imageDir: string;
  readonly settings: ClassicSettings;
  readonly backbone: ClassicBackbone;
  readonly eye: Eye;
  /** Pictures that can be used. */
  readonly classes: readonly ImageList[];
  readonly bottlenecks: Bottlenecks;
  readonly runtime: InferenceRuntime;
  readonly cutsFaces: boolean;
  /** Event files that make way for new ones. */
  readonly earlierSummaries: readonly string[];
}

/** See `index.ts`, by which it is called. */
export async function retrainClassic(imageDir: string, options: ClassicOptions = {}): Promise<ClassicResult> {
  const settings = withOnnxName(classicSettings(options));
  const { onWarning } = settings;
  checkSettings(imageDir, settings);
  const { testingPercentage: testing, validationPercentage: validation, generation, allFormats } = settings;
  const { classes, warnings } = await readImageLists(imageDir, { testing, validation, generation, allFormats });
  for (const warning of warnings) onWarning?.(warning);
  requireParts(classes, settings);
  // Asked before work that takes long, and removed behind it: what cannot be begun destroys nothing.
  const earlierSummaries = await agreeToEmpty(settings.summariesDir, settings);
  const runtime = createNodeRuntime();
  const backbone = await openClassicBackbone(settings);
  onWarning?.(backbone.about);
  const { read, cutsFaces, key } = await chooseReader(backbone, classes, runtime, settings);
  await using eye = await openEye(runtime, backbone, read);
  const bottlenecks = await loadBottlenecks(neededFeatures(classes, settings), {
    ...settings,
    folder: settings.bottleneckDir,
    key,
    eye,
  });
  const usable = classes.map((list) => keepReadable(list, bottlenecks, settings));
  requireParts(usable, settings);
  // Awaited here: the eye is open as long.
  return await train({ imageDir, settings, backbone, eye, classes: usable, bottlenecks, runtime, cutsFaces, earlierSummaries });
}

/** The engine reads ONNX: a network is written as such, whatever its name was to be. */
function withOnnxName(settings: ClassicSettings): ClassicSettings {
  const { outputGraph, onWarning } = settings;
  if (extname(outputGraph) === ".onnx") return settings;
  const path = join(dirname(outputGraph), `${basename(outputGraph, extname(outputGraph))}.onnx`);
  onWarning?.(`networks are written as ONNX here: the graph will be "${path}"`);
  return { ...settings, outputGraph: path };
}

const whole = z.number().int();
const percent = z.number().min(0).max(100);
/** -1 takes every picture once. */
const drawnCount = whole.min(-1).refine((size) => size !== 0, "it is -1 for every picture, or how many are drawn");
const ranges = z.object({
  intermediateStoreFrequency: whole.min(0),
  howManyTrainingSteps: whole.min(1),
  learningRate: z.number().positive(),
  testingPercentage: percent,
  validationPercentage: percent,
  evalStepInterval: whole.min(1),
  trainBatchSize: whole.min(1),
  testBatchSize: drawnCount,
  validationBatchSize: drawnCount,
  randomCrop: percent,
  randomScale: percent,
  randomBrightness: percent,
  seed: whole.min(0),
});

function checkSettings(imageDir: string, settings: ClassicSettings): void {
  const { testingPercentage, validationPercentage, finalTensorName } = settings;
  const issue = ranges.safeParse(settings).error?.issues[0];
  if (issue !== undefined)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `the option ${issue.path.join(".")} is out of its range: ${issue.message}`);
  if (imageDir === "")
    throw new TensorFaceError("TF_INVALID_ARGUMENT", "no folder of pictures is named", { hint: "Name it with --image_dir." });
  if (testingPercentage + validationPercentage >= 100)
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `${testingPercentage} percent for testing and ${validationPercentage} for validation leave none for training`,
    );
  if (finalTensorName === "") throw new TensorFaceError("TF_INVALID_ARGUMENT", "the final tensor needs a name");
}

/** Where a class is drawn first, every class needs a picture; a part that is to be empty may be. */
function requireParts(classes: readonly ImageList[], settings: ClassicSettings): void {
  requirePictures(classes, "training");
  if (settings.validationPercentage > 0 && settings.validationBatchSize >= 0) requirePictures(classes, "validation");
  if (settings.testingPercentage > 0 && settings.testBatchSize >= 0) requirePictures(classes, "testing");
}

async function chooseReader(
  backbone: ClassicBackbone,
  classes: readonly ImageList[],
  runtime: InferenceRuntime,
  settings: ClassicSettings,
) {
  if (backbone.template === undefined) return { read: readWholePicture, cutsFaces: false, key: backbone.key };
  const { bottleneckDir: folder, crop: choice, onProgress, signal } = settings;
  const { read, plan, reason } = await openFaceReader(backbone, allPictures(classes), { runtime, folder, choice, onProgress, signal });
  settings.onWarning?.(reason);
  return { read, cutsFaces: plan.kind !== "whole", key: `${backbone.key}-${plan.kind}` };
}

/** With distortions training pictures are looked at anew each time. */
function neededFeatures(classes: readonly ImageList[], settings: ClassicSettings) {
  return allPictures(isDistorting(settings) ? classes.map((list) => ({ ...list, training: [] })) : classes);
}

function keepReadable(list: ImageList, { features }: Bottlenecks, settings: ClassicSettings): ImageList {
  const keep = (category: Category) => list[category].filter(({ path }) => features.has(path));
  return {
    label: list.label,
    training: isDistorting(settings) ? list.training : keep("training"),
    validation: keep("validation"),
    testing: keep("testing"),
  };
}

async function train(workshop: Workshop): Promise<ClassicResult> {
  const { settings, backbone, eye, classes, bottlenecks, runtime } = workshop;
  const { columns, input } = backbone;
  describeClassicModel(modelOptions(workshop, {}), settings.finalTensorName);
  const initial = initialHead(columns, classes.length, createRandom(settings.seed).fork("weights"));
  await using trainer = await openTrainer(runtime, initial, { batchSize: settings.trainBatchSize, learningRate: settings.learningRate });
  const onIntermediate = async (step: number, head: ClassicHead): Promise<void> => {
    const { bytes } = await describe(head, workshop, { step });
    await writeFileAtomically(join(settings.intermediateOutputGraphsDir, `intermediate_${step}.onnx`), bytes);
  };
  const parts = { classes, features: bottlenecks.features, columns, trainer, eye, input, onIntermediate };
  const { validation } = await withSummaries(workshop, (summaries) => trainClassic({ ...parts, summaries }, settings));
  return await finish(trainer, validation, workshop);
}

async function withSummaries<T>(
  { settings, earlierSummaries }: Workshop,
  work: (summaries: Awaited<ReturnType<typeof openSummaries>>) => Promise<T>,
) {
  await using summaries = await openSummaries(settings.summariesDir, earlierSummaries);
  return await work(summaries);
}

function describe(head: ClassicHead, workshop: Workshop, results: Readonly<Record<string, unknown>>): Promise<ClassicModel> {
  return makeClassicModel(head, modelOptions(workshop, results));
}

function modelOptions(
  { imageDir, settings, backbone, classes, cutsFaces }: Workshop,
  results: Readonly<Record<string, unknown>>,
): ClassicModelOptions {
  const { howManyTrainingSteps: steps, learningRate, trainBatchSize, seed, finalTensorName } = settings;
  const training = { steps, learningRate, trainBatchSize, seed, ...results };
  return { imageDir, backbone, classes, finalTensorName, cutsFaces, training };
}

async function finish(trainer: ClassicTrainer, validation: number | undefined, workshop: Workshop): Promise<ClassicResult> {
  const { settings, classes } = workshop;
  const { outputGraph, outputLabels } = settings;
  const tested = await test(trainer, workshop);
  const pictures = listPictures(await usedPictures(classes));
  const results = { validation, test: tested?.printed, accuracy: tested?.honest.accuracy, pictures };
  const { bytes, manifest } = await describe(trainer.head(), workshop, JSON.parse(JSON.stringify(results)));
  await writeFileAtomically(outputGraph, bytes);
  const labels = classes.map(({ label }) => label);
  await writeFileAtomically(outputLabels, `${labels.join("\n")}\n`);
  const count = (category: Category): number => classes.reduce((sum, list) => sum + list[category].length, 0);
  return {
    outputGraph,
    outputLabels,
    manifest,
    labels,
    counts: { training: count("training"), validation: count("validation"), testing: count("testing") },
    validationAccuracy: validation,
    finalTestAccuracy: tested?.printed,
    honest: tested?.honest,
    sentences:
      tested === undefined
        ? ["There are no test pictures, so how good the network is stays unknown."]
        : describeHonestly(tested.honest, { validation, test: tested.printed, isTestDrawn: settings.testBatchSize >= 0 }),
  };
}

const hashedAtOnce = 16;

/** By their files' hashes an evaluation knows the pictures again. Those that validate choose nothing in this protocol. */
async function usedPictures(classes: readonly ImageList[]): Promise<UsedPictures> {
  const hashes = async (...categories: readonly Category[]): Promise<string[]> => {
    const pictures = classes.flatMap((list) => categories.flatMap((category) => list[category]));
    // One that is gone since tells nothing.
    const found = await mapConcurrently(pictures, hashedAtOnce, async ({ path }) => hashFile(path).catch(() => ""));
    return found.filter((hash) => hash !== "");
  };
  return { training: await hashes("training"), selection: [], "held out": await hashes("validation", "testing") };
}

/** The script's test, and every test picture once. */
async function test(
  trainer: ClassicTrainer,
  { settings, backbone, classes, bottlenecks }: Workshop,
): Promise<{ readonly printed: number; readonly honest: HonestMeasures } | undefined> {
  const { onLine, onProgress, signal, bottleneckDir: folder, seed } = settings;
  const every = everyPicture(classes, "testing");
  if (every.pictures.length === 0) return undefined;
  const ask = async (drawn: typeof every): Promise<readonly ToldPicture[]> => {
    const { logits } = await trainer.evaluate(gatherBatch(drawn, bottlenecks.features, backbone.columns));
    const told = toldClasses(logits, drawn.pictures.length);
    return drawn.pictures.map((picture, row) => ({ picture, label: drawn.classes[row]!, told: told[row]! }));
  };
  const drawn = drawPictures(classes, "testing", settings.testBatchSize, createRandom(seed).fork("test"));
  const answers = await ask(drawn);
  const printed = answers.filter(({ label, told }) => label === told).length / answers.length;
  onLine?.(lines.finalTestAccuracy(printed, answers.length));
  if (settings.printMisclassifiedTestImages) {
    onLine?.(lines.misclassifiedHeading);
    for (const { picture, label, told } of answers) if (label !== told) onLine?.(lines.misclassified(picture.path, classes[told]!.label));
  }
  const copied = await findCopies(classes, { hashes: bottlenecks.hashes, folder, onProgress, signal });
  return { printed, honest: measureHonestly(settings.testBatchSize < 0 ? answers : await ask(every), classes, copied) };
}
