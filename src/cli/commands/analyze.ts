import type { ArgsDef, ParsedArgs } from "citty";
import { type NodeAnalyzerOptions, optionLimits } from "../../analyze/index.ts";
import {
  ageGroupingNames,
  ageGroupings,
  type AnalyzeDependencies,
  analyzePictures,
  type AnalyzeSettings,
  outcomeFormats,
  preferFiles,
} from "../../bulk/index.ts";
import { builtInTasks, isBuiltInTask, isTaskName } from "../../core/index.ts";
import { keepHeapSteady } from "../../runtime/steady-memory.node.ts";
import { isFilmName } from "../../video/index.ts";
import { type Command, defineCommand, exitCodes, listFlag, millions, modelFlag, numberFlag, repeatedFlag, usageError } from "../command.ts";
import { findingArgs, readFinding } from "../finding-args.ts";
import { listenForInterrupt } from "../interrupt.ts";
import type { FilmSettings } from "./analyze-film.ts";

const analyzeArgs = {
  format: { type: "enum", alias: "f", options: [...outcomeFormats], description: "how to write the results (default: see below)" },
  out: { type: "string", alias: "o", valueHint: "FILE", description: "write the results to FILE instead of the terminal" },
  resume: { type: "boolean", description: "go on from the results that an earlier run left in FILE.part or FILE (jsonl and csv)" },
  annotate: { type: "string", valueHint: "DIR", description: "write each picture with its faces boxed and labelled into DIR" },
  tasks: {
    type: "string",
    alias: "heads",
    valueHint: "LIST",
    description: "what to tell: some of age,gender,mood and of what the models tell (default: all)",
  },
  model: {
    type: "string",
    valueHint: "NAME|PATH",
    description: "also use this model: a name of `models list`, a folder or a file; again for another (default: none)",
  },
  "age-groups": {
    type: "enum",
    options: [...ageGroupingNames],
    default: "adience",
    description: "the groups that age probabilities are summed into",
  },
  every: {
    type: "string",
    valueHint: "N",
    description: "of a film: look for faces in every Nth frame, and follow them between (default: 5)",
  },
  ...findingArgs,
  device: { type: "string", valueHint: "NAME", description: "where the networks run: cpu, webgpu, ... (default: cpu)" },
  concurrency: {
    type: "string",
    valueHint: "N",
    description: "pictures in work at the same time, not for a film (default: two for each processor core and thread)",
  },
  workers: {
    type: "string",
    valueHint: "N",
    description: "threads that help with more than 16 pictures, not with a film, 250 MB each (default: one less than cores, at most 3)",
  },
  "max-megapixels": { type: "string", valueHint: "N", description: "refuse larger pictures or frames of films before decoding them" },
  "max-megabytes": { type: "string", valueHint: "N", description: "refuse larger files before reading them; not for a film" },
} as const satisfies ArgsDef;

/** The command `tensorface analyze`, with its dependencies loaded when it runs. */
export function createAnalyzeCommand(loadDependencies: () => Promise<AnalyzeDependencies>): Command {
  return defineCommand({
    meta: { name: "analyze", description: "Find the faces in pictures and tell apparent age, gender and mood, with probabilities." },
    args: analyzeArgs,
    help: {
      operands: "INPUT...",
      examples: [
        ["tensorface analyze photo.jpg", "a table in the terminal"],
        ["tensorface analyze photos --format csv --out faces.csv", "a folder and its subfolders, a row for each face"],
        ['tensorface analyze "photos/**/*.jpg" --annotate out', "copies with boxes and labels; subfolders are kept"],
        ["tensorface analyze photos | jq '.faces[]?.mood.label'", "one line of JSON for each picture"],
        ["tensorface analyze party.jpg --model photos-model", "a model of your own beside the built-in ones"],
        ["tensorface analyze clip.mp4 --out clip.jsonl", "people through time: also clip.tracks.json and clip.seconds.csv"],
        ["curl -s https://example.org/a.jpg | tensorface analyze -", "a picture from standard input"],
      ],
      notes: [
        "INPUT is a file, a folder (with everything below it), a glob in quotes, an http(s) URL, or - for standard input. Folders and globs take .jpg .jpeg .jfif .png .webp .avif .heic .heif .gif .tif .tiff.",
        "Format: table on a terminal, jsonl (one line of JSON for each picture) into a pipe; with --out by the file's ending: .json, .jsonl, .csv, .txt.",
        "A film (.mp4, .mov, .webm, .mkv) is given by itself, and needs the packages mediabunny and @mediabunny/server. Faces are followed by motion and the colours of hair and clothing; nobody is recognised. --annotate writes the film with boxes, sound and times as they were.",
        "A picture that cannot be read becomes a line with its error, and the run goes on. Exit codes: 0 done, 1 some inputs failed, 2 wrong use, 130 stopped by Ctrl-C; what was done until then is written.",
        "Results stand in FILE.part until all are there. A killed run or a full disk leaves them, and the same command with --resume goes on: what stands there, errors too, is not looked at again. Other models, another detector or other rules for faces than those of the earlier run are refused.",
      ],
    },
    run: async ({ args, rawArgs }) => {
      checkOneName(rawArgs);
      const settings = await readSettings(args, await modelFlag(rawArgs));
      const every = numberFlag("every", args.every, { min: 1, whole: true });
      if (settings.inputs.some(isFilmName)) {
        const { analyzeFilm } = await import("./analyze-film.ts");
        return analyzeFilm(filmSettings(settings, every), process);
      }
      if (every !== undefined) throw usageError("--every is for a film");
      const tally = await analyzePictures(settings, await loadDependencies(), listenForInterrupt);
      if (tally.failed > 0) process.exitCode ??= exitCodes.failed;
    },
  });
}

export const analyzeCommand: Command = createAnalyzeCommand(async () => {
  keepHeapSteady();
  const [{ createAnalyzer }, { isAnnotatedCopy, readPicture, renderAnnotated }] = await Promise.all([
    import("../../analyze/create-analyzer.node.ts"),
    import("../../bulk/annotated-copy.node.ts"),
  ]);
  return { createAnalyzer, isAnnotatedCopy, renderAnnotated, read: readPicture, stdout: process.stdout, stderr: process.stderr };
});

/** @throws {TF_INVALID_ARGUMENT} when a film is asked about in a way that is for pictures */
function filmSettings(
  { inputs: [film, ...more], out, annotate, analyzer, format, resume, limits }: AnalyzeSettings,
  every: number | undefined,
): FilmSettings {
  if (film === undefined || more.length > 0) throw usageError("a film is analysed by itself: give it as the only INPUT");
  if ((format ?? "jsonl") !== "jsonl" || resume) throw usageError("a film gives jsonl, and --resume is for pictures");
  const atOnce = { workers: analyzer.workers, concurrency: analyzer.concurrency, "max-megabytes": limits.maxBytes };
  const idle = Object.entries(atOnce).find(([, value]) => value !== undefined && value > 0)?.[0];
  if (idle !== undefined) throw usageError(`--${idle} is for pictures: the frames of a film are looked at one after the other`);
  return { film, every, out, annotate, analyzer };
}

async function readSettings(args: ParsedArgs<typeof analyzeArgs>, models: readonly string[]): Promise<AnalyzeSettings> {
  if (args._.length === 0) throw usageError("analyze needs at least one INPUT", "For example: tensorface analyze photo.jpg");
  const tasks = readTasks(args.tasks, models);
  const ageGroups = ageGroupings[args["age-groups"]];
  const limits = { maxPixels: millions(args, "max-megapixels"), maxBytes: millions(args, "max-megabytes") };
  const analyzer: NodeAnalyzerOptions = {
    tasks,
    models,
    ageGroups,
    limits,
    ...readFinding(args),
    device: args.device,
    concurrency: numberFlag("concurrency", args.concurrency, { min: 1, max: optionLimits.concurrency, whole: true }),
    workers: numberFlag("workers", args.workers, { min: 0, max: optionLimits.workers, whole: true }),
  };
  return {
    inputs: await preferFiles(args._),
    format: args.format,
    out: args.out,
    resume: args.resume ?? false,
    annotate: args.annotate,
    ageGroups,
    limits,
    analyzer,
  };
}

/** `--heads` is the older name of `--tasks`. @throws {TF_INVALID_ARGUMENT} when the two ask for different things */
function checkOneName(rawArgs: readonly string[]): void {
  const [tasks, heads] = ["tasks", "heads"].map((name) => repeatedFlag(name, rawArgs).toSorted().join());
  if (tasks !== "" && heads !== "" && tasks !== heads)
    throw usageError("--tasks and its older name --heads ask for different things", "Give one of them.");
}

/** What to tell; undefined for all. Which tasks a model tells is only known when it is opened. */
function readTasks(text: string | undefined, models: readonly string[]): string[] | undefined {
  const names = text?.split(",").map((name) => name.trim());
  const own = models.length === 0 ? names?.find((name) => isTaskName(name) && !isBuiltInTask(name)) : undefined;
  if (own !== undefined)
    throw usageError(
      `--tasks expects some of ${builtInTasks.join(", ")} with commas between, got "${text}"`,
      `"${own}" needs the model that tells it: --model NAME|PATH.`,
    );
  if (models.length === 0) return listFlag("tasks", text, builtInTasks);
  if (names?.some((name) => !isTaskName(name)) === true) throw usageError(`--tasks expects tasks with commas between, got "${text}"`);
  return names;
}
