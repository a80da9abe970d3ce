/** What `npm run make-model` makes. */
export interface Recipe {
  /** Id of the model. */
  readonly id: string;
  readonly title: string;
  /** Arguments of `scripts/face-trunk.ts`. @default no trunk of others */
  readonly trunk?: readonly string[];
  readonly datasets: readonly RecipeData[];
  /** The recipes of the networks whose answers for the training faces are learnt too, in the order in which they are trained. */
  readonly teachers?: readonly string[];
  /** What is trained first, in this order: what this recipe, or a later one of these, begins with or learns the answers of. */
  readonly before?: readonly Stage[];
  /** Ends the names of its reports, where another model has the plain ones. */
  readonly reports?: string;
  /** The dataset whose validation part chooses each temperature. */
  readonly temperatureOn?: Readonly<Record<string, string>>;
  /** The sets with exact ages that say how wide the interval of a face is, by what is seen of it: see `fit-intervals.ts`. @default one share for all faces */
  readonly intervalsOn?: readonly string[];
  /** The validation parts that choose the vector scaling; several count alike or by their weights, each in the way its faces are cut. */
  readonly scalingOn?: readonly ScalingPart[];
  /** A network of this repository that the training begins with and learns from: the path of its manifest. */
  readonly begin?: { readonly manifest: string; readonly id: string; readonly weights: string; readonly teaches: readonly string[] };
  /** The recipe without pictures that are for research alone, which `--open` makes in its place. @default itself: it has none */
  readonly open?: string;
  /** How far to go from the weights with which the training began to those with which it ended, 0..1. @default all the way */
  readonly share?: number;
  /** The published dataset whose pictures are the crop that serving cuts. @default the mean of the training's crops */
  readonly cropOf?: string;
  /** Answers are means over the face and its mirror image: more accurate, for twice the time. */
  readonly isFlipAveraged?: boolean;
}

/** A part of the way to a model. */
export interface Stage {
  readonly recipe: string;
  /** The datasets of whose training faces it says what it sees, mirrored too, for the next one to learn it. @default none */
  readonly says?: readonly string[];
}

export interface RecipeData {
  readonly format: string;
  /** What it is called, for data that is imported as a table. @default the format */
  readonly name?: string;
  /** The table in its folder, and what the import is told of it. @default the folder, as its makers publish it */
  readonly table?: {
    readonly file: string;
    readonly title: string;
    readonly licence: string;
    readonly validation: number;
    /** Which column holds what, as `--columns` takes it. @default their usual names */
    readonly columns?: string;
  };
  /** Faces are cut out of its pictures as serving cuts them, and imported a second time as `NAME-found`. */
  readonly isCut?: boolean;
  readonly split: string;
  /** Near-duplicates are brought to one side of the split first. */
  readonly hasDuplicates: boolean;
}

export interface ScalingPart {
  readonly dataset: string;
  /** @default "crop" */
  readonly path?: "crop" | "photo";
  /** @default 1 */
  readonly weight?: number;
}

/** More of FairFace's training part: men alone. */
const fairFaceMen: RecipeData = {
  format: "csv",
  name: "fairface-men",
  split: "validation",
  hasDuplicates: true,
  table: {
    file: "fairface_label_train.csv",
    title: "FairFace (Karkkainen and Joo, WACV 2021), more men",
    licence: "CC BY 4.0",
    validation: 0.1,
  },
};

/** Faces of other origins, ages and ways to photograph them. */
const ageGenderSets: readonly RecipeData[] = [
  { format: "fairface", split: "validation", hasDuplicates: false },
  { format: "utkface", split: "validation", hasDuplicates: true },
  {
    format: "csv",
    name: "appareal",
    split: "validation",
    hasDuplicates: true,
    table: {
      file: "appareal-apparent.csv",
      columns: "file=file,age=apparent_age,age_deviation=apparent_deviation",
      title: "APPA-REAL (Agustsson et al., FG 2017), apparent ages",
      licence: "research",
      validation: 0.1,
    },
  },
  {
    format: "csv",
    name: "allagefaces",
    split: "validation",
    hasDuplicates: true,
    table: { file: "labels.csv", title: "All-Age-Faces (Cheng et al., ICIP 2019)", licence: "research", validation: 0.1 },
  },
  fairFaceMen,
];

/** From the public trunk, at more pixels from stage to stage. */
const ageGenderStages: readonly Stage[] = [{ recipe: "age-gender-own-64" }, { recipe: "age-gender-own-96" }];

/** Those, and the network at 128 pixels, which says what it sees of every training face. */
const ageGenderTaughtBy: readonly Stage[] = [...ageGenderStages, { recipe: "age-gender-own", says: ageGenderSets.map(nameOf) }];

/** Those of them with exact ages. */
const exactAges: readonly string[] = ["utkface", "appareal", "allagefaces"];

/** Ages and genders of all sets together. */
const ageGender = {
  title: "Apparent age and gender, 128 px",
  open: "age-gender-own-open",
  datasets: ageGenderSets,
  cropOf: "utkface",
  temperatureOn: { age: "utkface", gender: "fairface" },
  intervalsOn: exactAges,
} satisfies Partial<Recipe>;

/** The ways whose every weight but the public trunk's is made here. */
const ownAgeGender = { ...ageGender, trunk: ["--blocks", "13"] } satisfies Partial<Recipe>;

/** Without pictures that are for research alone. */
const openAgeGender = {
  trunk: ["--blocks", "13"],
  datasets: [{ format: "fairface", split: "validation", hasDuplicates: false }, fairFaceMen],
  // Where the recipes' square brings FairFace's eyes.
  cropOf: "utkface",
  reports: "-open",
  temperatureOn: { age: "fairface", gender: "fairface" },
} satisfies Partial<Recipe>;

/** What is sought on the net, what some forty people voted on each, and what one person tagged. */
const moodSets: readonly RecipeData[] = [
  { format: "fer2013", split: "PublicTest", hasDuplicates: false },
  {
    format: "csv",
    name: "rafdb",
    split: "validation",
    hasDuplicates: true,
    table: { file: "labels.csv", title: "RAF-DB (Li, Deng, Du, CVPR 2017)", licence: "non-commercial research", validation: 0.1 },
  },
  {
    format: "csv",
    name: "expw",
    split: "validation",
    hasDuplicates: true,
    isCut: true,
    table: {
      file: "labels.csv",
      title: "ExpW (Zhang, Luo, Loy, Tang, ICCV 2015)",
      licence: "non-commercial research",
      validation: 0.1,
    },
  },
];

/** Moods of all sets together. */
const mood = {
  title: "Mood, 96 px",
  open: "mood-own-open",
  datasets: moodSets,
  cropOf: "fer2013",
  scalingOn: [{ dataset: "fer2013", weight: 2 }, { dataset: "rafdb" }, { dataset: "expw", path: "photo" }],
  isFlipAveraged: true,
} satisfies Partial<Recipe>;

/** The ways whose every weight but the public trunk's is made here. */
const ownMood = { ...mood, trunk: ["--blocks", "12"] } satisfies Partial<Recipe>;

/** FER2013's alone, in its grey: without pictures that are for research alone. */
const openMood = {
  title: "Mood, 96 px grey",
  trunk: ["--blocks", "12", "--grey", "--out", ".cache/initial/face-trunk-grey.safetensors"],
  datasets: [{ format: "fer2013", split: "PublicTest", hasDuplicates: false }],
  scalingOn: [{ dataset: "fer2013" }],
  isFlipAveraged: true,
} satisfies Partial<Recipe>;

/** The long way of moods from the public trunk: each goes on from the one before. */
const moodStages: readonly Stage[] = [
  { recipe: "mood-three-sets-64" },
  { recipe: "mood-three-sets" },
  { recipe: "mood-three-sets-longer-64" },
  { recipe: "mood-three-sets-more-64", says: ["fer2013", "rafdb"] },
  { recipe: "mood-three-sets-taught" },
  { recipe: "mood-three-sets-falling-64", says: ["fer2013", "rafdb"] },
];

/** The sets on whose training faces a network of moods is asked, ExpW's as `scripts/cut-faces.ts` cuts them. */
const moodSaid: readonly string[] = ["fer2013", "rafdb", "expw-found"];

/** Those and the network at their end, which says what it sees of every training face; then the first part of the way from the public trunk again. */
const moodTaughtBy: readonly Stage[] = [
  ...moodStages,
  { recipe: "mood-three-sets-settled", says: moodSaid },
  { recipe: "mood-three-sets-again-64" },
];

/** By the name of the configuration in `recipes`. */
export const recipes: Readonly<Record<string, Recipe>> = {
  "age-gender": {
    id: "age-gender-5",
    title: "Apparent age and gender, 128 px",
    open: "age-gender-fairface",
    teachers: ["age-gender-scratch", "age-gender-first"],
    trunk: ["--blocks", "13"],
    datasets: [
      { format: "fairface", split: "validation", hasDuplicates: false },
      { format: "utkface", split: "validation", hasDuplicates: true },
    ],
    temperatureOn: { age: "utkface", gender: "fairface" },
  },
  "age-gender-fairface": {
    id: "age-gender-fairface-1",
    title: "Apparent age and gender, 128 px, from FairFace alone",
    trunk: ["--blocks", "13"],
    datasets: [{ format: "fairface", split: "validation", hasDuplicates: false }],
    reports: "-fairface-alone",
    temperatureOn: { age: "fairface", gender: "fairface" },
  },
  "age-gender-five-sets": {
    ...ageGender,
    id: "age-gender-7",
    begin: {
      manifest: "recipes/initial/age-gender-5.json",
      id: "age-gender-5",
      weights: ".cache/initial/age-gender-5.safetensors",
      teaches: [],
    },
    share: 0.7,
  },
  "age-gender-photographs": {
    ...ownAgeGender,
    id: "age-gender-6",
    open: "age-gender-photographs-open",
  },
  "age-gender-photographs-open": {
    ...openAgeGender,
    id: "age-gender-open-1",
    title: "Apparent age and gender, 128 px, without pictures for research alone",
  },
  "age-gender-own": {
    ...ownAgeGender,
    id: "age-gender-8",
    before: ageGenderStages,
  },
  "age-gender-own-taught": {
    ...ownAgeGender,
    id: "age-gender-9",
    before: ageGenderTaughtBy,
  },
  "age-gender-own-again": {
    ...ownAgeGender,
    id: "age-gender-10",
    before: [...ageGenderTaughtBy, { recipe: "age-gender-own-taught", says: ageGenderSets.map(nameOf) }],
  },
  "age-gender-own-open": {
    ...openAgeGender,
    id: "age-gender-open-2",
    title: "Apparent age and gender, 96 px, without pictures for research alone",
    before: [{ recipe: "age-gender-own-open-64" }],
  },
  mood: {
    ...openMood,
    id: "mood-4",
    teachers: ["mood-first"],
  },
  "mood-photographs": {
    ...mood,
    id: "mood-5",
    begin: {
      manifest: "recipes/initial/mood-4.json",
      id: "mood-4",
      weights: ".cache/initial/mood-4-colour.safetensors",
      teaches: ["fer2013"],
    },
    share: 0.4,
  },
  "mood-three-sets": {
    ...ownMood,
    id: "mood-6",
    before: moodStagesUntil("mood-three-sets-64"),
  },
  "mood-three-sets-longer": {
    ...ownMood,
    id: "mood-7",
    before: moodStagesUntil("mood-three-sets-longer-64"),
  },
  "mood-three-sets-taught": {
    ...ownMood,
    id: "mood-8",
    before: moodStagesUntil("mood-three-sets-more-64"),
  },
  "mood-three-sets-settled": {
    ...ownMood,
    id: "mood-9",
    before: moodStages,
  },
  "mood-three-sets-again": {
    ...ownMood,
    id: "mood-10",
    before: moodTaughtBy,
  },
  "mood-three-sets-both": {
    ...ownMood,
    id: "mood-11",
    before: [...moodTaughtBy, { recipe: "mood-three-sets-again", says: moodSaid }, { recipe: "mood-three-sets-both-64" }],
  },
  "mood-own-open": {
    ...openMood,
    id: "mood-open-1",
    before: [{ recipe: "mood-own-open-64" }],
    reports: "-open",
  },
};

/** What a set is called in `.data`, in commands and in reports. */
export function nameOf({ name, format }: Pick<RecipeData, "name" | "format">): string {
  return name ?? format;
}

function moodStagesUntil(last: string): readonly Stage[] {
  return moodStages.slice(0, moodStages.findIndex(({ recipe }) => recipe === last) + 1);
}
