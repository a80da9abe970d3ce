import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { configurationPage } from "./configuration.ts";
import { anchor, libraryPage, type LinkTo } from "./library-page.ts";
import { exportsOf, openProgram, type Program } from "./program.ts";
import { createContext, type ExportedItem, readItem } from "./read-exports.ts";

/** An entry's name as it is imported, its source, and its page in `docs/reference`. */
export interface EntrySource {
  readonly specifier: string;
  readonly source: string;
  readonly page: string;
}

const packageSchema = z.object({ name: z.string(), exports: z.record(z.string(), z.unknown()) });
const conditionsSchema = z.object({ types: z.string() });

/** Every door of the package, as `exports` of `package.json` lists them, so that none is without a page. */
export async function entriesOf(packageFile: string): Promise<EntrySource[]> {
  const { name, exports } = packageSchema.parse(JSON.parse(await readFile(packageFile, "utf8")));
  return Object.entries(exports).flatMap(([path, conditions]) => {
    const parsed = conditionsSchema.safeParse(conditions);
    if (!parsed.success) return [];
    const built = basename(parsed.data.types, ".d.ts");
    const specifier = path === "." ? name : `${name}${path.slice(1)}`;
    const page = path === "." ? "library.md" : `library-${path.slice(2).replaceAll("/", "-")}.md`;
    return [{ specifier, source: `src/_entries/${built === "index" ? "node" : built}.ts`, page }];
  });
}

const allEntries = "scripts/reference/tsconfig.json";

/** Everything that `docs/reference` has from the code: the library's pages, and the configuration's. */
export async function codeReference(): Promise<Reference> {
  using program = openProgram(allEntries);
  const library = await libraryReference(program, await entriesOf("package.json"));
  const config = exportsOf(program, "src/_entries/train.ts").get("TrainingConfigInput")!;
  const recipes = (await readdir("recipes")).filter((name) => name.endsWith(".ts")).toSorted();
  const page = configurationPage(createContext(program, []), program.checker.getDeclaredTypeOfSymbol(config), recipes);
  return { pages: new Map([...library.pages, ["configuration.md", page]]), problems: library.problems };
}

export interface Reference {
  /** Text by the page's file name. */
  readonly pages: ReadonlyMap<string, string>;
  /** What the pages cannot say, because the code does not. */
  readonly problems: readonly string[];
}

/**
 * The reference of the library, written from the docstrings. An export without a docstring is a problem, and so is a type that a signature
 * names and no entry exports: nobody could look it up.
 */
export async function libraryReference(program: Program, entries: readonly EntrySource[]): Promise<Reference> {
  const problems: string[] = [];
  /** Page and name by what is exported: the first entry that exports something tells of it. */
  const homes = new Map<number, { readonly page: string; readonly name: string; readonly item: ExportedItem }>();
  const read = entries.map((entry) => ({ entry, exported: exportsOf(program, entry.source) }));
  const context = createContext(
    program,
    read.flatMap(({ exported }) => [...exported.values()]),
  );
  for (const { entry, exported } of read) {
    for (const [name, symbol] of exported) {
      if (!homes.has(symbol.id)) homes.set(symbol.id, { page: entry.page, name, item: readItem(context, name, symbol) });
    }
  }
  const pages = new Map<string, string>();
  for (const { entry, exported } of read) {
    const told = [...exported.values()].map(({ id }) => homes.get(id)!);
    const own = told.filter(({ page }) => page === entry.page);
    for (const { item } of own) {
      if (item.docs.text === "") problems.push(`${entry.specifier}: "${item.name}" has no docstring`);
      for (const { name, id } of item.mentions) {
        if (!homes.has(id)) problems.push(`${entry.specifier}: "${item.name}" names "${name}", which no entry exports`);
      }
    }
    const links = new Map(
      [...homes.values()].toReversed().map(({ page, name }) => [name, `${page === entry.page ? "" : page}${anchor(name)}`]),
    );
    for (const { name, page } of told) links.set(name, `${page === entry.page ? "" : page}${anchor(name)}`);
    const linkTo: LinkTo = (name) => links.get(name);
    const elsewhere = new Map(told.filter(({ page }) => page !== entry.page).map(({ name, page }) => [name, `${page}${anchor(name)}`]));
    const text = await headOf(entry.source);
    if (text === "") problems.push(`${entry.source}: does not say in its first lines what it is for`);
    pages.set(entry.page, libraryPage({ specifier: entry.specifier, text, items: own.map(({ item }) => item), elsewhere }, linkTo));
  }
  return { pages, problems };
}

/** The comment that a file begins with. */
async function headOf(path: string): Promise<string> {
  const [, comment = ""] = /^\/\*\*([\s\S]*?)\*\//.exec(await readFile(path, "utf8")) ?? [];
  return comment.replaceAll(/^ ?\* ?/gm, "").trim();
}
