import { join } from "node:path";
import { foldLabel, isBuiltInTask, TensorFaceError } from "../../core/index.ts";
import { openTasks, readAbout } from "../about-file.node.ts";
import type { FaceLabels } from "../record.ts";
import { parseAge, parseGender, parseMood } from "../label-words.ts";
import { sortedNames } from "../../files/files.node.ts";
import { isImport, isPictureName, layoutError, requireSource, walkPictures } from "./layout.node.ts";
import type { TaskRequest } from "../tasks.ts";
import { parseOwnLabel } from "./own-label.ts";
import { parseSplit } from "./split-words.ts";
import type { DatasetImporter, OfficialPart, OpenSource, SourceRow } from "./source-row.ts";

/** The label that a class folder's name stands for, as a mood, a gender or an age. */
export function parseClassName(name: string, task?: string): FaceLabels | undefined {
  const mood = task === undefined || task === "mood" ? parseMood(name) : undefined;
  if (mood !== undefined) return { mood };
  const gender = task === undefined || task === "gender" ? parseGender(name) : undefined;
  if (gender !== undefined) return { gender };
  const age = task === undefined || task === "age" ? parseAge(name) : undefined;
  return age === undefined ? undefined : { age };
}

/** The labels that a class folder's name stands for; undefined where it stands for none. */
function labelsOfFolder(name: string, task: TaskRequest | undefined): FaceLabels | undefined {
  if (task === undefined || isBuiltInTask(task.name)) return parseClassName(name, task?.name);
  const label = parseOwnLabel(name, task, { separator: "+", hasDecimalComma: true });
  return label === undefined ? undefined : { attributes: { [task.name]: label } };
}

interface ClassFolder {
  readonly folder: string;
  readonly labels: FaceLabels | undefined;
  readonly official: OfficialPart | undefined;
}

/** The folders in a folder, but for those that an import made. */
async function subFolders(path: string): Promise<string[]> {
  const folders = (await sortedNames(path)).filter(({ isFolder }) => isFolder).map(({ name }) => name);
  const imports = await Promise.all(folders.map(async (name) => isImport(join(path, name))));
  return folders.filter((_, index) => imports[index] === false);
}

/** The folders of a source, as they are named. */
interface FoundFolders {
  readonly classes: readonly ClassFolder[];
  /** Folders that hold class folders: pictures that stand in them belong to no class. `""` for the source itself. */
  readonly above: readonly string[];
}

/**
 * The class folders of `source`, directly or below folders that name a split. Where no such folder holds others, those are classes too, which
 * may be called so: `valid` beside `invalid`, `train` beside `bus`.
 */
async function findClassFolders(source: string, task: TaskRequest | undefined): Promise<FoundFolders> {
  const tops = await subFolders(source);
  const below = new Map<string, readonly string[]>();
  for (const top of tops) if (parseSplit(top) !== undefined) below.set(top, await subFolders(`${source}/${top}`));
  const hasSplits = [...below.values()].some((names) => names.length > 0);
  const hasValidation = tops.some((name) => parseSplit(name) === "validation");
  const classes = tops.flatMap((top): ClassFolder[] => {
    const split = parseSplit(top);
    if (split === undefined || !hasSplits) return [{ folder: top, labels: labelsOfFolder(top, task), official: undefined }];
    const official = { name: top, split, carveValidation: !hasValidation };
    return below.get(top)!.map((name) => ({ folder: `${top}/${name}`, labels: labelsOfFolder(name, task), official }));
  });
  return { classes, above: ["", ...(hasSplits ? below.keys() : [])] };
}

/** Two folders that only differ in case are one class on other machines. @throws {TF_DATASET_LABEL_UNKNOWN} */
function refuseTwins(source: string, folders: readonly ClassFolder[], task: string): void {
  const seen = new Map<string, string>();
  for (const { labels } of folders) {
    const label = labels?.attributes?.[task];
    if (typeof label !== "string") continue;
    const twin = seen.get(foldLabel(label));
    if (twin !== undefined && twin !== label) {
      throw new TensorFaceError(
        "TF_DATASET_LABEL_UNKNOWN",
        `the class folders "${twin}" and "${label}" in "${source}" differ in case alone`,
        {
          hint: "Rename one of them, or put their pictures into one folder.",
        },
      );
    }
    seen.set(foldLabel(label), label);
  }
}

/**
 * Folders that are numbers alone may be years, or codes of anything: only beside ages that are written as ranges are they taken for years.
 * @throws {TF_DATASET_LABEL_UNKNOWN}
 */
function refuseBareNumbers(source: string, folders: readonly ClassFolder[]): void {
  const names = folders.map(({ folder }) => folder.slice(folder.lastIndexOf("/") + 1));
  const numbers = names.filter((name) => /^\d+$/.test(name));
  const hasRanges = folders.some(({ labels }, index) => labels?.age !== undefined && !numbers.includes(names[index]!));
  if (numbers.length === 0 || hasRanges) return;
  const shown = [...new Set(numbers)].slice(0, 12).join(", ");
  throw new TensorFaceError("TF_DATASET_LABEL_UNKNOWN", `class folders in "${source}" are numbers: ${shown}`, {
    hint: "Say what they tell: --task age for years, --task rating --kind number for a number, --task NAME for classes of your own.",
  });
}

function readPicture(
  file: string,
  { folder, labels, official }: ClassFolder,
  { idOf, hasSubjects = false }: ClassFolderOptions,
): SourceRow {
  if (labels === undefined) return { kind: "rejection", row: file, file, reason: "unknown-label", detail: `class folder "${folder}"` };
  const face = { kind: "face", id: idOf(file), row: file, picture: { file }, labels, official } as const;
  // Below classes of the user's own, a sub-folder holds pictures that belong together: of one person, one take, one place.
  const [below, isFolder] = file.slice(folder.length + 1).split("/");
  const isSubject = isFolder !== undefined && (hasSubjects || labels.attributes !== undefined);
  return isSubject ? { ...face, subjectId: below } : face;
}

async function* readFolders(source: string, { classes, above }: FoundFolders, options: ClassFolderOptions): AsyncGenerator<SourceRow> {
  for (const folder of classes) {
    let count = 0;
    for await (const file of walkPictures(source, folder.folder)) {
      count++;
      yield readPicture(file, folder, options);
    }
    if (count === 0 && folder.labels !== undefined)
      yield { kind: "rejection", row: folder.folder, reason: "empty-class", detail: "no picture stands in this class folder" };
  }
  for (const folder of above) {
    for (const { name, isFolder } of await sortedNames(join(source, folder))) {
      if (isFolder || !isPictureName(name)) continue;
      const file = folder === "" ? name : `${folder}/${name}`;
      yield { kind: "rejection", row: file, file, reason: "unlabelled", detail: "it stands in no class folder" };
    }
  }
}

export interface ClassFolderOptions {
  /** The id of a picture, by its path below the source. */
  readonly idOf: (file: string) => string;
  /** What the folders must name. @default mood, gender or age */
  readonly task?: TaskRequest | undefined;
  /** Whether a folder below a class is a subject also where the classes are ages, genders or moods. @default false */
  readonly hasSubjects?: boolean | undefined;
}

/**
 * Opens folders of pictures by class; `undefined` where no folder's name is a label.
 * @throws {TF_DATASET_LABEL_UNKNOWN} when no task is given and the names are numbers
 */
export async function openClassFolders(source: string, options: ClassFolderOptions): Promise<OpenSource | undefined> {
  const { task } = options;
  const folders = await findClassFolders(source, task);
  if (task === undefined) refuseBareNumbers(source, folders.classes);
  else refuseTwins(source, folders.classes, task.name);
  if (!folders.classes.some(({ labels }) => labels !== undefined)) return undefined;
  return { root: source, rows: readFolders(source, folders, options) };
}

/** Any folder of pictures in class folders: moods, genders or ages, with or without folders for the splits above them. */
export const folderImporter: DatasetImporter = {
  format: "folder",
  title: "folders of pictures by class",
  licence: "not stated",
  async open(source, options) {
    const kind = await requireSource(source);
    const about = kind === "folder" ? await readAbout(source) : undefined;
    const name = options.name ?? about?.name ?? "folder";
    // With its extension: `1.jpg` and `1.png` are two pictures.
    const tasks = options.tasks ?? openTasks(about);
    const [task, ...more] = tasks;
    if (more.length > 0) throw new TensorFaceError("TF_INVALID_ARGUMENT", "class folders tell one task: give one, or import a table");
    const folders =
      kind === "folder"
        ? await openClassFolders(source, { idOf: (file) => `${name}/${file}`, task, hasSubjects: about !== undefined })
        : undefined;
    if (folders !== undefined) return { ...folders, about, tasks };
    const names = kind === "folder" ? await subFolders(source) : [];
    if (names.length === 0) throw layoutError("folder", source, "sub-folders named by class: happy, female, 25-32, train/sad, ...");
    const labels = task?.labels === undefined ? "" : ` (${task.labels.slice(0, 12).join(", ")})`;
    const wanted = task === undefined ? "an age, a gender or a mood" : `a label of ${task.name}${labels}`;
    throw new TensorFaceError(
      "TF_DATASET_LABEL_UNKNOWN",
      `none of the folders in "${source}" is ${wanted}: ${names.slice(0, 12).join(", ")}`,
      task === undefined ? { hint: "Say what they tell with --task NAME, such as --task glasses: then each folder is a class." } : {},
    );
  },
};
