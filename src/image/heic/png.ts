import { concatenateBytes } from "../../core/index.ts";
/** Pixels of a decoder of our own, which the platform's decoder shall read with the profile that belongs to them. */
export interface ProfiledPixels {
  readonly width: number;
  readonly height: number;
  /** 3 for RGB, 4 for RGB with alpha. */
  readonly channels: 3 | 4;
  /** `[height, width, channels]`, 8 bits. */
  readonly data: Uint8Array;
  /** ICC; absent for sRGB. */
  readonly profile?: Uint8Array | undefined;
}

/**
 * The pixels as a PNG file, not compressed: made in a moment, read in a moment, and the one form in which both platforms take pixels
 * with a profile.
 */
export function wrapAsPng({ width, height, channels, data, profile }: ProfiledPixels): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 4 ? 6 : 2, 0, 0, 0], 8);
  const named = new TextEncoder().encode("ICC\0\0");
  const chunks = [
    chunk("IHDR", [header]),
    ...(profile === undefined ? [] : [chunk("iCCP", [named, ...storedZlib(profile)])]),
    chunk("IDAT", storedZlib(unfilteredRows(data, width * channels))),
    chunk("IEND", []),
  ];
  return concatenateBytes([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...chunks.flat()]);
}

/** Each row behind the byte that says "not filtered". */
function unfilteredRows(data: Uint8Array, bytesInRow: number): Uint8Array {
  const height = data.length / bytesInRow;
  const rows = new Uint8Array(height * (bytesInRow + 1));
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * bytesInRow, (y + 1) * bytesInRow), y * (bytesInRow + 1) + 1);
  return rows;
}

/** Zlib (RFC 1950) with blocks that are stored as they are. */
function storedZlib(data: Uint8Array): Uint8Array[] {
  const most = 0xffff;
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let from = 0; from < data.length; from += most) {
    const block = data.subarray(from, from + most);
    const isLast = from + most >= data.length;
    parts.push(
      Uint8Array.of(isLast ? 1 : 0, block.length & 255, block.length >> 8, ~block.length & 255, (~block.length >> 8) & 255),
      block,
    );
  }
  return [...parts, bigEndian(adler32(data))];
}

function chunk(name: string, parts: readonly Uint8Array[]): Uint8Array[] {
  const body = [new TextEncoder().encode(name), ...parts];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [bigEndian(length), ...body, bigEndian(crc32(body))];
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  // The most bytes whose sums stay below 2^32.
  const most = 5552;
  for (let from = 0; from < data.length; from += most) {
    const end = Math.min(from + most, data.length);
    for (let index = from; index < end; index++) {
      a += data[index]!;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** CRC-32 of PNG (ISO 3309). */
function crc32(parts: readonly Uint8Array[]): number {
  let value = 0xffffffff;
  for (const part of parts) {
    for (let index = 0; index < part.length; index++) value = crcTable[(value ^ part[index]!) & 255]! ^ (value >>> 8);
  }
  return ~value >>> 0;
}
