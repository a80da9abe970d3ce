import { createHash } from "node:crypto";
import { TensorFaceError } from "../core/index.ts";
import { describeForeignModel, type ForeignNetwork, openForeignNetwork, type PixelWords, readPixelWords } from "../convert/index.ts";
import { pathKind } from "../files/files.node.ts";
import { truncateGraph, encodeModel, type Graph } from "../graph/index.ts";
import type { ModelStore, NetworkInput } from "../models/index.ts";
import type { Backbone } from "./backbone.ts";
import { openInstalled } from "./open-backbone.ts";

export { openBackbone, openInstalled } from "./open-backbone.ts";

/** What says that something on the disk is no model of ours. */
const notOurs: ReadonlySet<string> = new Set(["TF_MODEL_NOT_FOUND", "TF_MODEL_INVALID"]);

/**
 * Opens one network to look with: an installed one, a model of the user's by name or path, or a network that was made elsewhere, by its
 * path or as `nsfwjs/NAME`.
 * @param pixels how one that was made elsewhere wants its pictures, where its files do not say it
 * @throws {TF_MODEL_NOT_FOUND} when nothing of the name is there
 * @throws {TF_INVALID_ARGUMENT} when a network that was made elsewhere does not say how it wants its pictures
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when it cannot be read, or gives neither vectors nor maps
 */
export async function openAnyNetwork(store: ModelStore, name: string, pixels: PixelWords = {}): Promise<Backbone> {
  return openOursOrForeign(name, { ours: () => openInstalled(store, name), foreign: (network) => fromForeign(network, name, pixels) });
}

/** Endings that no model of ours has: where such a file is missing, it is missing as what it is called. */
const foreignEnding = /\.(pb|h5|hdf5|keras)$/i;

/**
 * Opens what a name says: a network of ours, or, by its package or where its path is no model of ours, one that was made elsewhere.
 * @param options where packages are looked for
 */
export async function openOursOrForeign<T>(
  name: string,
  { ours, foreign }: { readonly ours: () => Promise<T>; readonly foreign: (network: ForeignNetwork) => T },
  options?: Parameters<typeof openForeignNetwork>[1],
): Promise<T> {
  const openForeign = async (): Promise<T> => foreign(await openForeignNetwork(name, options));
  if (name.startsWith("nsfwjs/") || foreignEnding.test(name)) return openForeign();
  if ((await pathKind(name)) === "none") return ours();
  try {
    return await ours();
  } catch (error) {
    if (!(error instanceof TensorFaceError) || !notOurs.has(error.code)) throw error;
    return openForeign();
  }
}

function fromForeign(network: ForeignNetwork, name: string, pixels: PixelWords): Backbone {
  const { features, graph, output } = network;
  const { manifest } = describe(network, name, pixels);
  // Without last layers, as Keras saves it with `include_top=False`, a network ends at its features: maps, whose means are taken.
  const cut = truncateGraph(atSize(graph, manifest.input), features ?? output, "features");
  const sha256 = createHash("sha256").update(encodeModel(cut.graph)).digest("hex");
  const input = { ...manifest.input, name: cut.graph.inputs[0]!.name };
  const { id, provenance } = manifest;
  return { id, input, template: undefined, parts: [{ id, sha256, provenance }], graph: cut.graph, columns: cut.size };
}

/** For pictures of one size, where the network takes any. */
function atSize(graph: Graph, { width, height }: NetworkInput): Graph {
  const inputs = graph.inputs.map((input) => ({ ...input, shape: [input.shape[0]!, input.shape[1]!, height, width] }));
  return { ...graph, inputs };
}

/** What it tells does not matter here: only what it sees is read. */
function describe(network: ForeignNetwork, name: string, pixels: PixelWords): ReturnType<typeof describeForeignModel> {
  const outputs = network.graph.outputs.map((value) => ({ ...value, shape: ["N", 2] }));
  try {
    const answers = { labels: ["one", "other"], input: readPixelWords(pixels) };
    return describeForeignModel({ ...network, graph: { ...network.graph, outputs } }, answers);
  } catch (error) {
    if (!(error instanceof TensorFaceError)) throw error;
    throw new TensorFaceError(error.code, error.message, {
      cause: error,
      hint: `Say it beside --backbone, as --scale -1..1 or --size 224, or import the network first: \`tensorface models import ${name}\`.`,
    });
  }
}
