import type { VideoSample } from "mediabunny";
import { TensorFaceError } from "../core/index.ts";
import { applyOrientation, createRasterImage, type Orientation, type RasterImage, resize } from "../image/index.ts";
import { assumedCoding, type ColourCoding, type PlanarFrame, rgbOfPlanes } from "./yuv.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** EXIF's names for a clockwise turn, and for one with the sides exchanged afterwards. */
const orientations: Readonly<Record<number, { readonly plain: Orientation; readonly flipped: Orientation }>> = {
  0: { plain: 1, flipped: 2 },
  90: { plain: 6, flipped: 5 },
  180: { plain: 3, flipped: 4 },
  270: { plain: 8, flipped: 7 },
};

/** What a film's container says of its pictures. */
export interface Showing extends Size {
  /** How colours are coded, as the file says it. */
  readonly colours: VideoColorSpaceInit;
}

/** A frame's picture: upright, of square pixels, of the film's size also where frames have different ones. */
export async function pictureOf(sample: VideoSample, { width, height, colours }: Showing): Promise<RasterImage> {
  const { plain, flipped } = orientations[sample.rotation] ?? orientations[0]!;
  const upright = applyOrientation(await storedPicture(sample, colours), sample.flip ? flipped : plain);
  return upright.width === width && upright.height === height ? upright : resize(upright, width, height);
}

/** Of the frame's own planes: FFmpeg's conversion to RGB takes every film for one of BT.601. */
async function storedPicture(sample: VideoSample, colours: VideoColorSpaceInit): Promise<RasterImage> {
  const { format } = sample;
  const { width, height } = sample.visibleRect;
  // A frame that stays with the graphics card does not say how it is laid out; it is told how to come.
  const options = format === null ? ({ format: "RGBA" } as const) : {};
  const bytes = new Uint8Array(sample.allocationSize(options));
  const planes = await sample.copyTo(bytes, options);
  if (format === null || /^(?:RGB|BGR)/.test(format))
    return packedPicture(bytes, planes[0]!, { width, height, isBlueFirst: format?.startsWith("BGR") === true });
  const parts = /^(?:I(420|422|444)|NV12)A?(?:P(10|12))?$/.exec(format);
  if (parts === null) throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", `frames of the kind ${format} are not read here`);
  const frame: PlanarFrame = {
    width,
    height,
    bytes,
    planes,
    chroma: chromaOf(parts[1]),
    isInterleaved: format === "NV12",
    bits: Number(parts[2] ?? 8),
    coding: codingOf(sample, colours, height),
  };
  return rgbOfPlanes(frame);
}

function chromaOf(text: string | undefined): PlanarFrame["chroma"] {
  if (text === "444") return 444;
  return text === "422" ? 422 : 420;
}

const matrices: Readonly<Record<string, ColourCoding["matrix"]>> = {
  bt709: "bt709",
  bt470bg: "bt601",
  smpte170m: "bt601",
  "bt2020-ncl": "bt2020",
};

/**
 * Chromium's decoders say BT.709 of each film that says nothing, and the same browser plays those of fewer lines as BT.601: where the file does
 * not say it, it is not believed (findings/chromium-untagged-film-colours.sh).
 */
function codingOf({ colorSpace }: VideoSample, told: VideoColorSpaceInit, height: number): ColourCoding {
  const assumed = assumedCoding(height);
  const claimed = colorSpace.matrix === "bt709" ? undefined : colorSpace.matrix;
  const transfer: string | null | undefined = colorSpace.transfer ?? told.transfer;
  return {
    matrix: matrices[claimed ?? told.matrix ?? ""] ?? assumed.matrix,
    fullRange: colorSpace.fullRange ?? told.fullRange ?? assumed.fullRange,
    transfer: transfer === "pq" || transfer === "hlg" ? transfer : undefined,
  };
}

function packedPicture(
  bytes: Uint8Array,
  { offset, stride }: { readonly offset: number; readonly stride: number },
  { width, height, isBlueFirst }: { readonly width: number; readonly height: number; readonly isBlueFirst: boolean },
): RasterImage {
  const data = new Uint8Array(width * height * 3);
  const [red, blue] = isBlueFirst ? [2, 0] : [0, 2];
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const from = offset + y * stride + x * 4;
      data[to] = bytes[from + red]!;
      data[to + 1] = bytes[from + 1]!;
      data[to + 2] = bytes[from + blue]!;
    }
  }
  return createRasterImage(width, height, data);
}
