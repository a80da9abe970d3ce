/** What `npm run make-model` makes. */
interface Recipe {
  /** Id of the model. */
  readonly id: string;
  readonly title: string;
  /** Arguments of `scripts/face-trunk.ts`. */
  readonly trunk: readonly string[];
  readonly datasets: readonly RecipeData[];
  /** The recipes of the networks whose answers for the training faces are learnt too, in the order in which they are trained. */
  readonly teachers?: readonly string[];
  /** Ends the names of its reports, where another model has the plain ones. */
  readonly reports?: string;
  /** The dataset whose validation part chooses each temperature. */
  readonly temperatureOn?: Readonly<Record<string, string>>;
  /** The dataset whose validation part chooses the vector scaling. */
  readonly scalingOn?: string;
  /** Answers are means over the face and its mirror image: more accurate, for twice the time. */
  readonly isFlipAveraged?: boolean;
}

export interface RecipeData {
  readonly format: string;
  readonly split: string;
  /** Near-duplicates are brought to one side of the split first. */
  readonly hasDuplicates: boolean;
}

/** By the name of the configuration in `recipes`. */
export const recipes: Readonly<Record<string, Recipe>> = {
  "age-gender": {
    id: "age-gender-5",
    title: "Apparent age and gender, 128 px",
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
  mood: {
    id: "mood-4",
    teachers: ["mood-first"],
    title: "Mood, 96 px grey",
    trunk: ["--blocks", "12", "--grey", "--out", ".cache/initial/face-trunk-grey.safetensors"],
    datasets: [{ format: "fer2013", split: "PublicTest", hasDuplicates: false }],
    scalingOn: "fer2013",
    isFlipAveraged: true,
  },
};
