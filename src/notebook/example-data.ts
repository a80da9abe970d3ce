import { join, resolve } from "node:path";
import { createAnalyzer } from "../analyze/create-analyzer.node.ts";
import { createRandom, expectOptions, type FaceLandmarks, type OptionNames, TensorFaceError } from "../core/index.ts";
import { pathKind, sortedNames, writeFileAtomically } from "../files/files.node.ts";
import { packageFolder } from "../files/package.node.ts";
import { decode } from "../image/decode.node.ts";
import { encode } from "../image/encode.node.ts";
import type { RasterImage } from "../image/index.ts";
import { drawFace, drawGroup, type View, withGlasses } from "./draw-example.ts";

/** Pictures in class folders: what a training learns from. */
export interface ExampleSet {
  /** The folder's name. */
  readonly name: string;
  /** Holds a folder for each class. */
  readonly folder: string;
  readonly classes: readonly string[];
}

/** What a notebook works on. */
export interface ExampleData {
  /** Whether it was drawn, because no data of yours were named. */
  readonly isMade: boolean;
  readonly sets: readonly ExampleSet[];
  /** A portrait's path. */
  readonly portrait: string;
  /** A group picture's path. */
  readonly group: string;
}

/** Options of `exampleData`. */
export interface ExampleDataOptions {
  /** A folder of yours with a folder for each set, each with a folder for each class. @default none: sets are drawn */
  readonly from?: string | undefined;
  /** A picture of yours with several people. @default none: one is drawn */
  readonly group?: string | undefined;
  /** Where drawn pictures are written. @default `.cache/examples` */
  readonly folder?: string | undefined;
  /** Pictures of each drawn class, 2..2000. @default 24 */
  readonly count?: number | undefined;
}
const exampleDataOptionNames: OptionNames<ExampleDataOptions> = { from: true, group: true, folder: true, count: true };

const mostDrawn = 2000;

/**
 * Data for a notebook: yours where they are named, else three small sets and a group picture that are drawn from the portrait in the public
 * domain that comes with TensorFace. One person is on all of them: they show the way, and say nothing about other people.
 * @throws {TF_INPUT_NOT_FOUND | TF_DATASET_LAYOUT} when the named data are not there, or are no sets of class folders
 * @throws {TF_INVALID_ARGUMENT} when `count` is out of its range
 *
 * @example
 * const { sets, group } = await exampleData({ from: Deno.env.get("TENSORFACE_DATA") });
 */
export async function exampleData(options: ExampleDataOptions = {}): Promise<ExampleData> {
  expectOptions(options, exampleDataOptionNames);
  const { from, folder = join(".cache", "examples"), count = 24 } = options;
  if (!Number.isInteger(count) || count < 2 || count > mostDrawn)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `count is a whole number from 2 to ${mostDrawn}, got ${count}`);
  const portrait = await portraitPath();
  const drawing = openDrawing(portrait, resolve(folder));
  const group = options.group === undefined || options.group === "" ? await drawing.group() : options.group;
  if ((await pathKind(group)) !== "file") throw new TensorFaceError("TF_INPUT_NOT_FOUND", `the group picture "${group}" does not exist`);
  if (from !== undefined && from !== "") return { isMade: false, sets: await setsIn(from), portrait, group };
  return { isMade: true, sets: await drawing.sets(count), portrait, group };
}

async function portraitPath(): Promise<string> {
  const path = join(packageFolder() ?? ".", "examples", "astronaut.png");
  if ((await pathKind(path)) === "file") return path;
  throw new TensorFaceError("TF_INPUT_NOT_FOUND", `the portrait "${path}" is missing`, {
    hint: "Install the package again, or name pictures of your own.",
  });
}

async function setsIn(from: string): Promise<ExampleSet[]> {
  if ((await pathKind(from)) !== "folder") {
    // A notebook shows the message alone.
    const then = "let TENSORFACE_DATA name one that does, or leave it out: small sets are drawn then";
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", `the folder of data "${from}" does not exist: ${then}`);
  }
  const folders = await foldersIn(from);
  const sets = await Promise.all(
    folders.map(async (name) => ({ name, folder: join(from, name), classes: await foldersIn(join(from, name)) })),
  );
  const usable = sets.filter(({ classes }) => classes.length > 1);
  if (usable.length > 0) return usable;
  const layout = "data/moods/happy/1.jpg, data/moods/sad/2.jpg, data/gender/female/3.jpg";
  throw new TensorFaceError(
    "TF_DATASET_LAYOUT",
    `"${from}" holds no set, which is a folder with a folder of pictures for each class. It is to look like ${layout}`,
  );
}

async function foldersIn(path: string): Promise<string[]> {
  return (await sortedNames(path)).filter(({ isFolder }) => isFolder).map(({ name }) => name);
}

/** How each class of each drawn set looks. */
const drawnSets: Readonly<Record<string, Readonly<Record<string, Partial<View> & { readonly hasGlasses?: boolean }>>>> = {
  glasses: { glasses: { hasGlasses: true }, none: {} },
  light: { "from the left": { light: -0.7 }, even: {}, "from the right": { light: 0.7 } },
  turn: { left: { angle: -28 }, upright: {}, right: { angle: 28 } },
};

/** Pixels of a drawn example's sides. */
const exampleSide = 160;
/** Examples of a set whose subject is another than the task's are mixed in: a light set with and without glasses. */
const shareWithGlasses = 0.3;

/** The portrait without and with glasses, and where the face is. */
interface Portraits {
  readonly both: readonly [plain: RasterImage, glasses: RasterImage];
  readonly landmarks: FaceLandmarks;
}

/** What draws, once it is needed: what was drawn before is not drawn again. */
function openDrawing(portrait: string, folder: string) {
  let opened: Promise<Portraits> | undefined;
  const portraits = (): Promise<Portraits> => (opened ??= openPortraits(portrait));
  return {
    sets: (count: number): Promise<ExampleSet[]> =>
      Promise.all(Object.keys(drawnSets).map((name) => drawSet(name, count, portraits, folder))),
    group: async (): Promise<string> => {
      const path = join(folder, "group.jpg");
      if ((await pathKind(path)) !== "file") await write(path, drawGroupOf(await portraits()));
      return path;
    },
  };
}

async function openPortraits(portrait: string): Promise<Portraits> {
  const { image } = await decode({ path: portrait });
  await using analyzer = await createAnalyzer({ tasks: [] });
  const [face] = (await analyzer.analyze(image)).faces;
  if (face === undefined) throw new TensorFaceError("TF_INPUT_UNREADABLE", `no face is found in "${portrait}"`);
  return { both: [image, withGlasses(image, face.landmarks)], landmarks: face.landmarks };
}

async function drawSet(name: string, count: number, portraits: () => Promise<Portraits>, folder: string): Promise<ExampleSet> {
  const root = join(folder, `${name}-${count}`, name);
  const classes = drawnSets[name]!;
  for (const [label, { hasGlasses, angle = 0, light = 0 }] of Object.entries(classes)) {
    for (let index = 0; index < count; index++) {
      const path = join(root, label, `${index}.jpg`);
      if ((await pathKind(path)) === "file") continue;
      const { both, landmarks } = await portraits();
      const random = createRandom(index).fork(`${name} ${label}`);
      const isGlasses = hasGlasses ?? (name !== "glasses" && random.uniform() < shareWithGlasses);
      await write(path, drawFace(both[isGlasses ? 1 : 0], landmarks, { angle, light }, exampleSide, random));
    }
  }
  return { name, folder: root, classes: Object.keys(classes) };
}

/** Who stands in the group, and how each looks. */
const people: readonly (View & { readonly hasGlasses: boolean })[] = [
  { angle: 0, light: 0, hasGlasses: false },
  { angle: 8, light: 0.3, hasGlasses: true },
  { angle: -14, light: 0, hasGlasses: false },
  { angle: 0, light: -0.6, hasGlasses: false },
  { angle: 0, light: 0, hasGlasses: true },
  { angle: 20, light: 0.5, hasGlasses: false },
];
/** Pixels of a person's picture before it is put into the group. */
const personSide = 360;

function drawGroupOf({ both, landmarks }: Portraits): RasterImage {
  const random = createRandom(7);
  return drawGroup(people.map(({ hasGlasses, ...view }) => drawFace(both[hasGlasses ? 1 : 0], landmarks, view, personSide, random)));
}

async function write(path: string, image: RasterImage): Promise<void> {
  await writeFileAtomically(path, await encode(image, { format: "jpeg", quality: 92 }), { sync: false });
}
