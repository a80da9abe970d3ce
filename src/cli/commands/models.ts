import { intervalLevel, isTensorFaceError } from "../../core/index.ts";
import { findModel, type ModelManifest, type ModelStore } from "../../models/index.ts";
import { type Command, defineCommand, exitCodes, usageError } from "../command.ts";
import { padEnd } from "../format/text.ts";

/** What the command needs; tests give their own. */
export interface ModelsDependencies {
  readonly store: ModelStore;
  readonly print: (text: string) => void;
}

const format = { type: "enum", alias: "f", options: ["table", "json"], default: "table", description: "how to print" } as const;

/** The command `tensorface models`: what is installed, what it is, and whether it is whole. */
export function createModelsCommand(load: () => Promise<ModelsDependencies>): Command {
  const list = defineCommand({
    meta: { name: "list", description: "The installed networks, the preferred ones first." },
    args: { format: { ...format, options: [...format.options] } },
    run: async ({ args }) => {
      const { store, print } = await load();
      const manifests = await store.manifests();
      print(args.format === "json" ? json(manifests) : renderList(manifests));
    },
  });
  const show = defineCommand({
    meta: { name: "show", description: "What one network takes, gives and comes from." },
    args: {
      id: { type: "positional", required: false, description: "one of `tensorface models list`" },
      format: { ...format, options: [...format.options] },
    },
    run: async ({ args }) => {
      if (args.id === undefined) throw usageError("models show needs an ID", "`tensorface models list` shows the IDs.");
      const { store, print } = await load();
      const manifest = findModel(await store.manifests(), args.id);
      print(args.format === "json" ? json(manifest) : renderModel(manifest));
    },
  });
  const verify = defineCommand({
    meta: { name: "verify", description: "Compare every network's file with the size and SHA-256 of its manifest." },
    run: async () => {
      const { store, print } = await load();
      if (!(await verifyAll(store, print))) process.exitCode = exitCodes.failed;
    },
  });
  return defineCommand({
    meta: { name: "models", description: "List, show and verify the installed networks." },
    default: "list",
    subCommands: { list, show, verify },
  });
}

export const modelsCommand: Command = createModelsCommand(async () => {
  const { openModelFolders } = await import("../../models/models.node.ts");
  return { store: openModelFolders(), print: (text) => process.stdout.write(text) };
});

/** Prints a line for each network; whether all of them are whole. */
async function verifyAll(store: ModelStore, print: (text: string) => void): Promise<boolean> {
  let isWhole = true;
  const manifests = await store.manifests();
  const width = Math.max(0, ...manifests.map(({ id }) => id.length));
  for (const manifest of manifests) {
    try {
      await store.read(manifest);
      print(`${manifest.id.padEnd(width)}  ok  ${megabytes(manifest.bytes)}\n`);
    } catch (error) {
      if (!isTensorFaceError(error)) throw error;
      isWhole = false;
      print(`${manifest.id.padEnd(width)}  failed: ${error.message} [${error.code}]\n`);
    }
  }
  if (manifests.length === 0) print("no networks are installed\n");
  return isWhole && manifests.length > 0;
}

function renderList(manifests: readonly ModelManifest[]): string {
  const rows = manifests.map((manifest) => [
    manifest.id,
    purpose(manifest),
    megabytes(manifest.bytes),
    manifest.provenance.licence,
    manifest.title,
  ]);
  const table = [["ID", "For", "Size", "Licence", "Title"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => padEnd(cell, widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function renderModel(manifest: ModelManifest): string {
  const { input, provenance } = manifest;
  const facts: [string, string | undefined][] = [
    ["For", purpose(manifest)],
    ["File", `${manifest.file}, ${megabytes(manifest.bytes)}`],
    ["SHA-256", manifest.sha256],
    [
      "Input",
      `${input.width} x ${input.height} ${input.colour}, mean ${input.mean.join(", ")}, deviation ${input.standardDeviation.join(", ")}`,
    ],
    ["Labels", labels(manifest)],
    ["Template", manifest.kind === "head" ? manifest.template?.source : undefined],
    ["Interval", interval(manifest)],
    ["Averaging", manifest.kind === "head" && manifest.flipAveraging === true ? "over the face and its mirror image" : undefined],
    ["Threshold", manifest.kind === "detector" ? String(manifest.scoreThreshold) : undefined],
    ["Source", provenance.source],
    ["Licence", provenance.licence],
    ["Address", provenance.url],
    [
      "Training",
      provenance.training === undefined ? undefined : JSON.stringify(provenance.training, undefined, 2).replaceAll("\n", "\n            "),
    ],
  ];
  const lines = facts.filter(([, value]) => value !== undefined).map(([name, value]) => `  ${name.padEnd(9)} ${value}`);
  return `${manifest.id}: ${manifest.title}\n\n${lines.join("\n")}\n`;
}

function purpose(manifest: ModelManifest): string {
  return manifest.kind === "head" ? manifest.outputs.map(({ task }) => task).join(", ") : manifest.kind;
}

function labels(manifest: ModelManifest): string | undefined {
  if (manifest.kind !== "head") return undefined;
  const described = manifest.outputs.map(({ task, labels }) =>
    task === "age" ? `age: ${labels[0]} to ${labels.at(-1)} years in ${labels.length}` : `${task}: ${labels.join(", ")}`,
  );
  return described.join("; ");
}

/** What the age range takes of a distribution, where that was fitted. */
function interval(manifest: ModelManifest): string | undefined {
  const age = manifest.kind === "head" ? manifest.outputs.find(({ task }) => task === "age") : undefined;
  if (age?.intervalMass === undefined) return undefined;
  const share = `${(age.intervalMass * 100).toFixed(1)} %`;
  return `the middle ${share} of an age's distribution, fitted to hold ${Math.round(intervalLevel * 100)} % of true ages`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
