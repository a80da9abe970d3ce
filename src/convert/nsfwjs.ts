import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import type { ForeignNetwork } from "./foreign-network.ts";
import { readTensorFlowJs, weightPaths } from "./tensorflow-js.ts";

/** The networks of the npm package `nsfwjs`, and their width and height in pixels. */
const sizes = { inception_v3: 299, mobilenet_v2: 224, mobilenet_v2_mid: 224 } as const;

export type NsfwjsName = keyof typeof sizes;

export function isNsfwjsName(name: string): name is NsfwjsName {
  return Object.hasOwn(sizes, name);
}

const packageSchema = z.object({ license: z.string().optional() });

/**
 * A network of the npm package `nsfwjs`: Inception V3 with 2,048 features, or one of two MobileNet V2s with 1,280. They were trained on
 * from ImageNet's weights to tell pornography from drawings and other photographs; what stands below their last layers describes
 * pictures in general. They take values from 0 to 1.
 * @param from a file or folder; the package is looked for as Node looks from there
 * @throws {TF_MODEL_NOT_FOUND} when the package is not installed there
 */
export function readNsfwjs(name: NsfwjsName, from: string): ForeignNetwork {
  const load = createRequire(from);
  const root = packageFolder(load);
  const folder = join(root, "dist", "models", name);
  const model = contentOf(load(join(folder, "model.min.js")));
  const files = weightPaths(model).map((path) => z.string().parse(contentOf(load(join(folder, `${path}.min.js`)))));
  const weights = Buffer.concat(files.map((text) => Buffer.from(text, "base64")));
  const size = sizes[name];
  const { license } = packageSchema.parse(load(join(root, "package.json")));
  return {
    ...readTensorFlowJs(model, weights, { name: `nsfwjs-${name.replaceAll("_", "-")}` }),
    input: { width: size, height: size, colour: "rgb", mean: [0, 0, 0], standardDeviation: [255, 255, 255], fit: "stretch" },
    labels: ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"],
    licence: license,
  };
}

function packageFolder(load: NodeJS.Require): string {
  try {
    // Its files are no exports of it, but they lie beside the file that is.
    return dirname(dirname(dirname(load.resolve("nsfwjs"))));
  } catch (error) {
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", "the package nsfwjs, which has this network, is not installed here", {
      hint: "npm install nsfwjs",
      cause: error,
    });
  }
}

/** The modules come in either of the two forms that bundlers give them. */
function contentOf(module: unknown): unknown {
  const wrapped = z.object({ default: z.unknown() }).safeParse(module);
  return wrapped.success && wrapped.data.default !== undefined ? wrapped.data.default : module;
}
