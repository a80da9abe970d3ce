import type { Condition } from "./mosaic.ts";

const sizes = [16, 20, 24, 32, 48, 64, 96, 128, 200] as const;
/** The size at which everything else is varied, in pixels. */
const usual = 64;

/** What is measured: every size, then what happens to faces in photographs, one thing at a time. */
export const conditions: readonly Condition[] = [
  ...sizes.map((size) => ({ name: `${size} px`, size })),
  ...[-30, -15, 15, 30].map((rotation) => ({ name: `turned by ${rotation}°`, size: usual, rotation })),
  { name: "mirrored", size: usual, flip: true },
  { name: "dark (x 0.25)", size: usual, brightness: 0.25 },
  { name: "blurred (2 px)", size: usual, blur: 2 },
  { name: "JPEG 30", size: usual, jpegQuality: 30 },
  { name: "no faces", size: 0 },
];
