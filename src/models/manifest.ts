import { z } from "zod";
import { smallestIntervalMass, tasks } from "../core/index.ts";

/**
 * What travels with a network: how to prepare its input, what its outputs mean, where it comes from.
 * Training writes it, serving and evaluation read it; nothing about a network is guessed from tensor shapes.
 */

/** `value = (pixel - mean) / standardDeviation` per channel, pixels 0..255, layout NCHW, float32. */
const inputSchema = z.strictObject({
  /** Name of the ONNX input, shape `[N, channels, height, width]`. */
  name: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  /** `rgb`, `bgr`, or one channel of ITU-R BT.601 luma. */
  colour: z.enum(["rgb", "bgr", "grey"]),
  /** Per channel, in units of 0..255. */
  mean: z.array(z.number()).min(1).max(3),
  standardDeviation: z.array(z.number().positive()).min(1).max(3),
});

const pointSchema = z.strictObject({ x: z.number(), y: z.number() });

/**
 * Where the five landmarks stand in the crop that the network was trained on, as fractions of its width and height
 * (they may lie outside 0..1). The crop of a face is the similarity transform that brings its landmarks closest to these.
 */
const templateSchema = z.strictObject({
  landmarks: z.strictObject({
    leftEye: pointSchema,
    rightEye: pointSchema,
    nose: pointSchema,
    leftMouth: pointSchema,
    rightMouth: pointSchema,
  }),
  /** Where the numbers come from. */
  source: z.string(),
});

/** How raw numbers become probabilities. `none`: they already are. */
const activationSchema = z.enum(["none", "softmax", "sigmoid"]);

const headOutputSchema = z.strictObject({
  task: z.enum(tasks),
  /** Name of the ONNX output, shape `[N, labels.length]`; with `sigmoid` or one column, `[N, 1]` is the probability of the last label. */
  output: z.string(),
  activation: activationSchema,
  /** Gender and mood: the words of the columns, in order. Age: the years of the columns, as text ("0", "1", ...). */
  labels: z.array(z.string()).min(2),
  /** Divides the logits before the activation (for `none`, applied to the logarithm); fitted on validation data. @default 1 */
  temperature: z.number().positive().default(1),
  /**
   * Vector scaling, fitted on validation data: one factor and one offset for the logarithm of each probability, before the temperature.
   * Logarithms and not the network's logits: with a factor for each class, what is added to all logits would matter.
   */
  scaling: z.strictObject({ scale: z.array(z.number().positive()), bias: z.array(z.number()) }).optional(),
  /**
   * Age: the share of a distribution that its interval takes, so that of many intervals 80 % hold the true age; fitted on validation
   * data (distributional conformal prediction: Chernozhukov, Wuthrich, Zhu, PNAS 2021). The probabilities stay as they are.
   * @default 0.8
   */
  intervalMass: z.number().min(smallestIntervalMass).max(1).optional(),
});

const provenanceSchema = z.strictObject({
  /** Who made it and from what, in a sentence. */
  source: z.string(),
  licence: z.string(),
  url: z.string().optional(),
  /** How it was trained: recipe, data with rows, seed, date, results. Absent for networks of others. */
  training: z.record(z.string(), z.unknown()).optional(),
});

const common = {
  schema: z.literal("tensorface.model/1"),
  /** Lower case, digits and dashes; also the file's stem. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  title: z.string(),
  /** ONNX file beside the manifest. */
  file: z.string(),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  input: inputSchema,
  provenance: provenanceSchema,
  /** Among models for the same work, the one with the largest number is the default; the project's own always come first. @default 0 */
  preference: z.number().default(0),
};

export const headManifestSchema = z.strictObject({
  ...common,
  kind: z.literal("head"),
  template: templateSchema,
  /** Answers are means over the face and its mirror image where nobody asks otherwise: such a head is measured so. @default false */
  flipAveraging: z.boolean().optional(),
  outputs: z.array(headOutputSchema).min(1),
});

export const detectorManifestSchema = z.strictObject({
  ...common,
  kind: z.literal("detector"),
  /** Which decoder in `detect` reads its outputs. */
  decoder: z.enum(["ssd", "blazeface"]),
  /** ONNX output names by the decoder's own words. */
  outputs: z.record(z.string(), z.string()),
  /** Detections below this raw score are dropped. */
  scoreThreshold: z.number().min(0).max(1),
});

export const landmarkManifestSchema = z.strictObject({
  ...common,
  kind: z.literal("landmarks"),
  decoder: z.enum(["facemesh"]),
  outputs: z.record(z.string(), z.string()),
});

export const modelManifestSchema = z.discriminatedUnion("kind", [headManifestSchema, detectorManifestSchema, landmarkManifestSchema]);

export type NetworkInput = z.infer<typeof inputSchema>;
export type CropTemplate = z.infer<typeof templateSchema>;
export type HeadOutput = z.infer<typeof headOutputSchema>;
export type HeadManifest = z.infer<typeof headManifestSchema>;
export type DetectorManifest = z.infer<typeof detectorManifestSchema>;
export type LandmarkManifest = z.infer<typeof landmarkManifestSchema>;
export type ModelManifest = z.infer<typeof modelManifestSchema>;
