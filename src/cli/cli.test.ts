import { describe, expect, test, vi } from "vitest";
import { TensorFaceError } from "../core/index.ts";
import { type Command, defineCommand, listFlag, numberFlag } from "./command.ts";
import { commands } from "./commands.ts";
import { renderUsage } from "./usage.ts";
import { resolved, resolvedSubCommands } from "./resolve.ts";
import { dispatch, type DispatchContext, fail } from "./dispatch.ts";
import { describeDuration, describeProgress, createProgressLine } from "../report/progress.node.ts";

interface Recorded {
  readonly context: DispatchContext;
  readonly out: string[];
  readonly err: string[];
  readonly calls: unknown[];
}

/** A command line with small commands of its own that note how they are called. */
function recorded(): Recorded {
  const out: string[] = [];
  const err: string[] = [];
  const calls: unknown[] = [];
  const greet = defineCommand({
    meta: { name: "greet", description: "Say hello." },
    args: {
      name: { type: "string", alias: "n", description: "whom to greet" },
      loud: { type: "boolean", description: "with an exclamation mark" },
      mode: { type: "enum", options: ["plain", "warm"], description: "how" },
    },
    help: { operands: "[WORD...]" },
    run: ({ args }) => {
      calls.push({ name: args.name, loud: args.loud, mode: args.mode, rest: args._ });
    },
  });
  const bare = defineCommand({ args: { loud: { type: "boolean" } }, run: ({ args }) => void calls.push(args._) });
  const one = defineCommand({ args: { id: { type: "positional", required: false } }, run: ({ args }) => void calls.push(args.id) });
  const broken = defineCommand({
    run: () => {
      throw new TensorFaceError("TF_MODEL_NOT_FOUND", "no such model");
    },
  });
  const nested = defineCommand({
    meta: { description: "Two words." },
    subCommands: { greet: () => Promise.resolve(greet), broken },
    formerNames: new Map([["hello", "greet"]]),
  });
  const preset = defineCommand({ meta: { description: "One word is enough." }, default: "greet", subCommands: { greet, broken } });
  const context: DispatchContext = {
    commands: {
      preset: { summary: "with a default", load: () => Promise.resolve(preset) },
      greet: { summary: "say hello", load: () => Promise.resolve(greet) },
      nested: { summary: "two words", load: () => Promise.resolve(nested) },
      bare: { summary: "no operand", load: () => Promise.resolve(bare) },
      one: { summary: "one operand", load: () => Promise.resolve(one) },
    },
    version: "1.2.3",
    print: (text) => out.push(text),
    report: (text) => err.push(text),
  };
  return { context, out, err, calls };
}

describe("dispatch", () => {
  test("runs a command with its flags and operands", async () => {
    const { context, calls } = recorded();
    expect(await dispatch(["greet", "a", "--name=Ada", "--loud", "-", "b"], context)).toBeUndefined();
    expect(calls).toEqual([{ name: "Ada", loud: true, mode: undefined, rest: ["a", "-", "b"] }]);
  });

  test("follows two words", async () => {
    const { context, calls } = recorded();
    expect(await dispatch(["nested", "greet", "-n", "Ada"], context)).toBeUndefined();
    expect(calls).toEqual([expect.objectContaining({ name: "Ada", rest: [] })]);
  });

  test("a group with a default needs one word only", async () => {
    const { context, calls } = recorded();
    expect(await dispatch(["preset", "--name", "Ada"], context)).toBeUndefined();
    expect(await dispatch(["preset"], context)).toBeUndefined();
    expect(calls).toMatchObject([{ name: "Ada" }, { name: undefined }]);
    expect(await dispatch(["preset", "gret"], context)).toBe(2);
  });

  test("a name that a command had is understood", async () => {
    const out: string[] = [];
    const context = { commands, version: "0", print: (text: string) => out.push(text), report: () => {} };
    for (const name of ["doubt", "score"]) expect(await dispatch(["dataset", name, "--help"], context)).toBe(0);
    expect(out[0]).toContain("Usage: tensorface dataset doubt DIR");
    expect(out[1]).toBe(out[0]);
  });

  test.each([
    [["grete"], 'unknown command "grete"', "tensorface greet"],
    [["photo.jpg"], '"photo.jpg" is not a command', "tensorface analyze photo.jpg"],
    [["greet", "--nmae", "Ada"], 'unknown option "--nmae"', "--name"],
    [["greet", "--name"], "--name needs a value", ""],
    [["greet", "--name", "--loud"], "--name needs a value", ""],
    [["greet", "--mode", "cold"], "Expected one of: plain, warm", ""],
    [["nested", "gret"], 'unknown command "nested gret"', "tensorface nested greet"],
    [["nested"], "needs one more word", "greet, broken"],
    [["bare", "--loud", "9000"], '"tensorface bare" takes no operand, and was given "9000"', ""],
    [["bare", "--", "--loud"], 'takes no operand, and was given "--loud"', ""],
    [["one", "a", "b"], '"tensorface one" takes one operand, and "b" is one more', ""],
    [["nested", "constructor"], 'unknown command "nested constructor"', "greet, broken"],
    [["--nonsense"], 'unknown option "--nonsense"', ""],
  ])("%j is wrong use: exit 2, with what to do", async (argv, message, hint) => {
    const { context, err, calls, out } = recorded();
    expect(await dispatch(argv, context)).toBe(2);
    expect(err.join("")).toContain(message);
    expect(err.join("")).toContain(hint);
    expect(out).toEqual([]);
    expect(calls).toEqual([]);
  });

  test("as many operands as a command takes are let in", async () => {
    const { context, calls } = recorded();
    for (const argv of [["bare"], ["bare", "--loud"], ["one"], ["one", "a"]]) expect(await dispatch(argv, context)).toBeUndefined();
    expect(calls).toEqual([[], [], undefined, "a"]);
  });

  test("what stands after -- is an operand", async () => {
    const { context, calls } = recorded();
    await dispatch(["greet", "--", "--help"], context);
    expect(calls).toEqual([expect.objectContaining({ rest: ["--help"] })]);
  });

  test("a coded error prints code and hint: exit 1", async () => {
    const { context, err } = recorded();
    expect(await dispatch(["nested", "broken"], context)).toBe(1);
    expect(err.join("")).toBe(
      "tensorface: no such model\n  `tensorface models list` shows the models that are installed. [TF_MODEL_NOT_FOUND]\n",
    );
  });

  test("a native part that does not run on this system is no bug of ours, and what it takes is said", () => {
    const said: string[] = [];
    const thrown = Object.assign(new Error("Cannot find module '../bin/napi-v6/darwin/x64/onnxruntime_binding.node'"), {
      code: "MODULE_NOT_FOUND",
    });
    expect(fail(thrown, { report: (text) => void said.push(text) })).toBe(1);
    expect(said.join("")).toMatch(
      /^tensorface: onnxruntime-node does not run on this system, .*\n {2}Install .*Alpine.*\[TF_SYSTEM_UNSUPPORTED\]\n$/,
    );
  });

  test.each([["--version"], ["-v"]])("%s prints the version", async (flag) => {
    const { context, out } = recorded();
    expect(await dispatch([flag], context)).toBe(0);
    expect(out).toEqual(["1.2.3\n"]);
  });

  test("without a word it shows the help on stderr: exit 2", async () => {
    const { context, out, err } = recorded();
    expect(await dispatch([], context)).toBe(2);
    expect(out).toEqual([]);
    expect(err.join("")).toContain("Usage: tensorface COMMAND");
  });

  test.each([[["greet", "--help"]], [["greet", "x", "-h"]], [["help", "greet"]], [["nested", "greet", "--help"]]])(
    "%j is a help page",
    async (argv) => {
      const { context, out } = recorded();
      expect(await dispatch(argv, context)).toBe(0);
      expect(out.join("")).toContain("whom to greet");
    },
  );

  test("the overview loads no command", async () => {
    const load = vi.fn<() => never>();
    const { context, out } = recorded();
    expect(await dispatch(["--help"], { ...context, commands: { a: { summary: "first", load } } })).toBe(0);
    expect(out.join("")).toContain("a  first");
    expect(load).not.toHaveBeenCalled();
  });
});

describe("help pages", () => {
  const page = async (...argv: string[]): Promise<string> => {
    const out: string[] = [];
    await dispatch(argv, { commands, version: "0.0.0", print: (text) => out.push(text), report: () => {} });
    return out.join("");
  };

  test("the overview", async () => {
    expect(await page("--help")).toMatchSnapshot();
  });

  test("a flag may make another command, with options of its own", async () => {
    const plain = await page("retrain", "--help");
    const classic = await page("retrain", "--classic", "--help");
    expect(plain).not.toContain("--how_many_training_steps");
    expect(classic).toContain("Usage: tensorface retrain --classic [DIR] [options]");
    expect(classic).toContain("  --how_many_training_steps N");
  });

  test("a flag that makes another command is guessed, and told of where its options are given without it", async () => {
    const said: string[] = [];
    const context = { commands, version: "", print: () => {}, report: (text: string) => void said.push(text) };
    for (const flag of ["--clasic", "--image_dir"]) expect(await dispatch(["retrain", flag, "photos"], context)).toBe(2);
    expect(said).toEqual([
      expect.stringContaining("Did you mean --classic?"),
      expect.stringContaining("With --classic the command has other"),
    ]);
  });

  test("keep to a narrow terminal, but for lines to copy", async () => {
    const out: string[] = [];
    const context = { commands, version: "", width: 80, print: (text: string) => void out.push(text), report: () => {} };
    for (const name of ["analyze", "evaluate", "retrain"]) await dispatch([name, "--help"], context);
    const isCommand = /^ {2}(tensorface|curl) |^Usage: |^ {2}--format adience/;
    expect(
      out
        .join("")
        .split("\n")
        .filter((line) => line.length > 80 && !isCommand.test(line)),
    ).toEqual([]);
  });

  test("every option of every command says what it does, and every command too", async () => {
    const silent: string[] = [];
    let options = 0;
    const examine = async (name: string, command: Command): Promise<void> => {
      for (const row of (await renderUsage(name, command)).split(/\n(?= {2}-)/).slice(1)) {
        options++;
        const text = row.replace(/^ {2}-\S[^\n]*?(?: {2,}|\n +)/, "").replace(/\(default: .*/s, "");
        if (!/[a-z]{2,}\S* \S/i.test(text)) silent.push(`${name}: ${row.split("\n")[0]!.trim()}`);
      }
      const inner = Object.entries(await resolvedSubCommands(command));
      const variants = await Promise.all(Object.entries(command.variants ?? {}).map(async ([flag, load]) => [flag, await load()] as const));
      for (const [word, sub] of [...inner, ...variants]) {
        if (((await resolved(sub.meta))?.description ?? "") === "") silent.push(`${name} ${word}`);
        await examine(`${name} ${word}`, sub);
      }
    };
    for (const [name, { load }] of Object.entries(commands)) await examine(name, await load());
    expect(silent).toEqual([]);
    expect(options).toBeGreaterThan(100);
  });

  test.each(Object.keys(commands))("%s --help", async (name) => {
    const text = await page(name, "--help");
    expect(text).toMatchSnapshot();
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  });
});

describe("flags", () => {
  test("numbers keep to their range", () => {
    expect(numberFlag("n", "12", { min: 1, whole: true })).toBe(12);
    expect(numberFlag("n", undefined, { min: 1 })).toBeUndefined();
    for (const text of ["0", "1.5", "x", "", " ", "1e999", "NaN"]) {
      expect(() => numberFlag("n", text, { min: 1, whole: true })).toThrow(expect.objectContaining({ code: "TF_INVALID_ARGUMENT" }));
    }
  });

  test("lists hold known words only", () => {
    expect(listFlag("tasks", "age, mood", ["age", "gender", "mood"])).toEqual(["age", "mood"]);
    expect(listFlag("tasks", "age,mood,age", ["age", "mood"])).toEqual(["age", "mood"]);
    expect(() => listFlag("tasks", "age,,mood", ["age", "mood"])).toThrow("--tasks expects");
    expect(() => listFlag("tasks", "Age", ["age", "mood"])).toThrow('got "Age"');
  });
});

describe("progress", () => {
  test("tells done, total, rate and the time left", () => {
    expect(describeProgress({ stage: "analyze", done: 30, total: 90 }, 10, "31 faces")).toBe(
      "analyze: 30 of 90, 3.0 a second, 20 s left, 31 faces",
    );
    expect(describeProgress({ stage: "epoch 1", done: 1 }, 10)).toBe("epoch 1: 1, 6.0 a minute");
    expect(describeProgress({ stage: "analyze", done: 0, total: 9 }, 0)).toBe("analyze: 0 of 9");
  });

  test.each([
    [0, "0.0 s"],
    [9.94, "9.9 s"],
    [59.4, "59 s"],
    [185, "3 min 05 s"],
    [7800, "2 h 10 min"],
  ])("%f seconds read %s", (seconds, text) => {
    expect(describeDuration(seconds)).toBe(text);
  });

  test("draws at most ten times a second, fits the line and goes away", () => {
    const written: string[] = [];
    let time = 0;
    const line = createProgressLine({ write: (text) => written.push(text), now: () => time, width: 20 });
    for (let done = 1; done <= 50; done++) {
      time += 10;
      line.update({ stage: "analyze", done, total: 100 });
    }
    expect(written).toHaveLength(5);
    for (const text of written) expect(text.replace("\r\u001B[2K", "").length).toBeLessThan(20);
    line.clear();
    line.clear();
    expect(written.at(-1)).toBe("\r\u001B[2K");
    expect(written).toHaveLength(6);
  });
});
