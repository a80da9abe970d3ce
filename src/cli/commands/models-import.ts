import { readTextFile, pathKind } from "../../files/files.node.ts";
import type { ForeignModelAnswers, ImportedModel } from "../../convert/index.ts";
import { addUserModel } from "../../models/add-model.node.ts";
import { type CropTemplate, expectHead, findNamed, type ModelManifest, type ModelStore, seesFaces } from "../../models/index.ts";
import { type Command, defineCommand, usageError } from "../command.ts";

/** What the command needs. */
interface ImportDependencies {
  readonly store: ModelStore;
  /** The folder of the user's own models. */
  readonly userFolder: string;
  readonly print: (text: string) => void;
}

/** `tensorface models import`: a network that was made elsewhere becomes a model of the user's. */
export function createImportCommand<Dependencies extends ImportDependencies>(
  load: () => Promise<Dependencies>,
  check: (imported: ImportedModel, dependencies: Dependencies) => Promise<void>,
): Command {
  return defineCommand({
    meta: { name: "import", description: "Make a network that was trained elsewhere one of your models." },
    args: {
      path: { type: "positional", required: false, description: "a file or folder, or nsfwjs/NAME" },
      name: { type: "string", valueHint: "NAME", description: "what the model is called (default: the network's own name)" },
      task: { type: "string", valueHint: "TASK", description: "what it tells (default: its name)" },
      kind: { type: "enum", options: ["classes", "tags", "ordered"], description: "how it is answered (default: classes)" },
      labels: {
        type: "string",
        valueHint: "A,B,...|FILE",
        description: "the words of its scores in their order, or a file with one a line",
      },
      size: { type: "string", valueHint: "N|WxH", description: "width and height of its pictures, in pixels" },
      scale: { type: "string", valueHint: "SCALE", description: "0..1, -1..1, 0..255, imagenet, or MEAN:DEVIATION in units of 0..255" },
      colour: { type: "enum", options: ["rgb", "bgr", "grey"], description: "the order of its channels (default: rgb)" },
      fit: { type: "enum", options: ["stretch", "middle"], description: "how whole pictures come into its square" },
      activation: { type: "enum", options: ["none", "softmax", "sigmoid"], description: "what makes probabilities of its scores" },
      "like-faces-of": {
        type: "string",
        valueHint: "MODEL",
        description: "it sees faces, cut out as this model's are (default: whole pictures)",
      },
      "input-node": { type: "string", valueHint: "NODE", description: "of a .pb: where the picture goes in" },
      "output-node": { type: "string", valueHint: "NODE", description: "of a .pb or .onnx: where the scores come out" },
      licence: { type: "string", valueHint: "TEXT", description: "the licence that it came with" },
      replace: { type: "boolean", description: "in place of a model of that name" },
    },
    help: {
      operands: "PATH",
      examples: [
        ["tensorface models import teachable-export --name hats", "labels, size and scaling come from the export"],
        ["tensorface models import net.keras --labels cat,dog --scale -1..1", "a Keras file says its size alone"],
      ],
      notes: [
        "Read are TensorFlow.js layers and graph models, Teachable Machine exports, Keras .keras and .h5 files, frozen TensorFlow graphs (.pb), ONNX files and folders in the layout of transformers.js.",
        "What the files do not say is asked for. Nothing is guessed.",
      ],
    },
    run: async ({ args }) => {
      if (args.path === undefined) throw usageError("models import needs a PATH", "A file or folder of a network.");
      const dependencies = await load();
      const { store, userFolder, print } = dependencies;
      const template = args["like-faces-of"] === undefined ? undefined : await templateLike(dependencies, args["like-faces-of"]);
      const { importForeignModel, readPixelWords } = await import("../../convert/index.ts");
      const answers: ForeignModelAnswers = {
        id: args.name,
        task: args.task,
        kind: args.kind,
        labels: await readLabels(args.labels),
        template,
        input: { ...readPixelWords(args), colour: args.colour, fit: args.fit },
        activation: args.activation,
        licence: args.licence,
      };
      const imported = await importForeignModel(args.path, answers, {
        inputNode: args["input-node"],
        outputNode: args["output-node"],
      });
      const { manifest, bytes } = imported;
      await check(imported, dependencies);
      checkFreeName(manifest.id, await store.manifests());
      const added = await addUserModel(userFolder, { manifest, bytes, folder: undefined }, { name: manifest.id, replace: args.replace });
      const [output] = added.outputs;
      print(
        `imported ${added.id}, which tells ${output!.task} (${output!.labels.join(", ")}) of ${seesFaces(added) ? "faces" : "whole pictures"}, to ${userFolder}\n` +
          `use it with: tensorface analyze PICTURE --model ${added.id}\n`,
      );
    },
  });
}

async function templateLike({ store }: ImportDependencies, name: string): Promise<CropTemplate> {
  const manifest = expectHead(await store.open(name));
  if (seesFaces(manifest)) return manifest.template;
  throw usageError(`--like-faces-of expects a model that sees faces; "${name}" sees whole pictures`);
}

/** `a,b,c`, which may be longer than any path, or the lines of a file. */
async function readLabels(text: string | undefined): Promise<string[] | undefined> {
  if (text === undefined) return undefined;
  const isFile = (await pathKind(text).catch(() => (text.includes(",") ? "none" : "file"))) === "file";
  const words = isFile ? (await readTextFile(text)).split(/\r?\n/) : text.split(",");
  return words.map((word) => word.trim()).filter((word) => word !== "");
}

/** A model of the user's hides none that is installed, neither by its id nor by the name of whichever version is: `mood-8`, `mood`. */
export function checkFreeName(name: string, installed: readonly ModelManifest[]): void {
  if (findNamed(installed, name) !== undefined) {
    throw usageError(`"${name}" is the name of an installed model`, "Give it another one with --name.");
  }
}
