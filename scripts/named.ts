import { spawnSync } from "node:child_process";
import { basename, resolve } from "node:path";
import { buildFirst } from "./words.ts";

/** A script that `npm run bench` or `npm run write` knows by name. */
export interface NamedScript {
  readonly file: string;
  /** What it does, in a line. */
  readonly what: string;
  /** Whether it measures the built package, which is built once its words are read. @default false: the sources */
  readonly needsBuild?: boolean;
}

export type NamedScripts = Readonly<Record<string, NamedScript>>;

/** What is measured. `npm run bench -- NAME`. */
export const benchmarks: NamedScripts = {
  analyze: {
    file: "bench/analyze.ts",
    what: "pictures and a folder, beside other packages; --quick for a minute's look, --against REF beside an earlier commit",
    needsBuild: true,
  },
  import: { file: "bench/import.ts", what: 'how long import "tensorface" takes', needsBuild: true },
  heads: { file: "bench/heads.ts", what: "each head alone" },
  photographs: { file: "bench/photographs.ts", what: "finding, cutting out and judging together, beside other packages", needsBuild: true },
  recall: { file: "scripts/recall.ts", what: "which faces are found" },
  dlib: { file: "bench/dlib.ts", what: "dlib's detector, beside dlib's own program" },
  intervals: { file: "bench/intervals.ts", what: "whether a report's intervals hold what they promise" },
  coverage: { file: "bench/coverage.ts", what: "how often ranges and sets hold the truth, before and after calibrate" },
  ablations: { file: "bench/ablations.ts", what: "what each ingredient of a training brings" },
  train: { file: "bench/train.ts", what: "a training step, beside PyTorch" },
  retrain: { file: "bench/retrain.ts", what: "from a folder to a model" },
  classic: { file: "bench/classic.ts", what: "features of Inception V3, pictures a second" },
  datasets: { file: "bench/datasets.ts", what: "imports of the published datasets" },
  million: { file: "bench/million-rows.ts", what: "a million rows" },
  cleaning: { file: "bench/cleaning.ts", what: "how many planted wrong labels the review's queue brings to the front" },
  clean: { file: "bench/clean-time.ts", what: "from pictures to the queue of wrong labels: time and memory by size" },
  bulk: { file: "bench/bulk.ts", what: "bulk work: beside analyze, plans of many rows, kills at random" },
  review: { file: "bench/review.ts", what: "what a review costs: presses and seconds of a script that knows the truth" },
  worth: { file: "bench/worth.ts", what: "what a cleaned dataset is worth to a head that learns from it" },
  "worth-training": {
    file: "bench/worth-training.ts",
    what: "what a cleaned dataset is worth to a small network that learns from nothing",
  },
  suspects: { file: "bench/suspects.ts", what: "how many of the likeliest wrong moods are contradicted by votes" },
  server: { file: "bench/server.ts", what: "the HTTP API under load" },
  films: { file: "bench/films.ts", what: "films: who is found and taken for whom, frames a second, memory over the length" },
  page: { file: "bench/page.ts", what: "the page's first result and the camera's frames" },
  growth: { file: "bench/growth.ts", what: "time and memory by faces, pixels and pictures", needsBuild: true },
  workers: { file: "bench/workers.ts", what: "what worker threads bring, and what stays with one thread", needsBuild: true },
  flames: { file: "bench/flames.ts", what: "where the main thread's time goes, drawn", needsBuild: true },
  soak: { file: "scripts/soak.ts", what: "whether memory stays the same over a long run", needsBuild: true },
};

/** What is written from the code or from measurements. `npm run write -- NAME`. */
export const writers: NamedScripts = {
  reference: { file: "scripts/write-reference.ts", what: "docs/reference: the library and the configuration" },
  cards: { file: "scripts/write-model-cards.ts", what: "docs/models: a card for each head" },
  reports: { file: "scripts/write-reports.ts", what: "docs/lab/reports: each head on the validation parts, and then the cards" },
  tasks: { file: "scripts/tasks.ts", what: "docs/lab/retrain.md: tasks of one's own on the whole way; drawn ones, or --data DIR --save" },
  dlib: { file: "scripts/dlib.ts", what: "what is taken from dlib: model, vectors, or landmarks --faces DIR" },
  picture: { file: "scripts/write-picture.ts", what: "docs/guide/portrait.webp: the picture of README.md" },
  templates: { file: "scripts/estimate-template.ts", what: "recipes/templates: where landmarks stand in a dataset's pictures" },
};

/**
 * Runs the script that the first word names, with the words after it; 2 and a list of names where there is none. `--help` alone lists them too.
 * @param initial the name where the first word is a flag, or missing
 * @returns the exit code
 */
export function runNamed(scripts: NamedScripts, words: readonly string[], initial?: string): number {
  const [first] = words;
  const isNamed = first !== undefined && !first.startsWith("-");
  const name = isNamed ? first : initial;
  const script = name === undefined || !Object.hasOwn(scripts, name) ? undefined : scripts[name];
  if (first === "--help") {
    console.log(namesWith(scripts));
    return 0;
  }
  if (script === undefined) {
    console.error(`${name === undefined ? "Which one?" : `There is no "${name}".`}\n${namesWith(scripts)}`);
    return 2;
  }
  const env = script.needsBuild === true ? { ...process.env, [buildFirst]: resolve("node_modules/tsdown/dist/run.mjs") } : process.env;
  return runTool([script.file, ...words.slice(isNamed ? 1 : 0)], env);
}

/** Every name, with what it stands for. */
function namesWith(scripts: NamedScripts): string {
  const width = Math.max(...Object.keys(scripts).map(({ length }) => length));
  return Object.entries(scripts)
    .map(([name, { what }]) => `  ${name.padEnd(width)}  ${what}`)
    .join("\n");
}

/** One signal reaches both processes: the script decides how it ends. */
function runTool(words: readonly string[], env: NodeJS.ProcessEnv): number {
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  const { status, signal, error } = spawnSync(process.execPath, words, { stdio: "inherit", env });
  process.off("SIGINT", ignore);
  if (error !== undefined) throw new Error(`${basename(words[0]!)}: ${error.message}`, { cause: error });
  return status ?? (signal === "SIGINT" ? 130 : 1);
}

/** `npm run bench` and `npm run write` in a text, with a name that neither knows. */
export function unknownNames(text: string): string[] {
  const tables: Readonly<Record<string, NamedScripts>> = { bench: benchmarks, write: writers };
  return [...text.matchAll(/npm run (bench|write) -- ([a-z]\w*)/g)]
    .filter(([, table, name]) => !Object.hasOwn(tables[table!]!, name!))
    .map(([all]) => all);
}
