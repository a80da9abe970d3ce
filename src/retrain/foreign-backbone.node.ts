import { createHash } from "node:crypto";
import { TensorFaceError } from "../core/index.ts";
import { describeForeignModel, type ForeignNetwork, openForeignNetwork } from "../convert/index.ts";
import { pathKind } from "../files/files.node.ts";
import { truncateGraph, encodeModel } from "../graph/index.ts";
import type { ModelStore } from "../models/index.ts";
import type { Backbone } from "./backbone.ts";
import { openInstalled } from "./open-backbone.ts";

export { openBackbone, openInstalled } from "./open-backbone.ts";

/** What says that something on the disk is no model of ours. */
const notOurs: ReadonlySet<string> = new Set(["TF_MODEL_NOT_FOUND", "TF_MODEL_INVALID"]);

/**
 * Opens one network to look with: an installed one, a model of the user's by name or path, or a network that was made elsewhere, by its
 * path or as `nsfwjs/NAME`.
 * @throws {TF_MODEL_NOT_FOUND} when nothing of the name is there
 * @throws {TF_INVALID_ARGUMENT} when a network that was made elsewhere does not say how it wants its pictures
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when it cannot be read, or has nothing that its last layers read
 */
export async function openAnyNetwork(store: ModelStore, name: string): Promise<Backbone> {
  return openOursOrForeign(name, { ours: () => openInstalled(store, name), foreign: (network) => fromForeign(network, name) });
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

function fromForeign(network: ForeignNetwork, name: string): Backbone {
  const { features, graph } = network;
  if (features === undefined) {
    throw new TensorFaceError("TF_GRAPH_INVALID", `the ${network.format} "${name}" has no last layers whose input could be read`, {
      hint: `Import it with \`tensorface models import\`, and name the value to read: --backbone NAME:VALUE.`,
    });
  }
  const cut = truncateGraph(graph, features, "features");
  const { manifest } = describe(network, name);
  const sha256 = createHash("sha256").update(encodeModel(cut.graph)).digest("hex");
  const input = { ...manifest.input, name: cut.graph.inputs[0]!.name };
  const { id, provenance } = manifest;
  return { id, input, template: undefined, parts: [{ id, sha256, provenance }], graph: cut.graph, columns: cut.size };
}

/** Its labels do not matter here. */
function describe(network: ForeignNetwork, name: string): ReturnType<typeof describeForeignModel> {
  const columns = network.graph.outputs.find((output) => output.name === network.output)?.shape.at(-1);
  const labels = network.labels ?? Array.from({ length: typeof columns === "number" ? columns : 2 }, (_, index) => `class ${index + 1}`);
  try {
    return describeForeignModel(network, { labels });
  } catch (error) {
    if (!(error instanceof TensorFaceError)) throw error;
    throw new TensorFaceError(error.code, error.message, {
      cause: error,
      hint: `Import it first, \`tensorface models import ${name}\` with what is missing, and name the model with --backbone.`,
    });
  }
}
