import type { TaskDefinition } from "../core/index.ts";
import { chainGraphs, encodeModel, type Graph } from "../graph/index.ts";
import { type HeadManifest, headManifestSchema, listPictures, makeModelFile, type UsedPictures } from "../models/index.ts";
import type { Backbone } from "./backbone.ts";
import type { FineTuning, RetrainResult } from "./options.ts";
import type { CropPlan } from "./crop.ts";
import type { Teaching } from "./head/teach.ts";
import type { TestMeasures } from "./measure.ts";

export interface DescribeModelOptions {
  readonly id: string;
  readonly task: TaskDefinition;
  readonly backbone: Backbone;
  /** Whether it is made for whole pictures, in which no face is looked for. */
  readonly seesPictures: boolean;
  readonly teaching: Pick<Teaching, "graph" | "novelty" | "interval">;
  /** What it was taught with, for its provenance. */
  readonly training: Readonly<Record<string, unknown>>;
}

export interface DescribeTrainingOptions {
  /** Who taught it: `retrain`, or the page's `teach`. */
  readonly recipe: string;
  /** Of this package. */
  readonly version: string;
  readonly backbone: Backbone;
  readonly crop: CropPlan;
  readonly teaching: Teaching;
  readonly measures: TestMeasures;
  /** @default 1 */
  readonly seed?: number | undefined;
  readonly fineTuning?: FineTuning | undefined;
  /** What a review has changed of the labels. */
  readonly cleaning?: RetrainResult["cleaning"];
  /** SHA-256 of each example's file, undefined of one that is no file: by them an evaluation knows them again. */
  readonly sha256s?: readonly (string | undefined)[] | undefined;
}

/**
 * What a model was taught with and how good it was, for its provenance: counts and settings, and of single examples no more than the
 * beginnings of their files' hashes.
 */
export function describeTraining(options: DescribeTrainingOptions): Readonly<Record<string, unknown>> {
  const { recipe, version, backbone, crop, teaching, measures, seed = 1, fineTuning, cleaning, sha256s } = options;
  return {
    recipe,
    version,
    backbone: backbone.parts.map(({ id, sha256 }) => ({ id, sha256 })),
    crop: crop.kind,
    ...(crop.kind === "aligned" ? { landmarks: crop.landmarks } : {}),
    head: { ...teaching.candidate, temperature: teaching.temperature },
    ...(fineTuning === undefined ? {} : { fineTuning }),
    ...(cleaning === undefined ? {} : { cleaning }),
    examples: { learnt: teaching.learnt.length, tested: teaching.test.rows.length, test: teaching.test.kind },
    measures:
      measures.kind === "number"
        ? { meanAbsoluteError: measures.meanAbsoluteError }
        : { accuracy: measures.accuracy, baseline: measures.baseline.accuracy },
    seed,
    ...(sha256s?.some((known) => known !== undefined) === true ? { pictures: listPictures(usedPictures(sha256s, teaching)) } : {}),
  };
}

/** What was not learnt from and is not asked about says when to stop. */
function usedPictures(sha256s: readonly (string | undefined)[], { learnt, test }: Teaching): UsedPictures {
  const [training, asked] = [new Set(learnt), new Set(test.rows)];
  const use = (row: number): keyof UsedPictures => (training.has(row) ? "training" : asked.has(row) ? "held out" : "selection");
  const rows = Map.groupBy(sha256s.keys(), use);
  const list = (wanted: keyof UsedPictures): string[] => (rows.get(wanted) ?? []).flatMap((row) => sha256s[row] ?? []);
  return { training: list("training"), selection: list("selection"), "held out": list("held out") };
}

/** A model as it is saved. */
export interface TaughtModel {
  /** An ONNX file with its manifest in its metadata. */
  readonly bytes: Uint8Array;
  readonly manifest: HeadManifest;
}

const unknownHash = "0".repeat(64);

/**
 * The backbone and a taught head as one network with its manifest. It holds weights, means of features and counts: no picture, and no
 * features of a single one.
 * @param hash SHA-256 in hexadecimal digits
 */
export async function makeTaughtModel(
  options: DescribeModelOptions,
  hash: (bytes: Uint8Array) => string | Promise<string>,
): Promise<TaughtModel> {
  const graph = chainGraphs(options.backbone.graph, options.teaching.graph);
  const draft = describeModel(options, graph);
  const bytes = await makeModelFile(encodeModel(graph, { compact: true }), draft);
  return { bytes, manifest: { ...draft, bytes: bytes.length, sha256: await hash(bytes) } };
}

function describeModel({ id, task, backbone, seesPictures, teaching, training }: DescribeModelOptions, graph: Graph): HeadManifest {
  const { name, kind, labels = [], minimum, maximum, unit } = task;
  const [answer, novelty] = graph.outputs.map((output) => output.name);
  const activation = { classes: "softmax", ordered: "softmax", age: "softmax", tags: "sigmoid", number: "none" }[kind];
  const answered = kind === "number" ? { minimum, maximum, unit, interval: teaching.interval } : { labels };
  const licences = [...new Set(backbone.parts.map(({ provenance }) => provenance.licence))];
  return headManifestSchema.parse({
    schema: "tensorface.model/1",
    id,
    title: `${name}, taught with own examples`,
    file: `${id}.onnx`,
    bytes: 1,
    sha256: unknownHash,
    input: backbone.input,
    provenance: {
      source: `a head taught with its user's examples, on ${backbone.id}`,
      licence: `of the examples: not stated; of the backbone: ${licences.join("; ")}`,
      training,
    },
    kind: "head",
    ...(seesPictures ? { sees: "picture" } : { template: backbone.template }),
    outputs: [{ task: name, kind, output: answer, activation, ...answered }],
    novelty: { output: novelty, quantiles: teaching.novelty.quantiles },
  });
}
