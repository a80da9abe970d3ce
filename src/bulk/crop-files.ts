import { rm } from "node:fs/promises";
import { extname, relative, sep } from "node:path";
import type { AnalyzedFace, CropOptions, FaceAnalysis } from "../analyze/index.ts";
import type { PartOptions } from "../files/files.node.ts";
import { writeNewFile } from "../files/output.node.ts";
import type { EncodingFormat } from "../image/index.ts";
import type { PictureWork } from "./analysis-run.ts";
import { createAnnotatedNames } from "./annotated-names.ts";
import type { PictureItem } from "./inputs.ts";

export interface CropWriting {
  readonly format: EncodingFormat;
  readonly crop: CropOptions;
}

export interface CropRendering {
  /** Each face of a picture as a picture file, in the order of the analysis. */
  readonly renderCrops: (input: PictureItem["input"], analysis: FaceAnalysis, options: CropWriting) => AsyncIterable<Uint8Array>;
  /** Opens files for writing. @default the disk's */
  readonly open?: PartOptions["open"];
}

export interface Cutter {
  /** Writes a picture's crops: all of them, or where one cannot be written none. */
  readonly work: PictureWork;
  /** Where the crop of a face stands, below the folder, with `/` between folders; undefined before it is written. */
  readonly fileOf: (face: AnalyzedFace) => string | undefined;
}

/** @param folder real path of where crops go */
export function createCutter(folder: string, options: CropWriting, { renderCrops, open }: CropRendering): Cutter {
  const stems = createCropStems(folder);
  const files = new WeakMap<AnalyzedFace, string>();
  const work: PictureWork = async ({ input, place }, analysis) => {
    const stem = stems(place);
    const written: string[] = [];
    try {
      for await (const bytes of renderCrops(input, analysis, options)) {
        const face = analysis.faces[written.length]!;
        const path = await writeCrop(`${stem}-face${written.length + 1}`, endings[options.format], bytes, open);
        written.push(path);
        files.set(face, relative(folder, path).split(sep).join("/"));
      }
    } catch (error) {
      await Promise.all(written.map((path) => rm(path, { force: true })));
      throw error;
    }
  };
  return { work, fileOf: (face) => files.get(face) };
}

const endings: Readonly<Record<EncodingFormat, string>> = { png: ".png", jpeg: ".jpg", webp: ".webp" };

/** What the names of a picture's crops begin with, never the same twice: `a.jpg` and `a.png` become `a` and `a-2`. */
function createCropStems(folder: string): (place: string) => string {
  const names = createAnnotatedNames({ folder, marked: false });
  const ending = ".png";
  return (place) => names.next(`${place.slice(0, place.length - extname(place).length)}${ending}`).slice(0, -ending.length);
}

/** @returns the path, with `-2`, `-3` where there is a file of that name: whoever's it is, it stays */
async function writeCrop(stem: string, ending: string, bytes: Uint8Array, open: PartOptions["open"]): Promise<string> {
  let path = "";
  let count = 0;
  const next = (): string => (path = `${stem}${++count === 1 ? "" : `-${count}`}${ending}`);
  await writeNewFile(next, bytes, () => Promise.resolve(false), { open });
  return path;
}
