import type { BoundingBox } from "../core/index.ts";
import { createRasterImage, type RasterImage } from "./raster.ts";

/** Size of a block in pixels. */
export interface BlockSize {
  readonly width: number;
  readonly height: number;
}

/** Two 16-bit sums share a word below: more rows of 8-bit values than this would overflow into each other. */
const mostRowsAWord = 257;

/**
 * Means of the blocks of `region` (whole pixels inside the picture), rounded to 8 bits; the last blocks of a row or column may be
 * smaller. Rows are added up first, then columns: the first step touches every byte, so it works on four bytes at once where
 * the picture's rows begin at multiples of four.
 */
export function averageBlocks(image: RasterImage, region: BoundingBox, block: BlockSize): RasterImage {
  const width = Math.ceil(region.width / block.width);
  const height = Math.ceil(region.height / block.height);
  const result = createRasterImage(width, height, new Uint8ClampedArray(width * height * 3));
  const isAligned = image.data.byteOffset % 4 === 0 && (image.width * 3) % 4 === 0 && block.height <= mostRowsAWord;
  const sums = isAligned ? new WordSums(image, region) : new ByteSums(image, region);
  for (let row = 0; row < height; row++) {
    const top = region.y + row * block.height;
    const rows = Math.min(block.height, region.y + region.height - top);
    averageColumns(sums.ofRows(top, rows), region.width, { width: block.width, height: rows }, result.data.subarray(row * width * 3));
  }
  return result;
}

/** Classes and no closures, as in warp.ts: engines compile their methods once. */
interface RowSums {
  /** Sums of `rows` rows from `top` on, one for each byte of the region's rows. The array is used again by the next call. */
  ofRows(top: number, rows: number): Uint32Array | Uint16Array;
}

class ByteSums implements RowSums {
  readonly #image: RasterImage;
  readonly #left: number;
  readonly #sums: Uint32Array;

  constructor(image: RasterImage, region: BoundingBox) {
    this.#image = image;
    this.#left = region.x;
    this.#sums = new Uint32Array(region.width * 3);
  }

  ofRows(top: number, rows: number): Uint32Array {
    const { data, width } = this.#image;
    const sums = this.#sums;
    sums.fill(0);
    for (let y = top; y < top + rows; y++) {
      const start = (y * width + this.#left) * 3;
      for (let index = 0; index < sums.length; index++) sums[index]! += data[start + index]!;
    }
    return sums;
  }
}

/** Each word of four bytes is split into two words of two 16-bit lanes, bytes 0 and 2 and bytes 1 and 3 (little-endian, as all engines are). */
class WordSums implements RowSums {
  readonly #words: Uint32Array;
  readonly #width: number;
  readonly #left: number;
  /** Bytes between the word's boundary and the region's first byte. */
  readonly #skipped: number;
  readonly #even: Uint32Array;
  readonly #odd: Uint32Array;
  readonly #sums: Uint16Array;

  constructor({ data, width }: RasterImage, region: BoundingBox) {
    this.#words = new Uint32Array(data.buffer, data.byteOffset, data.length >>> 2);
    this.#width = width;
    this.#left = region.x;
    this.#skipped = (region.x * 3) % 4;
    const count = Math.ceil((this.#skipped + region.width * 3) / 4);
    this.#even = new Uint32Array(count);
    this.#odd = new Uint32Array(count);
    this.#sums = new Uint16Array(count * 4);
  }

  ofRows(top: number, rows: number): Uint16Array {
    const words = this.#words;
    const even = this.#even;
    const odd = this.#odd;
    const sums = this.#sums;
    even.fill(0);
    odd.fill(0);
    for (let y = top; y < top + rows; y++) {
      const start = ((y * this.#width + this.#left) * 3 - this.#skipped) / 4;
      for (let index = 0; index < even.length; index++) {
        const word = words[start + index]!;
        even[index]! += word & 0x00ff00ff;
        odd[index]! += (word >>> 8) & 0x00ff00ff;
      }
    }
    const evenLanes = new Uint16Array(even.buffer);
    const oddLanes = new Uint16Array(odd.buffer);
    for (let lane = 0; lane < evenLanes.length; lane++) {
      sums[2 * lane] = evenLanes[lane]!;
      sums[2 * lane + 1] = oddLanes[lane]!;
    }
    return sums.subarray(this.#skipped);
  }
}

function averageColumns(sums: Uint32Array | Uint16Array, columns: number, block: BlockSize, target: Uint8Array | Uint8ClampedArray): void {
  for (let x = 0, to = 0; x < columns; x += block.width, to += 3) {
    const end = Math.min(x + block.width, columns);
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let from = x * 3; from < end * 3; from += 3) {
      red += sums[from]!;
      green += sums[from + 1]!;
      blue += sums[from + 2]!;
    }
    const scale = 1 / ((end - x) * block.height);
    target[to] = red * scale;
    target[to + 1] = green * scale;
    target[to + 2] = blue * scale;
  }
}
