import { resolve } from "node:path";
import type { Node, SourceFile } from "typescript/unstable/ast";
import { API, type Checker, type Symbol, SymbolFlags } from "typescript/unstable/sync";

/** The project's own compiler, asked for what it knows of some files. It is a process: dispose it. */
export interface Program extends Disposable {
  readonly checker: Checker;
  readonly sourceFile: (path: string) => SourceFile | undefined;
  /** Where a symbol is written, as far as it is in a file. */
  readonly declarationsOf: (symbol: Symbol) => Node[];
}

/**
 * Reads the files that a `tsconfig.json` names.
 * @throws {Error} when there is no such project
 */
export function openProgram(tsconfig: string): Program {
  const api = new API({ cwd: process.cwd() });
  const project = api.updateSnapshot({ openProjects: [resolve(tsconfig)] }).getProjects()[0];
  if (project === undefined) throw new Error(`${tsconfig}: the compiler opens no project`);
  return {
    checker: project.checker,
    sourceFile: (path) => project.program.getSourceFile(resolve(path)),
    declarationsOf: ({ declarations }) => declarations.map((handle) => handle.resolve()).filter((node) => node !== undefined),
    [globalThis.Symbol.dispose]: () => api.close(),
  };
}

/** What a file exports, by name, each where it was first written. */
export function exportsOf({ checker, sourceFile }: Program, path: string): Map<string, Symbol> {
  const file = sourceFile(path);
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${path}: is no module of this project`);
  const exported = checker.getExportsOfModule(module);
  return new Map(exported.map((symbol) => [symbol.name, followAlias(checker, symbol)]));
}

export function followAlias(checker: Checker, symbol: Symbol): Symbol {
  return (symbol.flags & SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}
