import { afterEach, describe, expect, test, vi } from "vitest";
import { TensorFaceError, throwIfAborted } from "../core/index.ts";
import { exitCodes } from "./command.ts";
import { fail } from "./dispatch.ts";
import { listenForInterrupt } from "./interrupt.ts";

/** What stands on stderr when Ctrl-C ends work, and the exit code. */
function pressCtrlC(sentence?: string): { readonly said: string; readonly code: number } {
  let said = "";
  const report = (text: string): void => void (said += text);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    report(String(text));
    return true;
  });
  using interrupt = listenForInterrupt(() => {}, sentence);
  process.emit("SIGINT");
  try {
    throwIfAborted(AbortSignal.any([interrupt.stopping]));
    return { said, code: 0 };
  } catch (error) {
    const code = fail(error, { report });
    return { said, code };
  }
}

function refuse(text: string): never {
  throw new Error(`said: ${text}`);
}

describe("work that Ctrl-C ends", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  test("says what becomes of it, once", () => {
    expect(pressCtrlC("stopping: nothing is written")).toEqual({ said: "stopping: nothing is written\n", code: exitCodes.interrupted });
  });

  test("says nothing more at the second, which ends it at once", () => {
    const said = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
    using interrupt = listenForInterrupt(() => {}, "stopping");
    for (let times = 0; times < 2; times++) process.emit("SIGINT");
    expect(() => throwIfAborted(interrupt.now)).toThrow("aborted");
    expect(fail(new TensorFaceError("TF_ABORTED", "x", { cause: interrupt.now.reason }), { report: refuse })).toBe(exitCodes.interrupted);
    expect(said.mock.calls).toEqual([["stopping\n"]]);
  });

  test("is told of by its error where nothing else says it", () => {
    const { said, code } = pressCtrlC();
    expect([said.split("\n").length, code]).toEqual([3, exitCodes.interrupted]);
    expect(said).toMatch(/^tensorface: the work was aborted\n.*\[TF_ABORTED\]\n$/);
  });
});
