import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { RasterImage } from "../../src/image/index.ts";

const source = fileURLToPath(new URL("reference.cpp", import.meta.url));

const filtersSchema = z.object({
  dlib: z.string(),
  cellSize: z.literal(8),
  padding: z.literal(0),
  window: z.object({ width: z.literal(80), height: z.literal(80) }),
  filter: z.object({ columns: z.literal(10), rows: z.literal(10) }),
  leastLayer: z.object({ width: z.literal(64), height: z.literal(64) }),
  mostLevels: z.literal(1000),
  overlap: z.number(),
  covered: z.number(),
  filters: z
    .array(
      z.object({
        separable: z.int(),
        threshold: z.number(),
        /** `[planes, rows, columns]`. */
        weights: z.array(z.number()).length(31 * 10 * 10),
      }),
    )
    .length(5),
});
export type DlibFilters = z.infer<typeof filtersSchema>;

export const detectionSchema = z.strictObject({
  /** dlib's rectangle: both corners are inside, in pixels; may reach past the picture. */
  left: z.int(),
  top: z.int(),
  right: z.int(),
  bottom: z.int(),
  score: z.number(),
  filter: z.int(),
});
export type DlibDetection = z.infer<typeof detectionSchema>;

/** dlib's own program. */
export interface DlibReference extends Disposable {
  /** What the detector is made of. */
  readonly filters: () => DlibFilters;
  /** Best first. @param threshold is added to the detector's own */
  readonly detect: (pictures: readonly RasterImage[], threshold?: number) => DlibDetection[][];
  /** Milliseconds of processor time of each run, in one thread, until they are so many seconds. */
  readonly time: (picture: RasterImage, seconds: number) => number[];
}

/** How the program is built: as Debian's users build theirs, or with this processor's vectors, which dlib then uses. */
export const builds = { plain: ["-O3"], avx2: ["-O3", "-mavx2", "-mfma"] } as const;

/** Builds it from Debian's package, which takes half a minute. @throws {Error} without g++ and libdlib-dev */
export function buildReference(build: keyof typeof builds = "plain"): DlibReference {
  const folder = mkdtempSync(join(tmpdir(), "dlib-"));
  const program = join(folder, "reference");
  const words = ["-std=c++17", ...builds[build], source, "-o", program, "-ldlib", "-llapack"];
  const compiled = spawnSync("g++", words, { encoding: "utf8" });
  if (compiled.status !== 0) {
    rmSync(folder, { recursive: true });
    throw new Error(`dlib's own detector cannot be built: apt-get install g++ libdlib-dev\n${compiled.stderr ?? compiled.error}`);
  }
  const ask = (...words: string[]): unknown[] => {
    const { status, stdout, stderr } = spawnSync(program, words, {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      env: { ...process.env, OPENBLAS_NUM_THREADS: "1" },
    });
    if (status !== 0) throw new Error(`dlib's own detector failed: ${stderr}`);
    return stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
  };
  const write = (pictures: readonly RasterImage[]): string[] =>
    pictures.map((picture, index) => {
      const path = join(folder, `${index}.ppm`);
      writeFileSync(path, Buffer.concat([Buffer.from(`P6\n${picture.width} ${picture.height}\n255\n`), new Uint8Array(picture.data)]));
      return path;
    });
  return {
    filters: () => filtersSchema.parse(ask("filters")[0]),
    detect: (pictures, threshold = 0) => z.array(z.array(detectionSchema)).parse(ask("detect", String(threshold), ...write(pictures))),
    time: (picture, seconds) => z.array(z.array(z.number())).parse(ask("time", String(seconds), ...write([picture])))[0]!,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
