import { createHash } from "node:crypto";
import { join } from "node:path";
import { isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { pathKind } from "../files/files.node.ts";
import { truncateGraph, encodeModel, type Graph } from "../graph/index.ts";
import { type ForeignNetwork, openForeignNetwork } from "../convert/index.ts";
import type { CropTemplate, NetworkInput } from "../models/index.ts";
import { openModelFolders } from "../models/models.node.ts";
import { openBackbone, openInstalled, openOursOrForeign } from "../retrain/foreign-backbone.node.ts";

/** What looks at the pictures: a network below its last layers. */
export interface ClassicBackbone {
  /** As it is told to people: `nsfwjs-inception-v3`. */
  readonly id: string;
  /** What names of bottleneck files end in: another network, another name. */
  readonly key: string;
  readonly input: NetworkInput;
  /** Where it wants a face; undefined where it sees whole pictures. */
  readonly template: CropTemplate | undefined;
  /** One input, one output `[N, columns]`. */
  readonly graph: Graph;
  readonly columns: number;
  readonly licence: string;
  /** What somebody should know of it, in a sentence. */
  readonly about: string;
}

export interface OpenBackboneOptions {
  /** See `ClassicOptions`. */
  readonly backbone?: string | undefined;
  readonly architecture: string;
  readonly modelDir: string;
  readonly inputMean?: number | undefined;
  readonly inputStd?: number | undefined;
  /** Where packages are looked for. @default the current folder */
  readonly from?: string | undefined;
}

/** The file that the script downloads, and what its bottleneck files are called by. */
const inceptionFile = "classify_image_graph_def.pb";
const inceptionName = "inception_v3";
/** The npm package's Inception V3. */
const packagedInception = "nsfwjs/inception_v3";
const mobileNet = /^mobilenet_(1\.0|0\.75|0\.50|0\.25)_(224|192|160|128)(_quantized)?$/;

/**
 * Opens the network that looks at the pictures. Without a name: `classify_image_graph_def.pb` in the model folder, else the Inception V3
 * of the npm package nsfwjs. With one: `nsfwjs/NAME`, a network's file (`.pb`, `.h5`, `.keras`, `.onnx`, TensorFlow.js), or an installed
 * network of faces, several with `+` between.
 * @throws {TF_MODEL_NOT_FOUND} when it is not there
 * @throws {TF_INVALID_ARGUMENT} when its files do not say how pixels become its input, or no such architecture is known
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when its file is damaged, no network, or does something that has no rule
 */
export async function openClassicBackbone(options: OpenBackboneOptions): Promise<ClassicBackbone> {
  const { backbone } = options;
  if (backbone === undefined) return openArchitecture(options);
  if (backbone.startsWith("nsfwjs/")) return openPackaged(backbone, options);
  const open = { ours: () => openFaceNetwork(backbone), foreign: (network: ForeignNetwork) => describeForeign(network, options) };
  return openOursOrForeign(backbone, open, options);
}

async function openArchitecture(options: OpenBackboneOptions): Promise<ClassicBackbone> {
  const { architecture, modelDir } = options;
  if (architecture !== inceptionName) throw unknownArchitecture(architecture);
  const path = join(modelDir, inceptionFile);
  if ((await pathKind(path)) === "file") return openOriginal(path);
  try {
    return await openPackaged(packagedInception, options);
  } catch (error) {
    if (!isTensorFaceError(error, "TF_MODEL_NOT_FOUND")) throw error;
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", `Inception V3 is not here: neither "${path}" nor the package nsfwjs`, {
      hint: `npm install nsfwjs, put ${inceptionFile} into --model_dir, or name another network with --backbone, for example --backbone age-gender.`,
      cause: error,
    });
  }
}

/** @throws {TF_GRAPH_INVALID} for another network under that name: its features would be kept as those of Inception V3 */
async function openOriginal(path: string): Promise<ClassicBackbone> {
  const network = await openForeignNetwork(path);
  if (network.name === inception2015) return describeForeign(network, {});
  throw new TensorFaceError(
    "TF_GRAPH_INVALID",
    `"${path}" holds another network than Inception V3 of 2015, whose nodes Mul and softmax it does not have`,
    {
      hint: "Name it with --backbone PATH, --input_mean and --input_std to have it look at the pictures all the same.",
    },
  );
}

function unknownArchitecture(architecture: string): TensorFaceError {
  const message = mobileNet.test(architecture)
    ? `the network of the architecture "${architecture}" is not here`
    : `there is no architecture "${architecture}"; the script knows ${inceptionName} and mobilenet_1.0_224 and its like`;
  return new TensorFaceError("TF_INVALID_ARGUMENT", message, {
    hint: "Name a network with --backbone: nsfwjs/mobilenet_v2, or the path of a frozen graph with --input_mean and --input_std.",
  });
}

async function openPackaged(name: string, options: OpenBackboneOptions): Promise<ClassicBackbone> {
  const described = describeForeign(await openForeignNetwork(name, options), options);
  return {
    ...described,
    about: `${name} was trained on from ImageNet's weights to tell pornography from drawings and other photographs; its last layers, which tell that, are left out`,
  };
}

/** What the name of the published file's graph is, once it was read. */
const inception2015 = "inception-2015";

function describeForeign(
  network: ForeignNetwork,
  { inputMean, inputStd }: Pick<OpenBackboneOptions, "inputMean" | "inputStd">,
): ClassicBackbone {
  const { width, height, colour = "rgb", mean, standardDeviation } = network.input;
  const [means, deviations] = [inputMean === undefined ? mean : [inputMean], inputStd === undefined ? standardDeviation : [inputStd]];
  if (width === undefined || height === undefined)
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `the ${network.format} "${network.name}" takes pictures of any size; one of a fixed size is needed`,
    );
  if (means === undefined || deviations === undefined) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `the ${network.format} "${network.name}" does not say how pixels become its input`, {
      hint: "Give --input_mean and --input_std in units of 0 to 255: 127.5 and 127.5 for Keras' Inception and MobileNet, 0 and 255 for values from 0 to 1.",
    });
  }
  // Without fully connected layers at its end a network ends at its features: maps, whose means are taken.
  const { graph, size } = truncateGraph(network.graph, network.features ?? network.output, "features");
  return {
    id: network.name,
    key: network.name === inception2015 ? inceptionName : keyOf(network.name, graph),
    input: { name: graph.inputs[0]!.name, width, height, colour, mean: [...means], standardDeviation: [...deviations] },
    template: undefined,
    graph,
    columns: size,
    licence: network.licence ?? "not stated in its files",
    about: `the ${network.format} "${network.name}" below its last layers`,
  };
}

async function openFaceNetwork(name: string): Promise<ClassicBackbone> {
  const { id, input, template, graph, columns, parts } = await openBackbone(name, async (part) => openInstalled(openModelFolders(), part));
  return {
    id,
    key: keyOf(id, graph),
    input: { ...input, name: graph.inputs[0]!.name },
    template,
    graph,
    columns,
    licence: [...new Set(parts.map(({ provenance }) => provenance.licence))].join("; "),
    about: `${id} below its last layers`,
  };
}

/** Networks of one name may differ: eight digits of the weights' hash tell them apart. */
function keyOf(name: string, graph: Graph): string {
  const hash = createHash("sha256").update(encodeModel(graph)).digest("hex").slice(0, 8);
  return `${name.replaceAll(/[^\w.+-]+/g, "-")}-${hash}`;
}
