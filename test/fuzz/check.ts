import { isTensorFaceError } from "../../src/core/index.ts";
import { decode } from "../../src/image/decode.node.ts";
import { isRasterImage } from "../../src/image/decode.ts";

/** What became of one damaged file: "decoded", or the code of the error. */
export type Outcome = string;

/** Small files claim huge pictures when they are damaged: nothing larger than this is decoded. */
const limits = { maxPixels: 4_000_000, maxBytes: 1_000_000 };
/** A decoder that needs longer for a few kilobytes hangs. */
const patienceMs = 10_000;

/** Decodes bytes that may be damaged. @throws when anything else happens than a picture or one of the coded errors in time */
export async function decodeOutcome(bytes: Uint8Array): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
  });
  try {
    const { image, originalWidth, originalHeight, scale } = await Promise.race([decode(bytes, limits), patience]);
    const isSound = isRasterImage(image) && originalWidth * originalHeight <= limits.maxPixels && scale === 1;
    if (!isSound) throw new Error(`unsound picture: ${image.width} x ${image.height}, ${image.data.length} bytes`);
    return "decoded";
  } catch (error) {
    if (!isTensorFaceError(error)) throw error;
    if (!/^TF_(?:IMAGE_|INPUT_EMPTY)/.test(error.code)) throw error;
    return error.code;
  } finally {
    clearTimeout(timer);
  }
}
