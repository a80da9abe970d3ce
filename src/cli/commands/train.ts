import { join } from "node:path";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { readConfig } from "../../train/run/config-file.node.ts";
import { createOnnxEngine } from "../../train/step/index.ts";
import { train, type TrainResult } from "../../train/run/train.node.ts";
import { createTrainingDisplay } from "../../train/run/training-display.node.ts";
import { trainingFiles } from "../../train/run/training-folder.node.ts";
import { writeTrainingReport } from "../../train/run/training-report.node.ts";
import { type Command, defineCommand, flagValues, numberFlag, usageError } from "../command.ts";
import { sayNext } from "../dataset/terminal.ts";
import { listenForInterrupt } from "../interrupt.ts";

/** The command `tensorface train`. */
export const trainCommand: Command = defineCommand({
  meta: { name: "train", description: "Train a network from a configuration file." },
  args: {
    config: {
      type: "positional",
      required: false,
      description: "a TypeScript, JavaScript or JSON file with the configuration, or the name of a recipe",
    },
    out: { type: "string", description: "folder of the training (default: .runs/NAME)", valueHint: "DIR" },
    resume: { type: "boolean", default: false, description: "go on from the last checkpoint in the folder" },
    set: { type: "string", description: "change fields: epochs=12,schedule.peak=0.002; again for more", valueHint: "FIELD=VALUE,..." },
    device: { type: "string", description: "where to compute: cpu, webgpu, ... (default: cpu)", valueHint: "NAME" },
    threads: { type: "string", description: "threads inside one operation (default: all physical cores)", valueHint: "N" },
    workers: { type: "string", description: "threads that augment pictures (default: 1)", valueHint: "N" },
    cache: { type: "string", description: "folder of decoded pictures (default: .cache/pictures)", valueHint: "DIR" },
  },
  help: {
    operands: "CONFIG",
    examples: [
      ["tensorface train fer2013-small", "trains, and leaves everything in .runs/fer2013-small"],
      ["tensorface train fer2013-small --resume", "goes on after Ctrl-C or a crash, exactly where it stood"],
      ["tensorface train mood-first --set epochs=12 --out .runs/short", "the same recipe with another number of epochs"],
    ],
    notes: [
      "Ctrl-C finishes the step under way, writes a checkpoint and ends with code 130; a third Ctrl-C kills the process.",
      "docs/reference/configuration.md lists every field of the configuration.",
    ],
  },
  run: async ({ args, rawArgs }) => {
    if (args.config === undefined) throw usageError("train needs a CONFIG file");
    const changes = flagValues("set", rawArgs);
    const config = await readConfig(args.config, changes);
    const out = args.out ?? join(".runs", config.name);
    process.stderr.write(`training ${config.name} in ${out}; its config.json holds every field\n`);
    using interrupt = listenForInterrupt(() => {}, "\nstopping after this step; a third Ctrl-C ends at once, by the last checkpoint");
    const display = createTrainingDisplay(config, process.stderr);
    const load = { device: args.device, threads: count("threads", args.threads) };
    const runtime = createNodeRuntime();
    const result = await train({
      config,
      out,
      engine: createOnnxEngine(runtime, load),
      runtime,
      load,
      resume: args.resume,
      cache: args.cache,
      workers: count("workers", args.workers),
      signal: interrupt.stopping,
      ...display,
    });
    await writeTrainingReport(out);
    display.clear();
    const elsewhere = args.out === undefined ? [] : ["--weights", join(out, trainingFiles.best), "--out", out];
    if (result.isDone) sayNext(["export", args.config, ...changes.flatMap((change) => ["--set", change]), ...elsewhere]);
    process.stdout.write(summary(result, out));
  },
});

function count(name: string, text: string | undefined): number | undefined {
  return numberFlag(name, text, { min: 1, max: 256, whole: true });
}

function summary({ state, isDone }: TrainResult, out: string): string {
  const { step, epoch, best } = state;
  return `${JSON.stringify({ schema: "tensorface.training/1", out, isDone, steps: step, epochs: epoch, best: best ?? null })}\n`;
}
