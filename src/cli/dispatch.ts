import { type ArgDef, type ArgsDef, runCommand } from "citty";
import { isTensorFaceError, nearest } from "../core/index.ts";
import { nativeFailure } from "../files/native-failure.node.ts";
import { type Command, type CommandEntry, exitCodes, usageError } from "./command.ts";
import { ToldInterruption } from "./interrupt.ts";
import { resolved, resolvedArgs, resolvedSubCommands } from "./resolve.ts";
import { renderOverview, renderUsage } from "./usage.ts";

/** Where a command line reads its list of commands from and writes to; tests give their own. */
export interface DispatchContext {
  readonly commands: Readonly<Record<string, CommandEntry>>;
  readonly version: string;
  /** Columns of the terminal that results go to. @default as wide as is good to read */
  readonly width?: number | undefined;
  /** Results. */
  readonly print: (text: string) => void;
  /** Messages for people. */
  readonly report: (text: string) => void;
  /** Told when all is read and loaded, and the command's own work begins. */
  readonly onRun?: (() => Promise<void>) | undefined;
}

/**
 * Runs one command line.
 * @param argv the words after `tensorface`
 * @returns the exit code: 0 done, 1 some inputs failed, 2 wrong use, 130 stopped; a command may also set `process.exitCode`
 */
export async function dispatch(argv: readonly string[], context: DispatchContext): Promise<number | undefined> {
  try {
    const [name, ...rest] = argv;
    if (name === undefined || isHelpFlag(name) || name === "help")
      return await help(name === "help" ? rest : [], name === undefined, context);
    if (name === "--version" || name === "-v" || name === "-V") return say(context, `${context.version}\n`);
    const target = await locate(await loadCommand(name, context), [name], rest);
    if (target.rest.some((word, index) => isHelpFlag(word) && !target.rest.slice(0, index).includes("--"))) {
      return say(context, await renderUsage(target.path.join(" "), target.command, context.width));
    }
    await run(target, context);
    return undefined;
  } catch (error) {
    return fail(error, context);
  }
}

/** What went wrong, for people, and the exit code that stands for it. */
export function fail(thrown: unknown, context: Pick<DispatchContext, "report">): number {
  const error = nativeFailure(thrown) ?? thrown;
  if (isTensorFaceError(error)) {
    if (error.cause instanceof ToldInterruption) return exitCodes.interrupted;
    const isWrongUse = error.code === "TF_INVALID_ARGUMENT" || error.code === "TF_DEVICE_UNAVAILABLE";
    context.report(`tensorface: ${error.message}\n  ${error.hint}${isWrongUse ? "" : ` [${error.code}]`}\n`);
    if (isWrongUse) return exitCodes.wrongUse;
    return error.code === "TF_ABORTED" ? exitCodes.interrupted : exitCodes.failed;
  }
  if (error instanceof Error && error.name === "CLIError") {
    // oxlint-disable-next-line no-control-regex -- citty colours its messages
    context.report(`tensorface: ${error.message.replaceAll(/\u001B\[\d+m/g, "")}\n  \`--help\` after a command lists its options.\n`);
    return exitCodes.wrongUse;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.report(`tensorface: this is a bug, please report it with the lines below\n${text}\n`);
  return exitCodes.failed;
}

interface Target {
  readonly command: Command;
  readonly path: readonly string[];
  readonly rest: readonly string[];
}

const isHelpFlag = (word: string): boolean => word === "--help" || word === "-h";

function say(context: DispatchContext, text: string): number {
  context.print(text);
  return exitCodes.done;
}

/** `tensorface`, `tensorface --help` and `tensorface help COMMAND`. Without any word it is wrong use, yet help is the answer. */
async function help(path: readonly string[], isWrongUse: boolean, context: DispatchContext): Promise<number> {
  const [name, ...rest] = path;
  if (name !== undefined) {
    const target = await locate(await loadCommand(name, context), [name], rest);
    return say(context, await renderUsage(target.path.join(" "), target.command, context.width));
  }
  const page = renderOverview(context.commands, context.version, context.width);
  if (!isWrongUse) return say(context, page);
  context.report(page);
  return exitCodes.wrongUse;
}

async function loadCommand(name: string, { commands }: DispatchContext): Promise<Command> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry !== undefined) return entry.load();
  const known = Object.keys(commands);
  if (name.startsWith("-"))
    throw usageError(`unknown option "${name}"`, "`tensorface --help` lists the commands; options follow a command.");
  const guess = nearest(name, known);
  const looksLikeInput = /[./\\*]/.test(name) || name === "-";
  if (guess === undefined && looksLikeInput) throw usageError(`"${name}" is not a command`, `Did you mean: tensorface analyze ${name}`);
  throw usageError(
    `unknown command "${name}"`,
    guess === undefined ? `The commands are: ${known.join(", ")}.` : `Did you mean: tensorface ${guess}`,
  );
}

/** Follows the words to the command that will run: `models`, then `show`. */
async function locate(command: Command, path: readonly string[], rest: readonly string[]): Promise<Target> {
  const words = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  const variant = Object.entries(command.variants ?? {}).find(([flag]) => words.includes(flag));
  if (variant !== undefined) {
    const [flag, load] = variant;
    return locate(await load(), [...path, flag], rest.toSpliced(rest.indexOf(flag), 1));
  }
  const subCommands = await resolvedSubCommands(command);
  const names = Object.keys(subCommands);
  const [given, ...after] = rest;
  const word = given === undefined ? undefined : (command.formerNames?.get(given) ?? given);
  if (names.length === 0 || (word !== undefined && isHelpFlag(word))) return { command, path, rest };
  if (word === undefined || word.startsWith("-")) {
    const preset = await resolved(command.default);
    return preset === undefined ? { command, path, rest } : locate(subCommands[preset]!, [...path, preset], rest);
  }
  if (Object.hasOwn(subCommands, word)) return locate(subCommands[word]!, [...path, word], after);
  const guess = nearest(word, names);
  throw usageError(
    `unknown command "${path.join(" ")} ${word}"`,
    guess === undefined ? `Its commands are: ${names.join(", ")}.` : `Did you mean: tensorface ${path.join(" ")} ${guess}`,
  );
}

async function run({ command, path, rest }: Target, { onRun }: DispatchContext): Promise<void> {
  const subCommands = Object.keys(await resolvedSubCommands(command));
  if (subCommands.length > 0 && command.run === undefined) {
    throw usageError(`"tensorface ${path.join(" ")}" needs one more word`, `One of: ${subCommands.join(", ")}.`);
  }
  const args = await resolvedArgs(command);
  checkOperands(`tensorface ${path.join(" ")}`, command, args, checkFlags(rest, args, command.variants));
  await onRun?.();
  await runCommand(command, { rawArgs: [...rest] });
}

/**
 * citty passes over operands that nobody asked for; here they are wrong use. Commands that take any number look at them themselves.
 * @throws {TF_INVALID_ARGUMENT}
 */
// oxlint-disable-next-line max-params -- what is called how, with what, and was given what
function checkOperands(name: string, { help: { operands: shown } = {} }: Command, args: ArgsDef, operands: readonly string[]): void {
  const taken = Object.values(args).filter(({ type }) => type === "positional").length;
  const surplus = operands[taken];
  if (surplus === undefined || (taken === 0 && shown?.startsWith("--") === false)) return;
  const said = taken === 0 ? `takes no operand, and was given "${surplus}"` : `takes one operand, and "${surplus}" is one more`;
  throw usageError(`"${name}" ${said}`);
}

/**
 * citty lets unknown flags and missing values pass; here both are wrong use.
 * @returns the words that are neither flags nor their values
 * @throws {TF_INVALID_ARGUMENT}
 */
function checkFlags(words: readonly string[], args: ArgsDef, variants: Command["variants"] = {}): string[] {
  const flags = new Map<string, ArgDef>();
  for (const [name, arg] of Object.entries(args)) {
    if (arg.type === "positional") continue;
    const aliases = "alias" in arg ? [arg.alias ?? []].flat() : [];
    for (const key of [name, ...aliases]) flags.set(key.length === 1 ? `-${key}` : `--${key}`, arg);
  }
  const operands: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (word === "--") return [...operands, ...words.slice(index + 1)];
    if (!word.startsWith("-") || word === "-") operands.push(word);
    else if (takesNextWord(word, words[index + 1], flags, Object.keys(variants))) index++;
  }
  return operands;
}

/** Checks one flag; whether its value is the next word. */
// oxlint-disable-next-line max-params -- a word, the one behind it, what is known
function takesNextWord(word: string, next: string | undefined, flags: ReadonlyMap<string, ArgDef>, variants: readonly string[]): boolean {
  const equals = word.indexOf("=");
  const flag = equals < 0 ? word : word.slice(0, equals);
  const arg = flags.get(flag) ?? (flag.startsWith("--no-") ? flags.get(`--${flag.slice(5)}`) : undefined);
  if (arg === undefined) {
    const otherwise = variants.map((variant) => `With ${variant} the command has other options: \`${variant} --help\`.`)[0];
    const guess = nearest(flag, [...flags.keys(), ...variants, "--help"]);
    throw usageError(`unknown option "${flag}"`, guess === undefined ? otherwise : `Did you mean ${guess}?`);
  }
  const isBoolean = arg.type === undefined || arg.type === "boolean";
  if (isBoolean) return false;
  if (equals >= 0 && equals < word.length - 1) return false;
  if (equals >= 0 || next === undefined || (next.startsWith("--") && next.length > 2)) throw usageError(`${flag} needs a value`);
  return true;
}
