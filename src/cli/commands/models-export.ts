import type { ModelStore } from "../../models/index.ts";
import { type Command, defineCommand, usageError } from "../command.ts";

/** What the command needs; tests give their own. */
interface ExportDependencies {
  readonly store: ModelStore;
  readonly print: (text: string) => void;
}

/** The command `tensorface models export`: a network's file, as it is or for other engines. */
export function createExportCommand(load: () => Promise<ExportDependencies>): Command {
  return defineCommand({
    meta: { name: "export", description: "Write a network's ONNX file, as it is or for other engines." },
    args: {
      id: { type: "positional", required: false, description: "one of `tensorface models list`, or the path of a model" },
      out: { type: "string", description: "the file to write", valueHint: "FILE" },
      plain: { type: "boolean", default: false, description: "opset 13 and float32 weights, for other engines (OpenCV's DNN among them)" },
    },
    help: {
      operands: "ID|PATH",
      examples: [["tensorface models export mood-5 --plain --out mood-5.onnx", "a file that OpenCV 4.6 reads: cv2.dnn.readNetFromONNX"]],
      notes: ["`tensorface models show ID` tells how the network wants its pictures and what its outputs mean."],
    },
    run: async ({ args }) => {
      if (args.id === undefined) throw usageError("models export needs an ID", "`tensorface models list` shows the IDs.");
      if (args.out === undefined) throw usageError("models export needs --out FILE");
      const { store, print } = await load();
      const { manifest, read } = await store.open(args.id);
      const original = await read();
      const bytes = args.plain ? await plainBytes(original, manifest.input) : original;
      const { writeFileAtomically } = await import("../../files/files.node.ts");
      await writeFileAtomically(args.out, bytes);
      print(
        `${JSON.stringify({ schema: "tensorface.export/1", id: manifest.id, file: args.out, bytes: bytes.length, plain: args.plain })}\n`,
      );
    },
  });
}

async function plainBytes(bytes: Uint8Array, size: { readonly width: number; readonly height: number }): Promise<Uint8Array> {
  const { exportPlain } = await import("../../train/export/plain.ts");
  const { createNodeRuntime } = await import("../../runtime/runtime.node.ts");
  return exportPlain(createNodeRuntime(), bytes, size);
}
