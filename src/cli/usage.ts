import type { ArgDef } from "citty";
import type { Command, CommandEntry } from "./command.ts";
import { twoColumns, wrapText } from "../report/terminal.node.ts";
import { resolved, resolvedArgs, resolvedSubCommands } from "./resolve.ts";

/** The width of a help page where nobody says how wide the terminal is, and the widest that is good to read. */
const widest = 100;

const fitting = (width = widest): number => Math.max(Math.min(width, widest), 40);

/** The page of `tensorface --help`. */
export function renderOverview(commands: Readonly<Record<string, CommandEntry>>, version: string, width?: number): string {
  const columns = (rows: readonly Row[]): string[] => twoColumns(rows, fitting(width));
  return `${[
    ...wrapText(`TensorFace ${version} finds the faces in a picture and tells apparent age, gender and mood.`, fitting(width)),
    "Everything runs on this machine: no picture leaves it.",
    "",
    "Usage: tensorface COMMAND [options]",
    "",
    "Commands:",
    ...columns(Object.entries(commands).map(([name, { summary }]) => [name, summary])),
    "",
    "Try:",
    ...exampleLines([
      ["tensorface analyze photo.jpg", "the faces on it, as a table in the terminal"],
      ["tensorface analyze photos --out faces.csv", "every picture in a folder, one row for each face"],
      ["tensorface analyze photo.jpg --annotate out", "writes a copy of the picture with the faces boxed and labelled"],
    ]),
    "",
    "Options:",
    ...columns([
      ["-h, --help", "this page; after a command, the page of that command"],
      ["-v, --version", "the version"],
    ]),
    "",
    "Exit codes: 0 done, 1 some inputs failed, 2 wrong use, 130 stopped by Ctrl-C.",
  ].join("\n")}\n`;
}

/** The page of `tensorface COMMAND --help`; `name` has the words that lead to the command. */
export async function renderUsage(name: string, command: Command, width?: number): Promise<string> {
  const section = (title: string, rows: readonly Row[]): string[] =>
    rows.length === 0 ? [] : ["", `${title}:`, ...twoColumns(rows, fitting(width))];
  const meta = await resolved(command.meta);
  const args = Object.entries(await resolvedArgs(command));
  const subCommands = await resolvedSubCommands(command);
  const sections = [
    ...(meta?.description === undefined ? [] : [...wrapText(sentence(meta.description), fitting(width)), ""]),
    `Usage: tensorface ${name}${usageOperands(command, args, Object.keys(subCommands).length > 0)}`,
    ...section("Commands", await subCommandRows(subCommands)),
    ...section("Arguments", args.filter(([, arg]) => arg.type === "positional").map(positionalRow)),
    ...section("Options", [...args.filter(([, arg]) => arg.type !== "positional").map(optionRow), ["-h, --help", "this page"]]),
    ...examples(command.help?.examples ?? []),
    ...(command.help?.notes ?? []).flatMap((note) => `\n${wrapText(note, fitting(width)).join("\n")}`),
  ];
  return `${sections.join("\n")}\n`;
}

type Row = readonly [string, string];

function usageOperands(command: Command, args: readonly (readonly [string, ArgDef])[], hasSubCommands: boolean): string {
  if (hasSubCommands) return " COMMAND [options]";
  const positionals = args.filter(([, arg]) => arg.type === "positional").map(([key]) => key.toUpperCase());
  const operands = command.help?.operands ?? positionals.join(" ");
  return `${operands === "" ? "" : ` ${operands}`} [options]`;
}

async function subCommandRows(subCommands: Readonly<Record<string, Command>>): Promise<Row[]> {
  return Promise.all(
    Object.entries(subCommands).map(async ([key, sub]): Promise<Row> => [key, (await resolved(sub.meta))?.description ?? ""]),
  );
}

function positionalRow([key, arg]: readonly [string, ArgDef]): Row {
  return [key.toUpperCase(), arg.description ?? ""];
}

function optionRow([key, arg]: readonly [string, ArgDef]): Row {
  // What is done unless somebody says no is told by its refusal.
  if (arg.type === "boolean" && arg.default === true) return [`--no-${key}`, arg.negativeDescription ?? ""];
  // A key with underscores is understood with hyphens too, which a note says once.
  const aliases = ("alias" in arg ? [arg.alias ?? []].flat() : []).filter((alias) => alias !== key.replaceAll("_", "-"));
  const [short, long] = [aliases.filter((alias) => alias.length === 1), aliases.filter((alias) => alias.length > 1)];
  const names = [...short.map((alias) => `-${alias}`), ...[key, ...long].map((name) => `--${name}`)].join(", ");
  const preset = arg.default === undefined || arg.default === false ? "" : ` (default: ${String(arg.default)})`;
  return [`${names}${valueHint(key, arg)}`, `${arg.description ?? ""}${preset}`];
}

function valueHint(key: string, arg: ArgDef): string {
  if (arg.type === undefined || arg.type === "boolean") return "";
  const options = arg.type === "enum" && "options" in arg ? arg.options?.join("|") : undefined;
  return ` ${options ?? arg.valueHint ?? key.toUpperCase()}`;
}

function examples(rows: readonly Row[]): string[] {
  return rows.length === 0 ? [] : ["", "Examples:", ...exampleLines(rows)];
}

/** Command lines are long: what they do stands below them. */
function exampleLines(rows: readonly Row[]): string[] {
  return rows.flatMap(([line, does]) => [`  ${line}`, `      ${does}`]);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
