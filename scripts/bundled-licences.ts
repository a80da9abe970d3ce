import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

/** What a bundler tells of a finished bundle: enough of Rolldown's and Vite's. */
interface Bundle {
  readonly [file: string]: { readonly type: string; readonly moduleIds?: readonly string[] };
}

interface Emitter {
  emitFile(file: { readonly type: "asset"; readonly fileName: string; readonly source: string }): string;
}

interface BundlerPlugin {
  readonly name: string;
  generateBundle(this: Emitter, options: unknown, bundle: Bundle): void;
}

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().default("see its text"),
});

/**
 * A plugin for Rolldown and Vite: writes the licences of all packages that went into a bundle, with their texts, into one file.
 * @param fileName in the output folder
 * @param more packages whose files are copied beside the bundle
 */
export function bundledLicences(fileName: string, more: readonly string[] = []): BundlerPlugin {
  return {
    name: "bundled-licences",
    generateBundle(_, bundle) {
      const ids = Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds);
      const folders = new Set([...ids.flatMap((id) => packageFolder(id) ?? []), ...more]);
      const entries = [...folders].map(describe).toSorted((a, b) => a.title.localeCompare(b.title, "en"));
      const source = `What is bundled here, and under which licence.\n\n${entries.map(({ title, text }) => `## ${title}\n\n${text}\n`).join("\n")}`;
      this.emitFile({ type: "asset", fileName, source });
    },
  };
}

/** The folder of the package that a module belongs to; undefined for modules of ours. */
function packageFolder(id: string): string | undefined {
  const at = id.lastIndexOf("/node_modules/");
  if (at < 0) return undefined;
  const [first = "", second = ""] = id.slice(at + "/node_modules/".length).split("/");
  // A bundler's virtual modules begin with a character that no file has.
  const start = id.slice(0, at).replace(/^.*\0[^/]*/, "");
  return join(start, "node_modules", first, ...(first.startsWith("@") ? [second] : []));
}

function describe(folder: string): { readonly title: string; readonly text: string } {
  const { name, version, license } = packageSchema.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  return { title: `${name} ${version} (${license})`, text: licenceText(folder) };
}

function licenceText(folder: string): string {
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name));
  const texts = names.map((name) => join(folder, name)).filter((path) => existsSync(path) && dirname(path) === folder);
  if (texts.length === 0) return "The package has no text of its licence in it.";
  return texts.map((path) => readFileSync(path, "utf8").trim()).join("\n\n");
}
