import { z } from "zod";
import type { Layer } from "./layers.ts";

/**
 * Layers and loss terms as they stand in a configuration file; the meaning and defaults of the fields are told in
 * `layers.ts` and `losses.ts`.
 */

const size = z.int().positive();
const activations = z.enum(["relu", "prelu", "hardSwish", "silu", "sigmoid", "gelu"]);
const pool = { kernel: size.optional(), stride: size.optional(), padding: z.int().min(0).optional() };

export const layerSchema: z.ZodType<Layer, Layer> = z.lazy(() =>
  z.discriminatedUnion("layer", [
    z.strictObject({
      layer: z.literal("conv"),
      channels: size,
      kernel: size.optional(),
      stride: size.optional(),
      padding: z.union([z.int().min(0), z.tuple([z.int().min(0), z.int().min(0)])]).optional(),
      groups: z.union([size, z.literal("depthwise")]).optional(),
      bias: z.boolean().optional(),
    }),
    z.strictObject({
      layer: z.literal("batchNorm"),
      initialScale: z.number().optional(),
      epsilon: z.number().positive().optional(),
      momentum: z.number().min(0).max(1).optional(),
    }),
    z.strictObject({ layer: z.literal("activation"), function: activations }),
    z.strictObject({
      layer: z.literal("residual"),
      body: z.array(layerSchema).min(1),
      shortcut: z.array(layerSchema).optional(),
      activation: activations.optional(),
    }),
    z.strictObject({ layer: z.literal("squeezeExcite"), channels: size }),
    z.strictObject({ layer: z.literal("maxPool"), ...pool }),
    z.strictObject({ layer: z.literal("averagePool"), ...pool }),
    z.strictObject({ layer: z.literal("globalPool") }),
    z.strictObject({ layer: z.literal("flatten") }),
    z.strictObject({ layer: z.literal("dense"), features: size, initialGain: z.number().positive().optional() }),
    z.strictObject({ layer: z.literal("dropout"), rate: z.number().min(0).max(0.95) }),
  ]),
);
