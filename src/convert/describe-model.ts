import { isTaskName, spellAsId, TensorFaceError, type TaskKind } from "../core/index.ts";
import { createGraphBuilder, type Dimension, type Graph } from "../graph/index.ts";
import { type CropTemplate, type EmbeddedManifest, headManifestSchema, type NetworkInput } from "../models/index.ts";
import { z } from "zod";
import type { ForeignInput, ForeignNetwork, PictureFit } from "./foreign-network.ts";

/** What is told of a network that its own files leave out, or what is to count instead of what they say. */
export interface ForeignModelAnswers {
  /** Lower case, digits and dashes. @default the network's own name, so spelled */
  readonly id?: string | undefined;
  /** What the network tells. @default its id */
  readonly task?: string | undefined;
  /** @default "classes" */
  readonly kind?: Extract<TaskKind, "classes" | "tags" | "ordered"> | undefined;
  /** Words of the columns, in order. */
  readonly labels?: readonly string[] | undefined;
  /** A face cut out where this says, or, without it, whole pictures. */
  readonly template?: CropTemplate | undefined;
  readonly input?: ForeignInput | undefined;
  /** @default what the graph's last operation suggests */
  readonly activation?: ForeignNetwork["activation"] | undefined;
  readonly licence?: string | undefined;
}

/** A network of somebody else's as a head of ours: its graph with our names, and its manifest without the facts of a file. */
export interface ForeignModel {
  readonly graph: Graph;
  readonly manifest: EmbeddedManifest;
}

/** Names in the graph that comes out. */
const inputName = "input";
const outputName = "scores";

/**
 * Describes a network of somebody else's, with what its files say and what is told beside. Nothing is guessed: what neither says is
 * asked for.
 * @throws {TF_INVALID_ARGUMENT} naming everything that is missing, each with its flag; or what does not fit the network
 */
export function describeForeignModel(network: ForeignNetwork, answers: ForeignModelAnswers = {}): ForeignModel {
  const id = answers.id ?? spellAsId(network.name, "model");
  const labels = answers.labels ?? network.labels;
  const input = { ...network.input, ...defined(answers.input ?? {}) };
  expectScores(network);
  const missing = missingAnswers(input, labels);
  if (missing.length > 0 || labels === undefined) throw notSaid(network, missing);
  const columns = outputColumns(network);
  if (columns !== undefined && columns !== labels.length && !(columns === 1 && labels.length === 2)) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `the network has ${columns} scores, but ${labels.length} labels are told: ${labels.join(", ")}`,
    );
  }
  const manifest = headManifestSchema.safeParse({
    schema: "tensorface.model/1",
    kind: "head",
    id,
    title: `${labels.length <= 4 ? labels.join(", ") : `${labels.length} labels`}, from a ${network.format}`,
    // The facts of a file are known once it is written.
    file: `${id}.onnx`,
    bytes: 1,
    sha256: "0".repeat(64),
    input: networkInput(input),
    ...(answers.template === undefined ? { sees: "picture", fit: input.fit ?? "stretch" } : { template: answers.template }),
    outputs: [
      {
        task: answers.task ?? taskName(id),
        kind: answers.kind ?? "classes",
        output: outputName,
        activation: answers.activation ?? (answers.kind === "tags" && network.activation === "softmax" ? "sigmoid" : network.activation),
        labels,
      },
    ],
    provenance: {
      source: `Converted from a ${network.format}, "${network.name}".`,
      licence: answers.licence ?? network.licence ?? "not stated",
    },
  });
  if (!manifest.success)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `the network cannot be described: ${z.prettifyError(manifest.error)}`);
  const { file: _, bytes: __, sha256: ___, ...described } = manifest.data;
  return { graph: withOurNames(network), manifest: described };
}

function taskName(id: string): string {
  return isTaskName(id) ? id : "task";
}

function defined<Fields extends object>(fields: Fields): Fields {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same fields, without those that are undefined
  return Object.fromEntries(entries) as Fields;
}

function missingAnswers(input: ForeignInput, labels: readonly string[] | undefined): string[] {
  return [
    ...(labels === undefined ? ["its labels in the order of its scores: --labels a,b,c or a file with one a line"] : []),
    ...(input.width === undefined || input.height === undefined ? ["the size of its pictures: --size 224"] : []),
    ...(input.mean === undefined || input.standardDeviation === undefined
      ? ["how pixels become its numbers: --scale 0..1, -1..1, 0..255, imagenet, or MEAN:DEVIATION in units of 0..255"]
      : []),
  ];
}

function notSaid({ format, name }: ForeignNetwork, missing: readonly string[]): TensorFaceError {
  return new TensorFaceError("TF_INVALID_ARGUMENT", `the ${format} "${name}" does not say ${missing.join("; nor ")}`, {
    hint: "Tell it what its files leave out; who trained the network knows.",
  });
}

/** A network that was saved without its last layers tells nothing by itself. Maps of one pixel are scores. */
function expectScores(network: ForeignNetwork): void {
  const { format, name } = network;
  const sizes = scoreSizes(network);
  if (sizes.filter((size) => size !== 1).length < 2) return;
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `the ${format} "${name}" has no scores: it ends in maps of [${sizes.join(", ")}], as networks without their last layers do`,
    { hint: "Such a network can look at the pictures of a model of yours: `tensorface retrain DIR --backbone PATH`." },
  );
}

/** Of what is said of one picture. */
function scoreSizes({ graph, output }: ForeignNetwork): readonly Dimension[] {
  return graph.outputs.find(({ name }) => name === output)?.shape.slice(1) ?? [];
}

/** How many scores there are, where the file says. */
function outputColumns(network: ForeignNetwork): number | undefined {
  const sizes = scoreSizes(network);
  const columns = sizes.find((size) => size !== 1) ?? sizes[0];
  return typeof columns === "number" ? columns : undefined;
}

/** What was missing was refused before. */
function networkInput({
  width,
  height,
  colour,
  mean,
  standardDeviation,
}: ForeignInput & { readonly fit?: PictureFit | undefined }): Partial<NetworkInput> {
  const isGrey = colour === "grey";
  const perChannel = (values: readonly number[] | undefined): number[] | undefined =>
    values && (isGrey ? values.slice(0, 1) : values.length === 1 ? [values[0]!, values[0]!, values[0]!] : [...values]);
  const [means, deviations] = [perChannel(mean)!, perChannel(standardDeviation)!];
  const channels = isGrey ? 1 : 3;
  if (means.length !== channels || deviations.length !== channels) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `pictures of ${channels} channels need as many means and deviations, got ${means.length} and ${deviations.length}`,
    );
  }
  return { name: inputName, width: width!, height: height!, colour: colour ?? "rgb", mean: means, standardDeviation: deviations };
}

/** The graph with the one input and the one output that the manifest names. */
function withOurNames(network: ForeignNetwork): Graph {
  const { graph, output } = network;
  const [input] = graph.inputs;
  const builder = createGraphBuilder("network", { ...graph, inputs: [], outputs: [], nodes: [], initializers: new Map() });
  const [, channels = 3, height = "H", width = "W"] = input!.shape;
  builder.input(inputName, ["N", channels, height, width]);
  // Kept for the output: the network may have the name within.
  builder.unique(outputName);
  const names = new Map([
    ["", ""],
    [input!.name, inputName],
  ]);
  const rename = (name: string): string => names.get(name) ?? names.set(name, builder.unique(name)).get(name)!;
  for (const [name, tensor] of graph.initializers) names.set(name, builder.constant(tensor, name));
  for (const node of graph.nodes) {
    const [inputs, outputs] = [node.inputs.map(rename), node.outputs.map((made) => (made === "" ? "" : rename(made)))];
    builder.node({ ...node, name: builder.unique(`node ${outputs[0]!}`), inputs, outputs });
  }
  const scores = names.get(output)!;
  const row = scoreSizes(network).length > 1 ? builder.op("Flatten", [scores]) : scores;
  builder.output(row, ["N", outputColumns(network) ?? "C"], { name: outputName });
  return builder.build();
}
