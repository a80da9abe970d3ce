import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import { pathKind, readTextFile } from "../files/files.node.ts";
import type { ForeignInput, ForeignNetwork } from "./foreign-network.ts";
import { readOnnxFile } from "./onnx-file.ts";
import { type PictureSize, seeingMiddle } from "./picture-graph.ts";
import { describeGraph } from "./tensorflow-js.ts";
import { parseJson } from "./tensorflow-js-folder.ts";

const configSchema = z.object({
  id2label: z.record(z.string(), z.string()).optional(),
  problem_type: z.string().optional().nullable(),
});

const sizeSchema = z.union([
  z
    .int()
    .positive()
    // A single number is the shorter side where something is cut out afterwards, and both sides where not.
    .transform((side) => ({ height: side, width: side, keepsAspect: undefined })),
  z.object({ height: z.int().positive(), width: z.int().positive() }).transform((size) => ({ ...size, keepsAspect: false })),
  z
    .object({ shortest_edge: z.int().positive() })
    .transform(({ shortest_edge: side }) => ({ height: side, width: side, keepsAspect: true })),
]);

const preprocessorSchema = z.object({
  size: sizeSchema.optional(),
  crop_size: sizeSchema.optional(),
  do_resize: z.boolean().default(true),
  do_center_crop: z.boolean().default(false),
  do_rescale: z.boolean().default(true),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: z.array(z.number()).optional(),
  image_std: z.array(z.number().positive()).optional(),
});

/** Where the network stands in such a folder; the first that is there is read. */
const networkFiles = ["onnx/model.onnx", "model.onnx", "onnx/model_fp16.onnx", "onnx/model_quantized.onnx"] as const;

/**
 * A classifier of pictures in the layout that transformers.js reads: `config.json` with its labels, `preprocessor_config.json` with
 * sizes and scaling, `onnx/model.onnx`.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_TOO_LARGE} when a file is missing or cannot be read
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when one is not what it should be
 */
export async function readTransformersFolder(folder: string): Promise<ForeignNetwork> {
  const config = await readSettings(configSchema, folder, "config.json");
  const preprocessor = await readSettings(preprocessorSchema, folder, "preprocessor_config.json");
  const { graph, conversion } = await readNetwork(folder);
  const described = describeGraph(graph, { format: "transformers.js folder", name: basename(resolve(folder)) });
  const crop = middleSeen(preprocessor);
  const isMultiLabel = config.problem_type === "multi_label_classification";
  return {
    ...described,
    ...(crop !== undefined && { graph: seeingMiddle(described.graph, crop.whole, crop.middle) }),
    conversion: conversion && { ...conversion, size: crop?.middle },
    labels: labelsInOrder(config.id2label),
    activation: described.activation === "softmax" && isMultiLabel ? "sigmoid" : described.activation,
    input: { ...described.input, ...describePreprocessor(preprocessor) },
  };
}

async function readSettings<Settings>(schema: z.ZodType<Settings>, folder: string, name: string): Promise<Settings> {
  const parsed = schema.safeParse(parseJson(await readTextFile(join(folder, name)), name));
  if (parsed.success) return parsed.data;
  throw new TensorFaceError("TF_GRAPH_INVALID", `"${name}" is not what transformers.js reads: ${z.prettifyError(parsed.error)}`);
}

async function readNetwork(folder: string): ReturnType<typeof readOnnxFile> {
  for (const name of networkFiles) {
    const path = join(folder, name);
    if ((await pathKind(path)) === "file") return readOnnxFile(path);
  }
  throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${folder}" has none of ${networkFiles.join(", ")}`);
}

function labelsInOrder(labels: Readonly<Record<string, string>> | undefined): string[] | undefined {
  return (
    labels &&
    Object.entries(labels)
      .toSorted(([a], [b]) => Number(a) - Number(b))
      .map(([, label]) => label)
  );
}

/**
 * Of the pictures' size, the middle that the network sees: `undefined` where it sees all of it.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} when more than the picture is to be seen, around which transformers.js sets a border
 */
function middleSeen({
  do_resize,
  do_center_crop,
  size,
  crop_size,
}: z.infer<typeof preprocessorSchema>): { readonly whole: PictureSize; readonly middle: PictureSize } | undefined {
  if (!do_resize || !do_center_crop || size === undefined || crop_size === undefined) return undefined;
  if (crop_size.width > size.width || crop_size.height > size.height) {
    const [crop, whole] = [crop_size, size].map(({ width, height }) => `${width} x ${height}`);
    throw new TensorFaceError(
      "TF_GRAPH_UNSUPPORTED_OP",
      `"preprocessor_config.json" cuts ${crop} pixels out of ${whole}: borders are not read`,
    );
  }
  const isWhole = crop_size.width === size.width && crop_size.height === size.height;
  return isWhole ? undefined : { whole: size, middle: crop_size };
}

/** `(pixel * factor - mean) / deviation` in units of 0..255. */
function describePreprocessor(settings: z.infer<typeof preprocessorSchema>): ForeignInput {
  const { rescale_factor, do_rescale, do_normalize, do_center_crop, do_resize } = settings;
  const keepsAspect = do_resize || settings.size?.keepsAspect === true ? settings.size?.keepsAspect : undefined;
  const factor = do_rescale ? rescale_factor : 1;
  const mean = do_normalize ? settings.image_mean : [0, 0, 0];
  const deviation = do_normalize ? settings.image_std : [1, 1, 1];
  // A middle of the resized picture is cut out by the graph.
  const size = (do_resize ? settings.size : undefined) ?? (do_center_crop ? settings.crop_size : undefined);
  return {
    colour: "rgb",
    ...(size === undefined ? {} : { width: size.width, height: size.height }),
    ...(mean === undefined ? {} : { mean: mean.map((value) => value / factor) }),
    ...(deviation === undefined ? {} : { standardDeviation: deviation.map((value) => value / factor) }),
    // What is pressed into its size has all of the picture, whatever is then cut out of it.
    fit: (keepsAspect ?? do_center_crop) ? "middle" : "stretch",
  };
}
