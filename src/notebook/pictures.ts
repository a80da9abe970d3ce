import { type AnalyzedFace, annotateFaces, cropFaces, cropOptionNames, type CropOptions, expectFaces } from "../analyze/index.ts";
import { faceLines } from "../analyze/index.ts";
import { expectOptions, expectThat, type OptionNames } from "../core/index.ts";
import { decode, type PictureInput } from "../image/decode.node.ts";
import { encode } from "../image/encode.node.ts";
import { fitWithin, type RasterImage } from "../image/index.ts";
import { escapeHtml } from "../report/index.ts";
import { captionHtml, dataUrl, type Display, displayOf, htmlDisplay } from "./display.ts";

/** Options of `picture`. */
export interface PictureOptions {
  /** An analysis of the picture, or its faces: each is boxed, with what was told of it. @default none */
  readonly faces?: readonly AnalyzedFace[] | { readonly faces: readonly AnalyzedFace[] } | undefined;
  /** Pixels of the longer side at most. @default 900 */
  readonly maxSide?: number | undefined;
  /** @default none */
  readonly caption?: string | undefined;
}
const pictureOptionNames: OptionNames<PictureOptions> = { faces: true, maxSide: true, caption: true };

/**
 * A picture for a cell, with boxes where faces are given.
 * @param image pixels, or what `decode` takes: a path, bytes
 * @throws {TF_INPUT_NOT_FOUND | TF_IMAGE_CORRUPT} when it cannot be read, and what else `decode` throws
 *
 * @example
 * await picture("group.jpg", { faces: await analyzer.analyze("group.jpg") });
 */
export async function picture(image: RasterImage | PictureInput, options: PictureOptions = {}): Promise<Display> {
  expectOptions(options, pictureOptionNames);
  const { faces = [], maxSide = 900, caption = "" } = options;
  const found = expectFaces(faces);
  const pixels = await pixelsOf(image);
  const shown = fitWithin(found.length === 0 ? pixels : annotateFaces(pixels, found), { maxSide });
  const text = `picture of ${pixels.width} x ${pixels.height}${found.length === 0 ? "" : `, ${found.length} ${found.length === 1 ? "face" : "faces"}`}${caption === "" ? "" : `: ${caption}`}`;
  const bytes = await encode(shown, { format: "jpeg", quality: 88 });
  if (caption === "") return displayOf(text, { "image/jpeg": Buffer.from(bytes).toString("base64") });
  return htmlDisplay(text, `<figure><img alt="${escapeHtml(text)}" src="${dataUrl(bytes, "jpeg")}">${captionHtml(caption)}</figure>`);
}

/** A picture of `pictures`. */
export interface CaptionedPicture {
  /** Pixels, or what `decode` takes. */
  readonly image: RasterImage | PictureInput;
  /** @default none */
  readonly caption?: string | undefined;
}

/** Options of `pictures`. */
export interface PictureGridOptions {
  /** In a row, 1..24. @default 6 */
  readonly columns?: number | undefined;
  /** Pixels of each picture's longer side. @default 160 */
  readonly size?: number | undefined;
}
const pictureGridOptionNames: OptionNames<PictureGridOptions> = { columns: true, size: true };

/**
 * Pictures in rows, each with its caption.
 * @throws {TF_INVALID_ARGUMENT} when `items` are no such list, and what `decode` throws
 */
export async function pictures(items: readonly CaptionedPicture[], options: PictureGridOptions = {}): Promise<Display> {
  const areItems = Array.isArray(items) && items.every((item: Partial<CaptionedPicture> | null) => item?.image !== undefined);
  expectThat(areItems, "items must be a list of { image, caption }", items);
  expectOptions(options, pictureGridOptionNames);
  const { columns = 6, size = 160 } = options;
  const figures = await Promise.all(
    items.map(async ({ image, caption = "" }) => {
      const bytes = await encode(fitWithin(await pixelsOf(image), { maxSide: size }), { format: "jpeg", quality: 85 });
      return `<figure><img alt="${escapeHtml(caption)}" src="${dataUrl(bytes, "jpeg")}">${captionHtml(caption)}</figure>`;
    }),
  );
  const captions = items.map(({ caption = "" }) => caption).filter((caption) => caption !== "");
  const text = [`${items.length} ${items.length === 1 ? "picture" : "pictures"}`, ...captions].join("\n  ");
  const width = `max-width: ${columns * (size + 10)}px`;
  return htmlDisplay(text, `<div class="grid" style="grid-template-columns: repeat(${columns}, 1fr); ${width}">${figures.join("")}</div>`);
}

/** Options of `faceGrid`: how faces are cut out, and how they stand. */
export interface FaceGridOptions extends CropOptions {
  /** In a row, 1..24. @default 6 */
  readonly columns?: number | undefined;
}
const faceGridOptionNames: OptionNames<FaceGridOptions> = { ...cropOptionNames, columns: true };

/**
 * The faces of a picture in rows, each with what was told of it.
 * @param image the picture that was analysed
 * @param analysis the analysis, or its faces
 * @throws {TF_INPUT_NOT_FOUND | TF_IMAGE_CORRUPT} when it cannot be read, and what else `decode` throws
 */
export async function faceGrid(
  image: RasterImage | PictureInput,
  analysis: readonly AnalyzedFace[] | { readonly faces: readonly AnalyzedFace[] },
  options: FaceGridOptions = {},
): Promise<Display> {
  expectOptions(options, faceGridOptionNames);
  const { columns, size = 160, ...cropping } = options;
  const faces = expectFaces(analysis);
  const crops = cropFaces(await pixelsOf(image), faces, { size, ...cropping });
  const caption = (face: AnalyzedFace): string =>
    faceLines(face)
      .map(({ text }) => text)
      .join(", ");
  return pictures(
    crops.map((cut, index) => ({ image: cut, caption: `${index + 1}: ${caption(faces[index]!)}` })),
    { columns, size: typeof size === "object" ? Math.max(size.width, size.height) : size },
  );
}

async function pixelsOf(image: RasterImage | PictureInput): Promise<RasterImage> {
  return isRaster(image) ? image : (await decode(image)).image;
}

function isRaster(image: RasterImage | PictureInput): image is RasterImage {
  return typeof image === "object" && image !== null && "data" in image && "width" in image;
}
