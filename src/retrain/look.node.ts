import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { PixelWords } from "../convert/index.ts";
import type { Dataset } from "../datasets/dataset.node.ts";
import type { ProgressListener } from "../core/index.ts";
import { cachedFeatures, knownFeatures } from "../features/feature-cache.node.ts";
import { readTextFile, writeFileAtomically } from "../files/files.node.ts";
import { packageVersion } from "../files/package.node.ts";
import type { FeatureMatrix } from "../features/index.ts";
import type { HeadManifest } from "../models/index.ts";
import { openModelFolders } from "../models/models.node.ts";
import { findUserModel, userModelFolder, userModelIds } from "../models/user-models.node.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import type { Backbone } from "./backbone.ts";
import { openBackbone, usualBackbones } from "./open-backbone.ts";
import type { CropPlan } from "./crop.ts";
import { createCropExtractor, featuresName } from "./extract.node.ts";
import { openAnyNetwork } from "./foreign-backbone.node.ts";
import { compareViews, nestedLimit, selectTargets } from "./head/teach.ts";
import type { LocatedFace } from "./locate.node.ts";
import { comparedPictures, drawAsked, drawSample, inOrder, teachingOf } from "./sample.ts";
import type { Example, ExampleSource } from "./source.node.ts";

/**
 * The installed networks that are compared where none is asked for. What a user imported is compared with them.
 */
export const comparedBackbones: readonly string[] = [usualBackbones.face, "faceres", usualBackbones.whole];
/** Networks of the user's that are tried beside them: each takes time. */
const mostOfUser = 3;

/** How a set of pictures is looked at. */
export interface LookOptions {
  readonly runtime: InferenceRuntime;
  /** Folder of features that are kept. */
  readonly work: string;
  readonly plan: CropPlan;
  /** The face of each picture that is cut out, by its path. */
  readonly faces: ReadonlyMap<string, LocatedFace>;
  readonly folds?: number | undefined;
  readonly seed: number;
  /** Sets some apart to ask at the end, also of few. @default false: up to a thousand are asked each in turn */
  readonly keepsApart?: boolean | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What one network sees. */
export interface View {
  readonly backbone: Backbone;
  readonly features: FeatureMatrix;
}

export interface Look {
  /** One network, or several among which the head's choice decides. */
  readonly views: readonly [View, ...View[]];
  /** Examples that could be read, in their order: the rows of the features. */
  readonly examples: readonly Example[];
  readonly unreadable: readonly Example[];
  /** Examples that are asked at the end and choose nothing; undefined where all are asked in turn. */
  readonly asked: ReadonlySet<Example> | undefined;
  /** How each network did on the sample on which one was chosen; empty where the head's choice decides, or there is but one. */
  readonly comparison: readonly BackboneTrial[];
}

/** How a network did among those that were compared. */
export interface BackboneTrial {
  readonly id: string;
  /** Mean loss of its best head on examples that it had not learnt from. */
  readonly loss: number;
}

/** The networks that are compared where the user names none. */
export async function backboneNames(userFolder: string = userModelFolder()): Promise<string[]> {
  const names: string[] = [];
  for (const id of await userModelIds(userFolder)) {
    const model = await findUserModel(userFolder, id).catch(() => undefined);
    // A model that was taught here adds nothing to the network that it was taught on, and may know these very pictures.
    if (model?.manifest.kind === "head" && !isTaught(model.manifest)) names.push(id);
  }
  return [...comparedBackbones, ...names.slice(0, mostOfUser)];
}

function isTaught({ provenance }: HeadManifest): boolean {
  return ["retrain", "teach"].includes(String(provenance.training?.["recipe"]));
}

/**
 * Looks at all examples with these networks. Of several, all look at up to a thousand pictures, and the head's choice decides;
 * of more, one of them is chosen on a sample that is not asked at the end, and looks at all.
 * @throws as `cachedFeatures`
 */
export async function lookAt(
  source: ExampleSource,
  examples: readonly Example[],
  networks: readonly Backbone[],
  options: LookOptions,
): Promise<Look> {
  const backbones = await Promise.all(networks.map((network) => fitToPlan(network, options.plan)));
  const isSampled = backbones.length > 1 && examples.length > nestedLimit;
  const whole = isSampled ? drawSample(source, examples) : [];
  const asked = drawAsked(source, examples, new Set(whole), options);
  if (!isSampled) return { ...(await viewAll(source.dataset, examples, backbones, options)), asked, comparison: [] };
  const sample = whole.length > 0 ? whole : inOrder(examples.filter((example) => asked?.has(example) !== true)).slice(0, comparedPictures);
  const comparison = await keptComparison(source, sample, backbones, options);
  const best = comparison.reduce((least, one) => (one.loss < least.loss ? one : least));
  const chosen = backbones[comparison.indexOf(best)]!;
  return { ...(await viewAll(source.dataset, examples, [chosen], options)), asked, comparison };
}

/** What was compared before. */
const comparisonFile = "comparison.json";
const comparisonSchema = z.strictObject({ key: z.string(), losses: z.array(z.number()) });

/** How each network did on the sample; what was found is kept for the next run. */
async function keptComparison(
  source: ExampleSource,
  sample: readonly Example[],
  backbones: readonly Backbone[],
  options: LookOptions,
): Promise<readonly BackboneTrial[]> {
  const path = join(options.work, comparisonFile);
  const names = backbones.map((backbone) => featuresName(backbone, options.plan));
  const members = sample.map(({ record, label, set }) => [record.sha256, label, set]);
  const about = [packageVersion(), source.task, names, options.folds, members];
  const key = createHash("sha256").update(JSON.stringify(about)).digest("hex");
  const kept = await readComparison(path);
  const isKept = kept?.key === key;
  const losses = isKept ? kept.losses : await compare(source, await viewAll(source.dataset, sample, backbones, options), options);
  if (!isKept) await writeFileAtomically(path, `${JSON.stringify({ key, losses })}\n`);
  return backbones.map(({ id }, index) => ({ id, loss: losses[index]! }));
}

async function readComparison(path: string): Promise<z.infer<typeof comparisonSchema> | undefined> {
  const text = await readTextFile(path).catch(() => "");
  try {
    return comparisonSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Classes that the sample has no picture of stay classes: nobody is asked about them. */
async function compare(
  source: ExampleSource,
  { views, examples }: Viewed,
  { folds, onProgress, signal }: LookOptions,
): Promise<readonly number[]> {
  const whole = teachingOf(source, source.examples);
  const places = new Map(source.examples.map((example, place) => [example, place] as const));
  const rows = Int32Array.from(examples, (example) => places.get(example)!);
  const [first, ...others] = views.map(({ features }) => features);
  return compareViews(
    { views: [first!, ...others], targets: selectTargets(whole.targets, rows), sets: examples.map(({ set }) => set) },
    { folds, onProgress, signal },
  );
}

type Viewed = Pick<Look, "views" | "examples" | "unreadable">;

/** Opens networks by their names: see {@link lookAt}. */
export async function openNetworks(names: readonly string[], pixels: PixelWords = {}): Promise<Backbone[]> {
  const store = openModelFolders();
  return Promise.all(names.map((name) => openBackbone(name, (part) => openAnyNetwork(store, part, pixels))));
}

/** A network that sees whole pictures sees a face where the first of our own does, if faces are what it is given. */
async function fitToPlan(backbone: Backbone, { kind }: CropPlan): Promise<Backbone> {
  if (kind === "whole" || backbone.template !== undefined) return backbone;
  const [own] = await openNetworks([usualBackbones.face.split("+")[0]!]);
  return { ...backbone, template: own!.template };
}

async function viewAll(
  dataset: Dataset,
  examples: readonly Example[],
  backbones: readonly Backbone[],
  { runtime, work, plan, faces, onProgress, signal }: LookOptions,
): Promise<Viewed> {
  const records = examples.map(({ record }) => record);
  const kept = { ...dataset, directory: work };
  const all: FeatureMatrix[] = [];
  const seen: ReadonlySet<string>[] = [];
  for (const backbone of backbones) {
    await using extractor = createCropExtractor(runtime, backbone, { plan, faceOf: (file) => faces.get(file) });
    all.push(await cachedFeatures(kept, records, extractor, { onProgress, signal }));
    seen.push(await knownFeatures(kept, extractor));
  }
  const isRead = (row: number): boolean => seen.every((known) => known.has(records[row]!.sha256));
  const rows = [...examples.keys()].filter((row) => isRead(row));
  const [first, ...others] = backbones.map((backbone, index) => ({ backbone, features: rowsOf(all[index]!, rows) }));
  return {
    views: [first!, ...others],
    examples: rows.map((row) => examples[row]!),
    unreadable: examples.filter((_, row) => !isRead(row)),
  };
}

function rowsOf({ columns, data }: FeatureMatrix, rows: readonly number[]): FeatureMatrix {
  const result = new Float32Array(rows.length * columns);
  for (const [place, row] of rows.entries()) result.set(data.subarray(row * columns, (row + 1) * columns), place * columns);
  return { rows: rows.length, columns, data: result };
}

/** What a network sees of examples that could be read before. */
export async function viewWith(
  source: ExampleSource,
  examples: readonly Example[],
  backbone: Backbone,
  options: LookOptions,
): Promise<FeatureMatrix> {
  return (await viewAll(source.dataset, examples, [backbone], options)).views[0].features;
}
