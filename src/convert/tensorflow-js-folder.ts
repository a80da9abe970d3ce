import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import { pathInside, readRegularFile, readTextFile } from "../files/files.node.ts";
import type { ForeignNetwork } from "./foreign-network.ts";
import { maximumModelBytes } from "./limits.ts";
import { readTensorFlowJs, weightPaths } from "./tensorflow-js.ts";

/** What Teachable Machine writes beside a model. */
const teachableSchema = z.object({
  labels: z.array(z.string()).min(1),
  imageSize: z.int().positive().default(224),
  modelName: z.string().optional(),
  packageName: z.literal("@teachablemachine/image"),
});

/**
 * A network that TensorFlow.js saved into files: `model.json` with its weights beside it, and for a Teachable Machine export
 * `metadata.json`, which tells labels and size; such a network takes the middle square, in values from -1 to 1.
 * @param path the `model.json`
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_TOO_LARGE} when a file cannot be read
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when it is not what it should be, or names files outside of its folder
 */
export async function readTensorFlowJsFile(path: string): Promise<ForeignNetwork> {
  const folder = dirname(resolve(path));
  const model = parseJson(await readTextFile(path), path);
  const shards: Uint8Array[] = [];
  for (const name of weightPaths(model)) shards.push(await readShard(folder, name));
  const network = readTensorFlowJs(model, Buffer.concat(shards), { name: basename(folder) });
  const metadata = await readTextFile(join(folder, "metadata.json")).catch(() => undefined);
  const teachable = metadata === undefined ? undefined : teachableSchema.safeParse(parseJson(metadata, "metadata.json"));
  if (teachable?.success !== true) return network;
  const { labels, imageSize: size, modelName = network.name } = teachable.data;
  return {
    ...network,
    format: "Teachable Machine export",
    name: modelName,
    labels,
    // value = pixel / 127 - 1
    input: { width: size, height: size, colour: "rgb", mean: [127, 127, 127], standardDeviation: [127, 127, 127], fit: "middle" },
  };
}

async function readShard(folder: string, name: string): Promise<Uint8Array> {
  const inside = pathInside(folder, name);
  if (inside === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `the weights "${name}" lie outside of the model's folder`);
  return readRegularFile(join(folder, inside), { maxBytes: maximumModelBytes, name: inside });
}

/** @throws {TF_GRAPH_INVALID} */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TensorFaceError("TF_GRAPH_INVALID", `"${name}" is not JSON`, { cause: error });
  }
}
