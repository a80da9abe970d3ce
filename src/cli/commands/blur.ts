import type { ArgsDef } from "citty";
import { progressOn } from "../../report/progress.node.ts";
import { blurDefaults, blurEffects } from "../../video/index.ts";
import { keepHeapSteady } from "../../runtime/steady-memory.node.ts";
import { type Command, defineCommand, numberFlag, repeatedFlag, usageError } from "../command.ts";
import { findingArgs, readFinding } from "../finding-args.ts";
import { listenForInterrupt } from "../interrupt.ts";

const blurArgs = {
  out: { type: "string", alias: "o", valueHint: "FILE", description: "write the film or picture to FILE" },
  effect: { type: "enum", options: [...blurEffects], description: `how faces are hidden (default: ${blurDefaults.effect})` },
  margin: {
    type: "string",
    valueHint: "M",
    description: `how far beyond the face is hidden too, in widths of its box (default: ${blurDefaults.margin})`,
  },
  keep: { type: "string", valueHint: "N", description: "leave face N of the plan visible; again for another (default: none)" },
  plan: { type: "string", valueHint: "FILE", description: "write what is to be hidden to FILE, to be looked at and changed" },
  render: { type: "string", valueHint: "FILE", description: "hide what the plan FILE says, without looking for faces again" },
  every: { type: "string", valueHint: "N", description: `look at every Nth frame (default: ${blurDefaults.every}, of an animation 1)` },
  ...findingArgs,
  "max-faces": { type: "string", valueHint: "N", description: "hide the N largest faces of a picture or frame alone (default: all)" },
} as const satisfies ArgsDef;

export const blurCommand: Command = defineCommand({
  meta: { name: "blur", description: "Hide the faces in a picture or film, in a way that cannot be undone." },
  args: blurArgs,
  help: {
    operands: "INPUT",
    examples: [
      ["tensorface blur clip.mp4 --out clip-blurred.mp4", "every face, in all frames; the sound stays"],
      ["tensorface blur photo.jpg --out blurred.jpg --effect fill", "grey ellipses"],
      ["tensorface blur clip.mp4 --plan plan.json", "who would be hidden, and where"],
      ["tensorface blur clip.mp4 --render plan.json --out clip-blurred.mp4", "as the plan says, after changes by hand"],
      ["tensorface blur clip.mp4 --out clip-blurred.mp4 --keep 2", "face 2 stays"],
    ],
    notes: [
      "INPUT is a picture, an animation (GIF, WebP), or a film: .mp4, .mov, .webm, .mkv. Films need the packages mediabunny and @mediabunny/server. Pictures are written as .jpg, .png, .webp or .gif: animations as .webp or .gif, and what is transparent stays so in all but .jpg.",
      "A film is gone through twice, so that a face is hidden in the frames before it was found, too. What is written has new pixels and the old sound: no metadata, no place, no thumbnail.",
      "No program finds every face: look at the result before you give it away.",
    ],
  },
  run: async ({ args, rawArgs }) => {
    const [input, ...more] = args._;
    if (input === undefined || more.length > 0)
      throw usageError("blur needs one INPUT", "For example: tensorface blur clip.mp4 --out out.mp4");
    if (args.out === undefined && args.plan === undefined) throw usageError("blur needs --out FILE, or --plan FILE");
    const keep = repeatedFlag("keep", rawArgs).map((text) => numberFlag("keep", text, { min: 1, whole: true })!);
    const { createAnalyzer } = await import("../../analyze/create-analyzer.node.ts");
    const { runBlur } = await import("../../video/blur-run.node.ts");
    keepHeapSteady();
    const progress = progressOn(process.stderr);
    using interrupt = listenForInterrupt(() => progress.clear(), "stopping: nothing is written of what was not hidden to its end");
    const { hidden, kept } = await runBlur(input, {
      out: args.out,
      plan: args.plan,
      render: args.render,
      effect: args.effect,
      margin: numberFlag("margin", args.margin, { min: 0, max: 5 }),
      keep,
      every: numberFlag("every", args.every, { min: 1, whole: true }),
      signal: interrupt.stopping,
      onProgress: (update) => progress.update(update),
      // Whoever is not among the most that are told of a picture would stay visible.
      analyzer: () => createAnalyzer({ tasks: [], workers: 0, ...readFinding(args, { maxFaces: Number.MAX_SAFE_INTEGER }) }),
    });
    progress.clear();
    const done = `${args.out === undefined ? "to be " : ""}hidden${kept === 0 ? "" : `, ${kept} kept`}`;
    process.stderr.write(`${hidden} ${hidden === 1 ? "face" : "faces"} ${done}${args.out === undefined ? `, as ${args.plan} says` : ""}\n`);
  },
});
