import { TensorFaceError } from "../core/index.ts";
import { createRasterImage, type RasterImage } from "./raster.ts";

/** What a canvas can draw. */
export type DrawableSource = HTMLImageElement | HTMLCanvasElement | HTMLVideoElement | OffscreenCanvas | ImageBitmap | VideoFrame;

/** The size in pixels of the picture itself, not of its place on the page. */
export function sizeOf(source: DrawableSource): { readonly width: number; readonly height: number } {
  if ("naturalWidth" in source) return { width: source.naturalWidth, height: source.naturalHeight };
  if ("videoWidth" in source) return { width: source.videoWidth, height: source.videoHeight };
  if ("displayWidth" in source) return { width: source.displayWidth, height: source.displayHeight };
  return { width: source.width, height: source.height };
}

/**
 * The pixels of a drawable, transparency on white.
 * @throws {SecurityError} when the drawable comes from another site without its permission
 */
export function drawOnWhite(source: DrawableSource, width: number, height: number): RasterImage {
  const context = createContext(width, height);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
  return fromRgba(context.getImageData(0, 0, width, height).data, width, height);
}

/** A canvas that holds the picture, for encoding and display. */
export function drawToCanvas(image: RasterImage): OffscreenCanvas {
  const context = createContext(image.width, image.height);
  context.putImageData(toImageData(image), 0, 0);
  return context.canvas;
}

/** The picture as the browser's own kind of pixels: `[height, width, 4]`, opaque. */
export function toImageData(image: RasterImage): ImageData {
  const pixels = new ImageData(image.width, image.height);
  for (let from = 0, to = 0; from < image.data.length; from += 3, to += 4) {
    pixels.data[to] = image.data[from]!;
    pixels.data[to + 1] = image.data[from + 1]!;
    pixels.data[to + 2] = image.data[from + 2]!;
    pixels.data[to + 3] = 255;
  }
  return pixels;
}

function createContext(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
  if (context === null) throw new TensorFaceError("TF_IMAGE_TOO_LARGE", `this browser gives no canvas of ${width} x ${height} pixels`);
  return context;
}

function fromRgba(rgba: ArrayLike<number>, width: number, height: number): RasterImage {
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return createRasterImage(width, height, data);
}
