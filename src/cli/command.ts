import type { ArgsDef, CommandDef } from "citty";
import { TensorFaceError } from "../core/index.ts";
import { pathKind } from "../files/files.node.ts";

/** Exit codes of the command line: done, some inputs failed, wrong use, stopped by Ctrl-C. */
export const exitCodes = { done: 0, failed: 1, wrongUse: 2, interrupted: 130 } as const;

/** What a command may add to citty's definition for its help page. */
export interface CommandHelp {
  /** How the positional arguments read in the usage line: `INPUT...`. */
  readonly operands?: string;
  /** Command lines that work as they stand, each with what it does. */
  readonly examples?: readonly (readonly [line: string, does: string])[];
  /** Paragraphs below the options. */
  readonly notes?: readonly string[];
}

/** A command as data: citty's definition, plus examples and notes for `--help`. */
// oxlint-disable-next-line typescript/no-explicit-any -- citty's own type for "a command with whatever arguments"
export type Command = CommandDef<any> & {
  readonly help?: CommandHelp;
  /** Flags that make another command of it, with other options: each loads it. */
  readonly variants?: Readonly<Record<`--${string}`, () => Promise<Command>>>;
  /** Names that sub-commands had: understood, and shown nowhere. */
  readonly formerNames?: ReadonlyMap<string, string>;
};

/** One line of the list of commands: what a newcomer reads, and how to load the rest when it is called. */
export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Wrong use: a message that names the flag or operand, exit code 2. */
export function usageError(message: string, hint = "`--help` after a command lists its options."): TensorFaceError {
  return new TensorFaceError("TF_INVALID_ARGUMENT", message, { hint });
}

/** Keeps the literal types of a command's arguments, as citty's `defineCommand` does, and allows a help section. */
export function defineCommand<const Args extends ArgsDef>(
  command: CommandDef<Args> & Pick<Command, "help" | "variants" | "formerNames">,
): Command {
  return command;
}

/**
 * Reads a flag as a number.
 * @throws {TF_INVALID_ARGUMENT} when it is not a number inside the range
 */
export function numberFlag(
  name: string,
  text: string | undefined,
  range: { readonly min: number; readonly max?: number | undefined; readonly whole?: boolean },
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  const { min, max = Number.POSITIVE_INFINITY, whole = false } = range;
  const fits = text.trim() !== "" && Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (fits) return value;
  const kind = whole ? "a whole number" : "a number";
  const bounds = max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`;
  throw usageError(`--${name} expects ${kind} ${bounds}, got "${text}"`);
}

/** Reads a flag that counts in millions, as `--max-megabytes`. @throws {TF_INVALID_ARGUMENT} when it is no number above 0 */
export function millions<Name extends string>(args: Readonly<Partial<Record<Name, string | undefined>>>, name: Name): number | undefined {
  const count = numberFlag(name, args[name], { min: 0.001 });
  return count === undefined ? undefined : Math.round(count * 1e6);
}

/**
 * Reads a flag as a list with commas, each item one of `known`; what stands there twice counts once.
 * @throws {TF_INVALID_ARGUMENT} when it is empty or holds an unknown item
 */
export function listFlag<Item extends string>(name: string, text: string | undefined, known: readonly Item[]): Item[] | undefined {
  if (text === undefined) return undefined;
  const items = text.split(",").map((item) => item.trim());
  const matches = items.map((item) => {
    const match = known.find((candidate) => candidate === item);
    if (match === undefined) throw usageError(`--${name} expects some of ${known.join(", ")} with commas between, got "${text}"`);
    return match;
  });
  return [...new Set(matches)];
}

/** Every value of a flag that may stand several times, as it stands there: citty keeps the last alone. */
export function flagValues(name: string, rawArgs: readonly string[]): string[] {
  return rawArgs.flatMap((word, index) => {
    if (word === `--${name}`) return rawArgs[index + 1] ?? [];
    return word.startsWith(`--${name}=`) ? word.slice(name.length + 3) : [];
  });
}

/** The models of `--model`, which may stand several times, or once with commas; the path of something that is there is one model. */
export async function modelFlag(rawArgs: readonly string[]): Promise<string[]> {
  const isThere = async (path: string): Promise<boolean> => (await pathKind(path).catch(() => "none")) !== "none";
  const models = flagValues("model", rawArgs).map(async (value) => ((await isThere(value)) ? [value] : itemsOf(value)));
  return (await Promise.all(models)).flat();
}

/** Every item of a flag that may stand several times, or once with commas. */
export function repeatedFlag(name: string, rawArgs: readonly string[]): string[] {
  return flagValues(name, rawArgs).flatMap(itemsOf);
}

function itemsOf(value: string): string[] {
  const items = value.split(",").map((item) => item.trim());
  return items.filter((item) => item !== "");
}
