import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { hasSignals, start } from "../../../test/support/command.ts";
import { tinyNetwork, writeTinyFolders } from "../../classic/testing.ts";
import { commands } from "../commands.ts";
import { dispatch } from "../dispatch.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "retrain-classic-"));
  await writeFile(join(root, "tiny.onnx"), tinyNetwork());
  await writeTinyFolders(join(root, "colours"), {
    red: { colour: [220, 40, 40], count: 30 },
    blue: { colour: [40, 60, 220], count: 30 },
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));
afterEach(() => void vi.restoreAllMocks());

/** One command line in this process, its output and its exit code. */
async function call(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0);
  const code = await dispatch(argv, { commands, version: "0.0.0", print: (text) => out.push(text), report: (text) => err.push(text) });
  return { code: code ?? 0, out: out.join(""), err: err.join("") };
}

/** The script's own spelling of everything. */
const flags = (): string[] =>
  Object.entries({
    backbone: join(root, "tiny.onnx"),
    input_mean: "0",
    input_std: "255",
    output_graph: join(root, "graph.onnx"),
    output_labels: join(root, "labels.txt"),
    summaries_dir: join(root, "logs"),
    bottleneck_dir: join(root, "bottlenecks"),
    learning_rate: "2",
    how_many_training_steps: "41",
    eval_step_interval: "20",
    testing_percentage: "25",
    validation_percentage: "25",
    test_batch_size: "-1",
  }).flatMap(([name, value]) => [`--${name}`, value]);

describe("tensorface retrain --classic", () => {
  test("takes the script's flags, prints its lines on standard output and tells the rest on standard error", async () => {
    const { code, out, err } = await call("retrain", "--classic", "--image_dir", join(root, "colours"), ...flags());
    expect({ code, err }).toMatchObject({ code: 0 });
    const lines = out.split("\n");
    expect(lines[0]).toMatch(/^Step 0: Train accuracy = /);
    expect(lines.filter((line) => line.startsWith("Step"))).toHaveLength(9);
    expect(lines.find((line) => line.startsWith("Final"))).toMatch(/^Final test accuracy = \d+\.\d% \(N=\d+\)$/);
    expect(out).toContain("95 % interval");
    expect(err).toContain('the ONNX file "tiny" below its last layers');
    const label = await call(
      "label-image",
      "--image",
      join(root, "colours", "red", "red1.jpg"),
      "--graph",
      join(root, "graph.onnx"),
      "--labels",
      join(root, "labels.txt"),
    );
    expect(label).toMatchObject({ code: 0 });
    expect(label.out).toMatch(/^red \(score = 0\.\d{5}\)\nblue \(score = 0\.\d{5}\)\n$/);
    expect(await readFile(join(root, "labels.txt"), "utf8")).toBe("blue\nred\n");
  });

  test("takes hyphens, and asks before it empties the folder of summaries", async () => {
    const hyphens = flags().map((word) => (word.startsWith("--") ? word.replaceAll("_", "-") : word));
    const first = await call("retrain", "--classic", join(root, "colours"), ...hyphens, "--force");
    expect(first.code).toBe(0);
    const second = await call("retrain", "--classic", join(root, "colours"), ...hyphens);
    expect(second).toMatchObject({ code: 1, err: expect.stringContaining("have these removed with --force. [TF_TRAINING_EXISTS]") });
    const third = await call("retrain", "--classic", join(root, "colours"), ...hyphens, "--force", "--test-batch-size=40");
    expect(third).toMatchObject({ code: 0, out: expect.stringContaining("(N=40)") });
  });

  test.skipIf(!hasSignals)("Ctrl-C in its steps keeps the features, and says what goes on and what begins anew", async () => {
    const folder = join(root, "stopped");
    const places = ["--summaries_dir", join(folder, "logs"), "--bottleneck_dir", join(folder, "bottlenecks")];
    const words = ["retrain", "--classic", join(root, "colours"), ...flags(), ...places];
    const { child, finished, stdout } = start([...words, "--how_many_training_steps", "1000000"]);
    try {
      await expect.poll(stdout, { timeout: 60_000 }).toContain("Step 0");
    } finally {
      child.kill("SIGINT");
    }
    expect(await finished).toMatchObject({
      code: 130,
      // Behind the line that names the network one sentence, and no error behind it.
      stderr: expect.stringMatching(/below its last layers\n[^\n]*features are kept[^\n]*steps begin anew[^\n]*--force[^\n]*\n$/),
    });
    const kept = join(folder, "bottlenecks", "red");
    const [first] = await readdir(kept);
    const { mtimeMs } = await stat(join(kept, first!));
    expect(await call(...words, "--force")).toMatchObject({ code: 0, out: expect.stringContaining("Step 40") });
    expect((await stat(join(kept, first!))).mtimeMs).toBe(mtimeMs);
  });

  test("says how to ask the network that was written", async () => {
    const { out, err } = await call("retrain", "--classic", join(root, "colours"), ...flags(), "--force");
    const [graph, labels] = [join(root, "graph.onnx"), join(root, "labels.txt")];
    expect(out).toMatch(/^written: .*graph\.onnx and .*labels\.txt$/m);
    expect(err).toContain(`next: tensorface label-image --image PICTURE --graph ${graph} --labels ${labels}`);
  });

  test.each([
    ["no folder", [], "needs a folder of pictures"],
    ["an empty name", ["--image_dir="], "--image_dir needs a value"],
    ["two folders", ["a", "b"], "takes one folder"],
    ["one class", ["--image_dir", "ROOT/colours/red"], "no folder with pictures"],
    ["a share above all", ["--image_dir", "x", "--testing_percentage", "120"], "--testing_percentage expects a number from 0 to 100"],
    ["a batch of nothing", ["x", "--test_batch_size", "0"], "--test_batch_size expects -1 for every picture"],
    ["a flag that is none", ["x", "--how_many_steps", "3"], 'unknown option "--how_many_steps"'],
    ["retrain's own flag", ["x", "--fold", "3"], 'unknown option "--fold"'],
  ])("wrong use ends with 2: %s", async (_name, words, message) => {
    const { code, err } = await call("retrain", "--classic", ...words.map((word) => word.replace("ROOT", root)));
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  test("label-image without a picture, or with one that is not there", async () => {
    expect(await call("label-image")).toMatchObject({ code: 2, err: expect.stringContaining("needs one picture") });
    expect(await call("label-image", "--image", join(root, "none.jpg"), "--graph", join(root, "none.onnx"))).toMatchObject({ code: 1 });
  });
});
