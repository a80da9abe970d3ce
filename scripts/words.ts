import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

/** A word that a script understands, as `--name VALUE` or, without a value, as `--name`. */
export interface Word<Value> {
  /** What its value is called where the usage is shown; undefined: it has none. */
  readonly shown?: string | undefined;
  /** Whether the script does nothing without it. */
  readonly isNeeded?: boolean;
  /** What it stands for where it is left out. */
  readonly initial: Value;
  /** @throws {UsageError} when the text is none of its values */
  readonly read: (text: string) => Value;
}

type Words = Readonly<Record<string, Word<unknown>>>;
type ValuesOf<Known extends Words> = { readonly [Name in keyof Known]: Known[Name]["initial"] };

/** Something about a script's words that whoever typed them can put right. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

export const flag: Word<boolean> = { initial: false, read: () => true };

export function anyText(): Word<string | undefined>;
export function anyText(initial: string): Word<string>;
export function anyText(initial?: string): Word<string | undefined> {
  return { shown: "TEXT", initial, read: (given) => given };
}

/** A text without which the script does nothing. @param shown what it is: DIR, FILE, NAME */
export function neededText(shown: string): Word<string> {
  return { shown, isNeeded: true, initial: "", read: (given) => given };
}

/** How many: a whole number from 1 on. */
export function wholeNumber(): Word<number | undefined>;
export function wholeNumber(initial: number): Word<number>;
export function wholeNumber(initial?: number): Word<number | undefined> {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
  return { shown: "N", initial, read: (given) => readNumber(given, isCount, "a whole number from 1 on") };
}

/** How much: any number from 0 on. */
export function anyNumber(initial: number): Word<number> {
  return { shown: "X", initial, read: (given) => readNumber(given, (value) => value >= 0, "a number from 0 on") };
}

/** Numbers from 0 on, with commas between. */
export function numberList(initial: readonly number[]): Word<readonly number[]> {
  return { shown: "X,X", initial, read: (given) => given.split(",").map((each) => anyNumber(0).read(each)) };
}

/** One of some names. */
export function choice<const Name extends string>(names: readonly Name[]): Word<Name | undefined>;
export function choice<const Name extends string>(names: readonly Name[], initial: Name): Word<Name>;
export function choice<const Name extends string>(names: readonly Name[], initial?: Name): Word<Name | undefined> {
  return { shown: names.join("|"), initial, read: (given) => knownName(given, names) };
}

/** Some of the known names, with commas between. @param initial @default all of them */
export function someOf<const Name extends string>(names: readonly Name[], initial: readonly Name[] = names): Word<readonly Name[]> {
  return { shown: names.join(","), initial, read: (given) => given.split(",").map((each) => knownName(each, names)) };
}

function readNumber(given: string, isGood: (value: number) => boolean, wanted: string): number {
  const value = given.trim() === "" ? Number.NaN : Number(given);
  if (!Number.isFinite(value) || !isGood(value)) throw new UsageError(`"${given}" is not ${wanted}`);
  return value;
}

function knownName<Name extends string>(given: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new UsageError(`"${given}" is none of ${names.join(", ")}`);
  return found;
}

export interface ReadOptions {
  /** What must stand there without a name, in its order: `["DIR"]`. @default nothing */
  readonly operands?: readonly string[];
  /** What may follow, as often as somebody wants: `FILE`. @default nothing may */
  readonly more?: string;
}

interface ReadWords<Known extends Words> {
  readonly values: ValuesOf<Known>;
  /** As many as asked for, and what follows. */
  readonly operands: readonly string[];
}

interface OwnWords<Known extends Words> extends ReadWords<Known> {
  /** How the script is called, for {@link endWithUsage}. */
  readonly usage: string;
}

/** @throws {UsageError} when the words are not as the script knows them */
export function parseWords<const Known extends Words>(given: readonly string[], known: Known, options: ReadOptions = {}): ReadWords<Known> {
  const { operands: wanted = [], more } = options;
  const { values: texts, positionals } = parseTexts(given, known);
  const missing = wanted[positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing`);
  if (more === undefined && positionals.length > wanted.length)
    throw new UsageError(`"${positionals[wanted.length]}" is one word too many`);
  const values = Object.entries(known).map(([name, word]) => [name, valueOf(name, word, texts[name])]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each word reads its own value
  return { values: Object.fromEntries(values) as ValuesOf<Known>, operands: positionals };
}

function parseTexts(given: readonly string[], known: Words): { readonly values: Record<string, unknown>; readonly positionals: string[] } {
  const options = Object.entries(known).map(([name, { shown }]) => [name, { type: shown === undefined ? "boolean" : "string" }] as const);
  try {
    return parseArgs({ args: [...given], allowPositionals: true, options: Object.fromEntries(options) });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message.split(". ")[0], { cause: error });
    throw error;
  }
}

function valueOf(name: string, { isNeeded = false, initial, read }: Word<unknown>, given: unknown): unknown {
  if (given === undefined) {
    if (isNeeded) throw new UsageError(`--${name} is missing`);
    return initial;
  }
  try {
    return read(typeof given === "string" ? given : "");
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`--${name}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** One line that says how a script is called. @param command what stands before its words: `npm run bench -- films` */
export function usageOf(command: string, known: Words, { operands = [], more }: ReadOptions = {}): string {
  const words = Object.entries(known).map(([name, { shown, isNeeded = false }]) => {
    const word = shown === undefined ? `--${name}` : `--${name} ${shown}`;
    return isNeeded ? word : `[${word}]`;
  });
  return ["usage:", command, ...operands, ...(more === undefined ? [] : [`[${more} ...]`]), ...words].join(" ");
}

/**
 * The words that this script was called with. Where they are wrong it says how it is called and ends the process with code 2; `--help` shows
 * the same and ends it with 0.
 */
export function readWords<const Known extends Words>(command: string, known: Known, options: ReadOptions = {}): OwnWords<Known> {
  const given = process.argv.slice(2);
  const usage = usageOf(command, known, options);
  if (given.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  const words = parseOrEnd(given, known, options, usage);
  process.on("uncaughtException", endWithError);
  buildOrEnd();
  return { ...words, usage };
}

function parseOrEnd<const Known extends Words>(
  given: readonly string[],
  known: Known,
  options: ReadOptions,
  usage: string,
): ReadWords<Known> {
  try {
    return parseWords(given, known, options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return endWithUsage(error.message, usage);
  }
}

/** In the environment: the program that builds what a script measures, run once the script's words are read. */
export const buildFirst = "TENSORFACE_BUILD_FIRST";

function buildOrEnd(): void {
  const program = process.env[buildFirst];
  if (program === undefined) return;
  // Scripts that this one starts measure the same build.
  delete process.env[buildFirst];
  const { status, error } = spawnSync(process.execPath, [program, "--logLevel", "error"], { stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** What went wrong by its code, where it has one: of the sources and of a build, whose class is another. */
function endWithError(error: Error & { readonly code?: unknown; readonly hint?: unknown }): never {
  console.error(error.name === "TensorFaceError" ? `${String(error.code)}: ${error.message}\n${String(error.hint)}` : error);
  process.exit(1);
}

/** Says what is wrong with the words, and how they should be; ends the process with code 2. */
export function endWithUsage(problem: string, usage: string): never {
  console.error(`${problem}\n${usage}`);
  process.exit(2);
}
