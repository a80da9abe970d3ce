import { defaultDetector } from "../../analyze/index.ts";
import { checkImport, checkRuns } from "../../convert/check-model.node.ts";
import { pathKind } from "../../files/files.node.ts";
import { addUserModel, removeUserModel } from "../../models/add-model.node.ts";
import { describeModel, expectHead, type ModelStore, purposeOf } from "../../models/index.ts";
import { listOwnModels, renderModelList, verifyInstalled } from "../../models/installed.node.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";
import { type Command, defineCommand, exitCodes, usageError } from "../command.ts";
import { createExportCommand } from "./models-export.ts";
import { checkFreeName, createImportCommand } from "./models-import.ts";

/** What the command needs; tests give their own. */
export interface ModelsDependencies {
  readonly store: ModelStore;
  /** The folder of the user's own models. */
  readonly userFolder: string;
  /** Runs networks, to see that what is added is what its manifest says. */
  readonly runtime: () => InferenceRuntime;
  readonly print: (text: string) => void;
  /** Columns of the terminal. */
  readonly width?: number | undefined;
}

const format = { type: "enum", alias: "f", options: ["table", "json"], default: "table", description: "how to print" } as const;

/** The command `tensorface models`: what is installed, what it is, and whether it is whole. */
export function createModelsCommand(load: () => Promise<ModelsDependencies>): Command {
  const list = defineCommand({
    meta: { name: "list", description: "The installed networks and your own, and which of them are used by default." },
    args: { format: { ...format, options: [...format.options] } },
    run: async ({ args }) => {
      const { store, userFolder, print, width } = await load();
      const installed = await store.manifests();
      const own = await listOwnModels(userFolder);
      const all = [...installed, ...own.flatMap((model) => ("manifest" in model ? [model.manifest] : []))];
      print(args.format === "json" ? json(all) : renderModelList(installed, own, { userFolder, width, detector: defaultDetector }));
    },
  });
  const show = defineCommand({
    meta: { name: "show", description: "What one network takes, gives and comes from." },
    args: {
      id: { type: "positional", required: false, description: "one of `tensorface models list`, or a model's folder or file" },
      format: { ...format, options: [...format.options] },
    },
    help: { examples: [["tensorface models show age-gender", "labels, licence and what it was trained on"]] },
    run: async ({ args }) => {
      if (args.id === undefined) throw usageError("models show needs an ID", "`tensorface models list` shows the IDs.");
      const { store, print } = await load();
      const { manifest } = await store.open(args.id);
      print(args.format === "json" ? json(manifest) : describeModel(manifest));
    },
  });
  const verify = defineCommand({
    meta: { name: "verify", description: "Compare every network's file with the size and SHA-256 of its manifest." },
    run: async () => {
      const { store, userFolder, print } = await load();
      if (!(await verifyInstalled(store, userFolder, print))) process.exitCode = exitCodes.failed;
    },
  });
  return defineCommand({
    meta: { name: "models", description: "List, show, verify and export networks; add, import and remove models of your own." },
    default: "list",
    subCommands: {
      list,
      show,
      verify,
      add: createAddCommand(load),
      import: createImportCommand(load, (imported, { runtime }) => checkImport(imported, runtime())),
      remove: createRemoveCommand(load),
      export: createExportCommand(load),
    },
  });
}

export const modelsCommand: Command = createModelsCommand(async () => {
  const [{ openModelFolders }, { userModelFolder }, { createNodeRuntime }] = await Promise.all([
    import("../../models/models.node.ts"),
    import("../../models/user-models.node.ts"),
    import("../../runtime/runtime.node.ts"),
  ]);
  const print = (text: string): void => void process.stdout.write(text);
  return { store: openModelFolders(), userFolder: userModelFolder(), runtime: createNodeRuntime, print, width: process.stdout.columns };
});

/** `tensorface models add`: looks whether a model is what it says, and keeps it for use by its name. */
function createAddCommand(load: () => Promise<ModelsDependencies>): Command {
  return defineCommand({
    meta: { name: "add", description: "Keep a model of your own, so that its name is enough afterwards. It never becomes a default." },
    args: {
      path: { type: "positional", required: false, description: "a model's folder, its manifest or a one-file model" },
      name: { type: "string", valueHint: "NAME", description: "the name to keep it under (default: its own)" },
      replace: { type: "boolean", description: "in place of a model of that name" },
    },
    help: {
      examples: [["tensorface models add photos-model", "then: tensorface analyze party.jpg --model photos-model"]],
      notes: ["Models are kept in the folder that TENSORFACE_MODELS names, else in the platform's folder for programs' data."],
    },
    run: async ({ args }) => {
      if (args.path === undefined) throw usageError("models add needs a PATH", "A model's folder, its manifest or a one-file model.");
      const { store, userFolder, runtime, print } = await load();
      const opened = await store.open(args.path);
      const manifest = expectHead(opened);
      const bytes = await opened.read();
      await checkRuns(manifest, bytes, runtime());
      const name = args.name ?? manifest.id;
      checkFreeName(name, await store.manifests());
      const folder = (await pathKind(args.path)) === "folder" ? args.path : undefined;
      const added = await addUserModel(userFolder, { manifest, bytes, folder }, { name, replace: args.replace });
      print(
        `added ${added.id}, which tells ${purposeOf(added)}, to ${userFolder}\nuse it with: tensorface analyze PICTURE --model ${added.id}\n`,
      );
    },
  });
}

function createRemoveCommand(load: () => Promise<ModelsDependencies>): Command {
  return defineCommand({
    meta: { name: "remove", description: "Remove a model of your own." },
    args: { id: { type: "positional", required: false, description: "one of yours in `tensorface models list`" } },
    run: async ({ args }) => {
      if (args.id === undefined) throw usageError("models remove needs an ID", "`tensorface models list` shows the IDs.");
      const { userFolder, print } = await load();
      await removeUserModel(userFolder, args.id);
      print(`removed ${args.id} from ${userFolder}\n`);
    },
  });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
