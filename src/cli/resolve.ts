import type { ArgsDef, Resolvable } from "citty";
import type { Command } from "./command.ts";

/** What a citty definition holds behind a value, a promise or a function. */
export async function resolved<T>(value: Resolvable<T> | undefined): Promise<T | undefined> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- T is never a function in citty's definitions, which TypeScript cannot know
  return typeof value === "function" ? await (value as () => T | Promise<T>)() : await value;
}

export async function resolvedArgs(command: Command): Promise<ArgsDef> {
  return (await resolved<ArgsDef>(command.args)) ?? {};
}

/** The sub-commands of a command, loaded. */
export async function resolvedSubCommands(command: Command): Promise<Record<string, Command>> {
  const entries = Object.entries((await resolved(command.subCommands)) ?? {});
  const loaded = await Promise.all(entries.map(async ([name, sub]) => [name, await resolved<Command>(sub)] as const));
  return Object.fromEntries(loaded.filter((entry): entry is readonly [string, Command] => entry[1] !== undefined));
}
