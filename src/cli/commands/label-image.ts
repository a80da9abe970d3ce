import { labelImage, lines } from "../../classic/index.ts";
import { type Command, defineCommand, usageError } from "../command.ts";

/** Labels that are told, as the script's companion does. */
const told = 5;

/** `tensorface label-image`: the companion of retrain.py. */
export const labelImageCommand: Command = defineCommand({
  meta: { name: "label-image", description: "Tell what a picture shows by a network of `retrain --classic`." },
  args: {
    image: { type: "string", valueHint: "FILE", description: "the picture" },
    graph: { type: "string", valueHint: "FILE", description: "the network (default: output_graph.onnx in the folder for temporary files)" },
    labels: { type: "string", valueHint: "FILE", description: "its labels, one a line (default: output_labels.txt there)" },
  },
  help: {
    operands: "[FILE]",
    examples: [["tensorface label-image --image rose.jpg", "the five most probable labels with their scores"]],
    notes: [
      "A network of faces is asked about the largest face. `tensorface analyze --model FILE.onnx` asks the same network about many pictures.",
    ],
  },
  run: async ({ args }) => {
    const [operand, ...more] = args._;
    const image = args.image ?? operand;
    if (image === undefined || more.length > 0 || (args.image !== undefined && operand !== undefined))
      throw usageError("label-image needs one picture", "Name it with --image FILE.");
    const scores = await labelImage(image, { graph: args.graph, labels: args.labels });
    const text = scores.slice(0, told).map(({ label, score }) => `${lines.score(label, score)}\n`);
    process.stdout.write(text.join(""));
  },
});
