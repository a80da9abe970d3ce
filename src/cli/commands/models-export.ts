import { dirname, join, resolve } from "node:path";
import { expectHead, type ModelStore, type OpenedModel } from "../../models/index.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";
import { type Command, defineCommand, usageError } from "../command.ts";

/** What the command needs; tests give their own. */
interface ExportDependencies {
  readonly store: ModelStore;
  readonly runtime: () => InferenceRuntime;
  readonly print: (text: string) => void;
}

/** The command `tensorface models export`: a network's file, as it is or for other engines. */
export function createExportCommand(load: () => Promise<ExportDependencies>): Command {
  return defineCommand({
    meta: { name: "export", description: "Write a network as a file, as it is or for other engines, or as a folder for transformers.js." },
    args: {
      id: { type: "positional", required: false, description: "one of `tensorface models list`, or the path of a model" },
      out: { type: "string", description: "the file to write, or the folder, not there or empty", valueHint: "PATH" },
      format: {
        type: "enum",
        alias: "f",
        options: ["onnx", "transformers"],
        default: "onnx",
        description: "an ONNX file, or a folder that @huggingface/transformers opens",
      },
      plain: { type: "boolean", default: false, description: "opset 13 and float32 weights, for other engines (OpenCV's DNN among them)" },
      task: { type: "string", valueHint: "TASK", description: "transformers: one task of several (default: a folder for each)" },
    },
    help: {
      operands: "ID|PATH",
      examples: [
        ["tensorface models export mood --plain --out mood.onnx", "a file that OpenCV 4.6 reads: cv2.dnn.readNetFromONNX"],
        ["tensorface models export mood --format transformers --out mood", 'then: pipeline("image-classification", "mood")'],
      ],
      notes: [
        "`tensorface models show ID` tells how the network wants its pictures and what its outputs mean.",
        "For transformers.js calibration and order of channels go into the network, so that its scores are the same. It has no answer for tags and numbers. Faces have to be cut out before: `tensorface crop PICTURE --template ID`.",
      ],
    },
    run: async ({ args }) => {
      const { id, out, format, plain, task } = args;
      if (id === undefined) throw usageError("models export needs an ID", "`tensorface models list` shows the IDs.");
      if (out === undefined) throw usageError("models export needs --out PATH", "A file, or with --format transformers a folder.");
      if (plain && format === "transformers") throw usageError("--plain is for ONNX files alone");
      if (task !== undefined && format === "onnx")
        throw usageError("--task is for --format transformers: an ONNX file tells all that it tells");
      const { store, runtime, print } = await load();
      const opened = await store.open(id);
      const written = format === "onnx" ? await writeFile(id, opened, out, plain) : await writeFolders(opened, runtime(), out, task);
      for (const line of written) print(`${JSON.stringify({ schema: "tensorface.export/1", id: opened.manifest.id, ...line })}\n`);
    },
  });
}

// oxlint-disable-next-line max-params -- what is written, as it was named, where to and how
async function writeFile(id: string, { manifest, read }: OpenedModel, out: string, plain: boolean): Promise<object[]> {
  const own = [id, join(id, manifest.file), join(dirname(id), manifest.file)].map((path) => resolve(path));
  if (own.includes(resolve(out))) throw usageError(`--out ${out} is the model itself: it would be lost`, "Choose another file.");
  const original = await read();
  const bytes = plain ? await plainBytes(original, manifest.input) : original;
  const { writeFileAtomically } = await import("../../files/files.node.ts");
  await writeFileAtomically(out, bytes);
  return [{ file: out, bytes: bytes.length, plain }];
}

async function writeFolders(
  { manifest, read }: OpenedModel,
  runtime: InferenceRuntime,
  out: string,
  task: string | undefined,
): Promise<object[]> {
  const { writeTransformersFolders } = await import("../../convert/index.ts");
  const folders = await writeTransformersFolders(runtime, { manifest: expectHead({ manifest }), bytes: await read() }, out, { task });
  return folders.map(({ folder, task: told }) => ({ folder, task: told, format: "transformers" }));
}

async function plainBytes(bytes: Uint8Array, size: { readonly width: number; readonly height: number }): Promise<Uint8Array> {
  const { exportPlain } = await import("../../train/export/index.ts");
  const { createNodeRuntime } = await import("../../runtime/runtime.node.ts");
  return exportPlain(createNodeRuntime(), bytes, size);
}
