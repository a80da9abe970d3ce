import { version } from "libheif-js/package.json";
import { createWaitingList } from "../../../../src/core/index.ts";
import { heicToPng } from "../../../../src/image/heic/to-png.browser.ts";
import { decodeLimits } from "../../../../src/image/index.ts";
import { keepHeicDecoder } from "../keep-engine-files.ts";

/** A HEIC file in forms that every browser reads. */
export interface ReadHeic {
  /** Every pixel as it was coded. */
  readonly picture: Blob;
  /** To be shown: smaller, and not so exact. */
  readonly shown: Blob;
}

/** One after the other: each takes a hundred megabytes meanwhile. */
const files = createWaitingList({ atOnce: 1 });
const quality = 0.92;

/** Where the decoder lies beside the page; another version is another address. */
export function heicUrl(modelRoot: string): string {
  return new URL(`../heic/libheif-bundle.mjs?version=${version}`, modelRoot).href;
}

/**
 * Decodes a HEIC file with libheif, where the browser does not read it itself.
 * @throws {TF_IMAGE_FORMAT_UNSUPPORTED} when the decoder is not beside the page; and the codes of `decodeHeic`
 */
export async function readHeic(file: Blob, source: string, url: string): Promise<ReadHeic> {
  return files.run(async () => {
    if (await isReadByBrowser(file)) return { picture: file, shown: file };
    const { maxPixels } = decodeLimits({});
    const png = await heicToPng(new Uint8Array(await file.arrayBuffer()), url, { maxPixels, source });
    void keepHeicDecoder(url);
    const picture = new Blob([png], { type: "image/png" });
    const bitmap = await createImageBitmap(picture);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
    bitmap.close();
    return { picture, shown: await canvas.convertToBlob({ type: "image/jpeg", quality }) };
  });
}

async function isReadByBrowser(file: Blob): Promise<boolean> {
  try {
    (await createImageBitmap(file)).close();
    return true;
  } catch {
    return false;
  }
}
