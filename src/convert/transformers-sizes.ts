import { z } from "zod";
import type { PictureSize } from "./picture-graph.ts";

/**
 * What the sizes of a `preprocessor_config.json` mean, which hangs on the class of transformers that it was written for: the classes differ in
 * what a number is, and some enlarge the picture before they cut.
 */

const sideSchema = z.int().positive();
/** A size as it stands there. */
export const sizeSchema = z.union([
  sideSchema,
  z.object({ height: sideSchema, width: sideSchema }),
  z.object({ shortest_edge: sideSchema }),
]);
type WrittenSize = z.infer<typeof sizeSchema>;

/** Classes that take a number for the shorter side of the picture; for all others it is both sides of a square. */
const byShorterSide: ReadonlySet<string> = new Set([
  "Bit",
  "BridgeTower",
  "ChineseCLIP",
  "CLIP",
  "ConvNext",
  "Levit",
  "MobileNetV1",
  "MobileNetV2",
  "MobileViT",
  "PoolFormer",
  "TextNet",
  "ViTHybrid",
]);

/** The class of models of a kind, where the file names none; of those that matter here. */
const classOfModels: Readonly<Record<string, string>> = {
  aimv2: "CLIP",
  bit: "Bit",
  chinese_clip: "ChineseCLIP",
  clip: "CLIP",
  convnext: "ConvNext",
  convnextv2: "ConvNext",
  cvt: "ConvNext",
  dinov2: "Bit",
  efficientnet: "EfficientNet",
  focalnet: "Bit",
  hiera: "Bit",
  levit: "Levit",
  metaclip_2: "CLIP",
  mobilenet_v1: "MobileNetV1",
  mobilenet_v2: "MobileNetV2",
  mobilevit: "MobileViT",
  mobilevitv2: "MobileViT",
  poolformer: "PoolFormer",
  regnet: "ConvNext",
  resnet: "ConvNext",
  textnet: "TextNet",
  van: "ConvNext",
  vit_hybrid: "ViTHybrid",
};

interface NamedProcessor {
  readonly image_processor_type?: string | null | undefined;
  readonly feature_extractor_type?: string | null | undefined;
}

/** The class's name without what it is: `CLIP` of CLIPImageProcessor, CLIPImageProcessorFast and CLIPFeatureExtractor. */
export function processorOf(
  { image_processor_type, feature_extractor_type }: NamedProcessor,
  model: string | undefined,
): string | undefined {
  const named = image_processor_type ?? feature_extractor_type;
  if (typeof named === "string") return named.replace(/(?:ImageProcessor(?:Fast|Pil)?|FeatureExtractor)$/, "");
  return model !== undefined && Object.hasOwn(classOfModels, model) ? classOfModels[model] : undefined;
}

/** What is done with a picture. */
export interface Resizing {
  /** In pixels, after resizing. */
  readonly whole: PictureSize;
  /** Whether it is the middle of the picture, whose shorter side becomes that long; else all of it is pressed into that. */
  readonly keepsAspect: boolean;
  /** What the class cuts out of the middle by itself; undefined where that is said apart. */
  readonly cut?: PictureSize;
}

/** From here on ConvNext presses the whole picture into its size, in pixels. */
const pressedFrom = 384;

/** How a class resizes to a size. @param share of the enlarged picture that is seen, `crop_pct`; null for no enlarging. @default the class's own */
export function resizingTo(size: WrittenSize, processor: string | undefined, share: number | null | undefined): Resizing {
  const told = byOneName(size, processor);
  const side = told.whole.width;
  if (processor === "ConvNext" && told.keepsAspect)
    return side < pressedFrom
      ? { whole: square(Math.floor(side / (share ?? 224 / 256))), keepsAspect: true, cut: square(side) }
      : { whole: square(side), keepsAspect: false };
  if (processor === "Levit" && told.keepsAspect) return { whole: square(Math.floor((256 / 224) * side)), keepsAspect: true };
  const isSquare = told.whole.width === told.whole.height;
  if (processor === "PoolFormer" && isSquare && share !== null)
    return { whole: square(Math.floor(side / (share ?? 0.9))), keepsAspect: true };
  return told;
}

/** As it is without a class's own ways. */
function byOneName(size: WrittenSize, processor: string | undefined): Resizing {
  if (typeof size === "number") return { whole: square(size), keepsAspect: processor !== undefined && byShorterSide.has(processor) };
  if ("shortest_edge" in size) return { whole: square(size.shortest_edge), keepsAspect: true };
  return { whole: size, keepsAspect: false };
}

function square(side: number): PictureSize {
  return { width: side, height: side };
}
