import { afterEach, describe, expect, test, vi } from "vitest";
import { throwIfAborted } from "../core/index.ts";
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

describe("work that Ctrl-C ends", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  test("says what becomes of it, once", () => {
    expect(pressCtrlC("stopping: nothing is written")).toEqual({ said: "stopping: nothing is written\n", code: exitCodes.interrupted });
  });

  test("is told of by its error where nothing else says it", () => {
    const { said, code } = pressCtrlC();
    expect([said.split("\n").length, code]).toEqual([3, exitCodes.interrupted]);
    expect(said).toMatch(/^tensorface: the work was aborted\n.*\[TF_ABORTED\]\n$/);
  });
});
