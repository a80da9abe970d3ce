import { createAnalyzer } from "../analyze/create-analyzer.node.ts";
import { counted, TensorFaceError } from "../core/index.ts";
import { pathKind, readRegularFile, readTextFile } from "../files/files.node.ts";
import { decode } from "../image/decode.node.ts";
import { channelCount } from "../image/index.ts";
import { expectHead, type HeadManifest, openModelFile } from "../models/index.ts";
import { nodeSha256 } from "../models/read-network.node.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { classicDefaults } from "./defaults.ts";
import { writeInput } from "./pixels.ts";

export interface LabelImageOptions {
  /** A network of `retrainClassic`. @default `output_graph.onnx` under the temporary folder */
  readonly graph?: string | undefined;
  /** Its labels, one a line. @default `output_labels.txt` under the temporary folder */
  readonly labels?: string | undefined;
}

export interface LabelScore {
  readonly label: string;
  /** 0..1. */
  readonly score: number;
}

/** Bytes of a network's file: its format has no room for more. */
const largestNetwork = 2 ** 31;

/** See `index.ts`, by which it is called. */
export async function labelImage(image: string, options: LabelImageOptions = {}): Promise<LabelScore[]> {
  const defaults = classicDefaults({});
  const { graph = defaults.outputGraph, labels: labelsPath = defaults.outputLabels } = options;
  await requireFile(graph, "network", "--graph");
  await requireFile(labelsPath, "list of labels", "--labels");
  const bytes = await readRegularFile(graph, { maxBytes: largestNetwork });
  const head = expectHead(await openModelFile(bytes, `"${graph}"`, nodeSha256));
  const scores = head.sees === "picture" ? await askWhole(image, head, bytes) : await askFace(image, head, graph);
  const labels = (await readTextFile(labelsPath)).split(/\r?\n/).filter((line) => line !== "");
  if (labels.length !== scores.length) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `"${labelsPath}" has ${counted(labels.length, "label")}, and "${graph}" gives ${counted(scores.length, "score")}`,
      {
        hint: "Name the labels that were written with the network: --labels FILE.",
      },
    );
  }
  return labels.map((label, index) => ({ label, score: scores[index]! })).toSorted((a, b) => b.score - a.score);
}

async function requireFile(path: string, what: string, flag: string): Promise<void> {
  if ((await pathKind(path)) !== "none") return;
  throw new TensorFaceError("TF_INPUT_NOT_FOUND", `there is no ${what} "${path}"`, {
    hint: `\`tensorface retrain --classic\` writes it; or name one with ${flag}.`,
  });
}

/** As the training pictures were brought to the network. */
async function askWhole(path: string, { input, outputs }: HeadManifest, bytes: Uint8Array): Promise<number[]> {
  const { image } = await decode({ path });
  await using session = await createNodeRuntime().load(bytes);
  const shape = [1, channelCount(input), input.height, input.width];
  const data = new Float32Array(shape.reduce((product, size) => product * size));
  writeInput(image, input, data, 0);
  const results = await session.run({ [input.name]: { type: "float32", shape, data } });
  return Array.from(results[outputs[0]!.output]!.data, Number);
}

async function askFace(path: string, { outputs }: HeadManifest, graph: string): Promise<number[]> {
  const [{ task, labels } = { task: "", labels: [] }] = outputs;
  await using analyzer = await createAnalyzer({ models: [graph], tasks: [task] });
  const { faces } = await analyzer.analyze({ path });
  const [face] = faces.toSorted((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
  if (face === undefined) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `no face is found in "${path}", and "${graph}" looks at faces`);
  }
  const answer = task === "gender" || task === "mood" ? face[task] : face.attributes?.[task];
  const probabilities: Readonly<Record<string, number>> =
    answer !== undefined && "probabilities" in answer ? { ...answer.probabilities } : {};
  return labels.map((label) => probabilities[label] ?? 0);
}
