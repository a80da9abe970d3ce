import { createHash } from "node:crypto";
import { extname } from "node:path";
import { counted, nounFor, TensorFaceError } from "../core/index.ts";
import { sortedNames } from "../files/files.node.ts";
import type { Generation } from "./options.ts";

/** The parts of a class's pictures, in the script's words. */
export type Category = "training" | "validation" | "testing";

export interface ClassicPicture {
  /** The whole path: the folder as it was given, then folder and file. */
  readonly path: string;
  readonly folder: string;
  readonly file: string;
}

/** One class: a label and its pictures, each in one part. */
export interface ImageList extends Readonly<Record<Category, readonly ClassicPicture[]>> {
  readonly label: string;
}

export interface ImageLists {
  /** By folder's name. */
  readonly classes: readonly ImageList[];
  /** What a person should know, in sentences without a full stop. */
  readonly warnings: readonly string[];
}

export interface SplitOptions {
  /** Percent of the pictures. */
  readonly testing: number;
  readonly validation: number;
  readonly generation: Generation;
}

/** The largest number of each generation's hash. */
const hashRange: Readonly<Record<Generation, number>> = { "2016": 2 ** 16, "2017": 2 ** 27 };
/** Files by their very endings, as the script looks for them; `Jpg` is none of them. */
const scriptEndings: ReadonlySet<string> = new Set([".jpg", ".jpeg", ".JPG", ".JPEG"]);
const otherEndings: ReadonlySet<string> = new Set([".png", ".webp", ".avif", ".heic", ".heif", ".gif", ".tif", ".tiff"]);
/** With fewer in a folder, some part of it may be empty. */
const fewPictures = 20;

/**
 * Where a picture belongs: by a hash of its whole path as it was given, so that the same command always gives the same parts, and a
 * folder that was moved gives others. What follows `_nohash_` does not count: such files stay together.
 */
export function categoryOf(path: string, { testing, validation, generation }: SplitOptions): Category {
  const digest = createHash("sha1")
    .update(path.replace(/_nohash_.*$/s, ""), "utf8")
    .digest();
  // The last four bytes hold the remainder modulo any power of two up to 2^32.
  const range = hashRange[generation];
  const percentage = (digest.readUInt32BE(16) % range) * (100 / (range - 1));
  if (percentage < validation) return "validation";
  return percentage < testing + validation ? "testing" : "training";
}

/** A folder's name as a label: lower case, whatever is no letter of a to z and no digit as a blank. */
export function labelOf(folder: string): string {
  return folder.toLowerCase().replaceAll(/[^a-z0-9]+/g, " ");
}

export interface ReadImageListsOptions extends SplitOptions {
  /** Takes PNG, WebP and others too, which the script passes over. @default false */
  readonly allFormats?: boolean | undefined;
}

/**
 * The pictures of a folder of class folders, each in its part. Folders below a class folder are not looked into.
 * @throws {TF_INPUT_NOT_FOUND} when the folder is not there
 * @throws {TF_INVALID_ARGUMENT} when it has no class folder with pictures, or one alone
 */
export async function readImageLists(imageDir: string, options: ReadImageListsOptions): Promise<ImageLists> {
  const warnings: string[] = [];
  const byLabel = new Map<string, ClassicPicture[]>();
  let otherPictures = 0;
  for (const { name: folder, isFolder } of await sortedNames(imageDir)) {
    if (!isFolder) continue;
    const { pictures, passedOver } = await picturesIn(imageDir, folder, options.allFormats ?? false);
    otherPictures += passedOver;
    if (passedOver > 0)
      warnings.push(
        `"${folder}" has ${counted(passedOver, "picture that is no .jpg and is", "pictures that are no .jpg and are")} not taken: --all_formats takes ${nounFor(passedOver, "it", "them")} too`,
      );
    if (pictures.length === 0) {
      warnings.push(`no files found in "${folder}"`);
      continue;
    }
    if (pictures.length < fewPictures) warnings.push(`"${folder}" has less than ${fewPictures} pictures, which may cause trouble`);
    const label = labelOf(folder);
    const earlier = byLabel.get(label);
    if (earlier !== undefined) warnings.push(`"${earlier[0]!.folder}" and "${folder}" are one label, "${label}"`);
    byLabel.set(label, [...(earlier ?? []), ...pictures]);
  }
  refuseFewClasses(imageDir, [...byLabel.keys()], otherPictures);
  const classes = [...byLabel].map(([label, pictures]): ImageList => {
    const parts = Map.groupBy(pictures, ({ path }) => categoryOf(path, options));
    return { label, training: parts.get("training") ?? [], validation: parts.get("validation") ?? [], testing: parts.get("testing") ?? [] };
  });
  return { classes, warnings };
}

async function picturesIn(
  imageDir: string,
  folder: string,
  allFormats: boolean,
): Promise<{ readonly pictures: ClassicPicture[]; readonly passedOver: number }> {
  const base = joinAsGiven(imageDir, folder);
  const files = (await sortedNames(base)).filter(({ isFolder }) => !isFolder).map(({ name }) => name);
  const isOther = (name: string): boolean =>
    !scriptEndings.has(extname(name)) && (otherEndings.has(extname(name).toLowerCase()) || /\.jpe?g$/i.test(name));
  const taken = files.filter((name) => scriptEndings.has(extname(name)) || (allFormats && isOther(name)));
  return {
    pictures: taken.map((file) => ({ path: joinAsGiven(base, file), folder, file })),
    passedOver: allFormats ? 0 : files.filter(isOther).length,
  };
}

/** Python's join: nothing is tidied up, since the path's letters decide the parts. */
function joinAsGiven(folder: string, name: string): string {
  return folder.endsWith("/") ? `${folder}${name}` : `${folder}/${name}`;
}

function refuseFewClasses(imageDir: string, labels: readonly string[], passedOver: number): void {
  if (labels.length > 1) return;
  const found = labels.length === 0 ? "no folder with pictures" : `one folder with pictures alone, "${labels[0]}"`;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${imageDir}" has ${found}; a classifier needs two classes or more`, {
    hint:
      passedOver === 0
        ? "Name a folder that holds a folder of .jpg files for each class."
        : `${counted(passedOver, "picture is", "pictures are")} not .jpg, which is all that the script takes: --all_formats takes ${nounFor(passedOver, "it", "them")} too.`,
  });
}

/** Every picture of every part. */
export function allPictures(classes: readonly ImageList[]): readonly ClassicPicture[] {
  return classes.flatMap(({ training, validation, testing }) => [...training, ...testing, ...validation]);
}
