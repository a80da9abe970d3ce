import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import { pathKind, readTextFile } from "../files/files.node.ts";
import type { ForeignInput, ForeignNetwork, PictureFit } from "./foreign-network.ts";
import { readOnnxFile } from "./onnx-file.ts";
import { type PictureSize, seeingMiddle } from "./picture-graph.ts";
import { describeGraph } from "./tensorflow-js.ts";
import { parseJson } from "./tensorflow-js-folder.ts";
import { processorOf, type Resizing, resizingTo, sizeSchema } from "./transformers-sizes.ts";

const configSchema = z.object({
  id2label: z.record(z.string(), z.string()).optional(),
  problem_type: z.string().optional().nullable(),
  model_type: z.string().optional(),
});

/** What a class was not told it may write as null. */
function unlessNull<Value>(schema: z.ZodType<Value>): z.ZodType<Value | undefined> {
  return schema.nullish().transform((value) => value ?? undefined);
}

const preprocessorSchema = z.object({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  size: unlessNull(sizeSchema),
  crop_size: unlessNull(sizeSchema),
  crop_pct: z.number().positive().nullish(),
  do_resize: unlessNull(z.boolean()),
  do_center_crop: unlessNull(z.boolean()),
  do_rescale: unlessNull(z.boolean()),
  rescale_factor: unlessNull(z.number().positive()),
  do_normalize: unlessNull(z.boolean()),
  do_flip_channel_order: unlessNull(z.boolean()),
  image_mean: unlessNull(z.array(z.number())),
  image_std: unlessNull(z.array(z.number().positive())),
  include_top: unlessNull(z.boolean()),
  rescale_offset: unlessNull(z.boolean()),
});

/** What is done with a picture's sizes: what it becomes, and what the network sees of that. */
interface Sizes {
  /** Undefined where nothing is resized, or to what is not said. */
  readonly resizing: Resizing | undefined;
  readonly cut: PictureSize | undefined;
  /** What is pressed into its size has all of the picture, whatever is then cut out of it. */
  readonly fit: PictureFit;
}

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
  const processor = processorOf(preprocessor, config.model_type);
  const sizes = sizesOf(preprocessor, processor);
  const crop = middleSeen(sizes);
  const isMultiLabel = config.problem_type === "multi_label_classification";
  return {
    ...described,
    ...(crop !== undefined && { graph: seeingMiddle(described.graph, crop.whole, crop.middle) }),
    conversion: conversion && { ...conversion, size: crop?.middle },
    labels: labelsInOrder(config.id2label),
    activation: described.activation === "softmax" && isMultiLabel ? "sigmoid" : described.activation,
    input: { ...described.input, ...describePreprocessor(preprocessor, sizes, processor) },
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

function sizesOf(settings: z.infer<typeof preprocessorSchema>, processor: string | undefined): Sizes {
  const { do_resize = true, do_center_crop = false, size, crop_size, crop_pct } = settings;
  const told = size === undefined ? undefined : resizingTo(size, processor, crop_pct);
  const resizing = do_resize ? told : undefined;
  // A number is a square here, whatever the class.
  const asked = do_center_crop && crop_size !== undefined ? resizingTo(crop_size, undefined, undefined).whole : undefined;
  const keepsAspect = resizing?.keepsAspect ?? (do_center_crop || told?.keepsAspect === true);
  return { resizing, cut: resizing?.cut ?? asked, fit: keepsAspect ? "middle" : "stretch" };
}

/**
 * Of the pictures' size, the middle that the network sees: `undefined` where it sees all of it.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} when more than the picture is to be seen, around which transformers.js sets a border
 */
function middleSeen({ resizing, cut }: Sizes): { readonly whole: PictureSize; readonly middle: PictureSize } | undefined {
  if (resizing === undefined || cut === undefined) return undefined;
  const { whole } = resizing;
  if (cut.width > whole.width || cut.height > whole.height) {
    const [crop, picture] = [cut, whole].map(({ width, height }) => `${width} x ${height}`);
    throw new TensorFaceError(
      "TF_GRAPH_UNSUPPORTED_OP",
      `"preprocessor_config.json" cuts ${crop} pixels out of ${picture}: borders are not read`,
    );
  }
  const isWhole = cut.width === whole.width && cut.height === whole.height;
  return isWhole ? undefined : { whole, middle: cut };
}

/**
 * `(pixel * factor - mean) / deviation` in units of 0..255. EfficientNet's class divides by the deviation once more, whether it has done so before or not,
 * unless the last layers are left out, and may take 1 off what it has scaled.
 */
function describePreprocessor(
  settings: z.infer<typeof preprocessorSchema>,
  { resizing, cut, fit }: Sizes,
  processor: string | undefined,
): ForeignInput {
  const isMobileVit = processor === "MobileViT";
  const isEfficientNet = processor === "EfficientNet";
  const { rescale_factor = 1 / 255, do_rescale = true, include_top = true, rescale_offset = false } = settings;
  const { do_normalize = !isMobileVit, do_flip_channel_order = isMobileVit } = settings;
  const factor = do_rescale ? rescale_factor : 1;
  const mean = do_normalize ? settings.image_mean : [0, 0, 0];
  const divisions = Number(do_normalize) + Number(isEfficientNet && include_top);
  const deviation = divisions === 0 ? [1, 1, 1] : settings.image_std;
  const offset = isEfficientNet && do_rescale && rescale_offset ? 1 : 0;
  // A middle of the resized picture is cut out by the graph.
  const size = resizing?.whole ?? cut;
  return {
    colour: do_flip_channel_order ? "bgr" : "rgb",
    ...(size === undefined ? {} : { width: size.width, height: size.height }),
    ...(mean === undefined ? {} : { mean: mean.map((value) => (value + offset) / factor) }),
    ...(deviation === undefined ? {} : { standardDeviation: deviation.map((value) => value ** Math.max(divisions, 1) / factor) }),
    fit,
  };
}
