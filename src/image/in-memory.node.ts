import type sharp from "sharp";
import type { Sharp } from "sharp";
import { explainNativeFailure } from "../files/native-failure.node.ts";
import type { RasterImage } from "./raster.ts";

let loading: Promise<typeof sharp> | undefined;

/** The picture library, loaded with the first picture: to import this package must not take the time that libvips takes. */
export function loadSharp(): Promise<typeof sharp> {
  return (loading ??= import("sharp").then((library) => library.default, explainNativeFailure));
}

/** A decoded picture for libvips, without a limit of its own: whether a picture is too large was decided before it was decoded. */
export async function inMemory({ data, width, height }: RasterImage): Promise<Sharp> {
  return (await loadSharp())(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}
