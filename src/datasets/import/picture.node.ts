import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { type BoundingBox, isPictureFault, isTensorFaceError, TensorFaceError } from "../../core/index.ts";
import { decode } from "../../image/decode.node.ts";
import { checkBytes, crop, decodeLimits, type RasterImage, sniffPicture, wholePixels } from "../../image/index.ts";
import { encode } from "../../image/encode.node.ts";
import { pathInside, pathKind, readRegularFile, removeKilledPartsIn, writeFileAtomically } from "../../files/files.node.ts";
import { encodeGreyPng } from "./png.node.ts";
import type { PictureBox, PictureSource, RejectionReason } from "./source-row.ts";

/** What a record says of its picture. */
export interface PictureFacts {
  readonly sha256: string;
  /** Of the upright picture, in pixels. */
  readonly width: number;
  readonly height: number;
}

export interface PictureProblem {
  readonly reason: RejectionReason;
  readonly detail: string;
}

/** Checks the bytes of a picture and gives its upright size. Throws our own errors for pictures that cannot be read. */
export type PictureInspector = (bytes: Uint8Array, file: string) => Promise<{ readonly width: number; readonly height: number }>;

/** Decodes the whole picture, so that one that is damaged or cut off is found now and not in the middle of a training. */
export const inspectPixels: PictureInspector = async (bytes, file) => {
  const { image } = await decode(bytes, { source: file });
  return { width: image.width, height: image.height };
};

/** Reads the header alone: quick, but a picture that is cut off after it passes. */
export const inspectHeader: PictureInspector = (bytes, file) => {
  const { width, height, orientation } = sniffPicture(bytes, file);
  return Promise.resolve(orientation !== undefined && orientation.value >= 5 ? { width: height, height: width } : { width, height });
};

/** A picture that may not be decoded need not be read. */
const limits = decodeLimits({});
const { maxBytes } = limits;

const outsideProblem: PictureProblem = { reason: "malformed-row", detail: "the path leaves the dataset's folder" };

async function readSource(root: string, picture: PictureSource): Promise<Uint8Array | PictureProblem> {
  if (picture.pixels !== undefined) return encodeGreyPng(picture.pixels.grey, picture.pixels.width, picture.pixels.height);
  // A label file must not be able to name files outside of its dataset.
  const file = pathInside(root, picture.from ?? picture.part?.file ?? picture.file);
  if (file === undefined) return outsideProblem;
  const path = join(root, file);
  try {
    if (picture.bytes !== undefined) {
      checkBytes(picture.bytes.length, limits, file);
      return picture.bytes;
    }
    return await readRegularFile(path, { name: file, maxBytes, checkBytes: (bytes) => checkBytes(bytes, limits, file) });
  } catch (error) {
    if (isTensorFaceError(error, "TF_INPUT_NOT_FOUND")) return { reason: "missing-picture", detail: "no such file" };
    if (isTensorFaceError(error)) return { reason: "unreadable-picture", detail: error.message };
    throw error;
  }
}

/** Pixels by which a picture's proportions may differ from those of its table, from rounding. */
const scalingSlack = 1;

/** A box in pixels of the picture as it is. */
function placeBox({ within, ...box }: PictureBox, { width, height }: RasterImage): BoundingBox | PictureProblem {
  if (within === undefined) return rounded(box, 1);
  const scale = width / within.width;
  if (Math.abs(within.height * scale - height) > scalingSlack * Math.max(scale, 1)) {
    const detail = `the boxes are of a picture of ${within.width} x ${within.height}, and this one has ${width} x ${height}`;
    return { reason: "malformed-row", detail };
  }
  return rounded(box, scale);
}

/** To a thousandth: what was a whole number before it was a share of something is one again. */
function rounded({ x, y, width, height }: BoundingBox, scale: number): BoundingBox {
  const round = (value: number): number => Math.round(value * scale * 1000) / 1000;
  return { x: round(x), y: round(y), width: round(x + width) - round(x), height: round(y + height) - round(y) };
}

async function cutPart(
  bytes: Uint8Array,
  { file, box }: NonNullable<PictureSource["part"]>,
): Promise<(PictureFacts & { readonly bytes: Uint8Array }) | PictureProblem> {
  const { image } = await decode(bytes, { source: file });
  const place = placeBox(box, image);
  if ("reason" in place) return place;
  const region = wholePixels(place, image.width, image.height);
  if (region.width === 0 || region.height === 0) return { reason: "malformed-row", detail: "the box holds nothing of the picture" };
  const part = crop(image, region);
  const cut = await encode(part, { format: "png" });
  return { bytes: cut, width: part.width, height: part.height, sha256: createHash("sha256").update(cut).digest("hex") };
}

export interface PictureStore {
  /** Where the source's pictures stand. */
  readonly root: string;
  /** Where copies and pictures made from pixels go; undefined: nowhere. */
  readonly out: string | undefined;
  readonly copy: boolean;
  readonly inspect: PictureInspector;
  /** Whether a file that stands where another picture goes may be replaced. @default none may */
  readonly mayReplace?: (file: string, path: string) => Promise<boolean>;
  /** Folders in which nothing is left any more of what killed imports were writing. */
  readonly tidied?: Set<string>;
}

/**
 * Puts a picture into the dataset's folder. What stands there already is left alone where it is the same, as the original is when the
 * source lies in that folder.
 * @throws {TF_DATASET_CONFLICT} when another file has the name
 */
async function keep({ mayReplace, tidied = new Set() }: PictureStore, out: string, file: string, bytes: Uint8Array): Promise<void> {
  const path = join(out, file);
  if ((await pathKind(path)) !== "none") {
    if (await holds(path, bytes)) return;
    if ((await mayReplace?.(file, path)) !== true) {
      throw new TensorFaceError("TF_DATASET_CONFLICT", `"${path}" is there already, and is another file than the one to copy`, {
        hint: "Choose an output folder of its own: an import replaces no file that it has not made.",
      });
    }
  }
  // Not flushed one by one, which would take longer than all the rest: a copy can be made again.
  await writeFileAtomically(path, bytes, { sync: false });
  if (tidied.has(dirname(path))) return;
  tidied.add(dirname(path));
  await removeKilledPartsIn(dirname(path));
}

async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  const found = await readRegularFile(path, { maxBytes: bytes.length }).catch(() => undefined);
  return found?.equals(bytes) === true;
}

/** Reads, checks and, where asked for, copies one picture. */
export async function takePicture(store: PictureStore, picture: PictureSource): Promise<PictureFacts | PictureProblem> {
  const source = await readSource(store.root, picture);
  if (!(source instanceof Uint8Array)) return source;
  try {
    const cut = picture.part === undefined ? undefined : await cutPart(source, picture.part);
    if (cut !== undefined && "reason" in cut) return cut;
    const bytes = cut?.bytes ?? source;
    const size = picture.pixels ?? cut ?? (await store.inspect(bytes, picture.file));
    const { out, copy } = store;
    if (out !== undefined && (copy || picture.pixels !== undefined)) {
      // A path may lead out of a folder and back into it by its name: to where another folder lies it only leads out.
      const file = pathInside(out, picture.file);
      if (file === undefined) return outsideProblem;
      await keep(store, out, file, bytes);
    }
    return { sha256: createHash("sha256").update(bytes).digest("hex"), width: size.width, height: size.height };
  } catch (error) {
    if (isTensorFaceError(error) && isPictureFault(error.code)) return { reason: "unreadable-picture", detail: error.message };
    throw error;
  }
}
