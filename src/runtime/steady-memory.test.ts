import { describe, expect, test, vi } from "vitest";
import { restartWithSteadyMemory } from "./steady-memory.node.ts";

const host = {
  env: { HOME: "/home/somebody" },
  execPath: "/usr/bin/node",
  execArgv: ["--no-warnings"],
  argv: ["/usr/bin/node", "/app/cli.js", "serve", "--port", "0"],
};
const fakeExecve = () => vi.fn<NonNullable<NodeJS.Process["execve"]>>();

describe("a process that begins again with steady memory", () => {
  test("keeps its words and its environment", () => {
    const execve = fakeExecve();
    restartWithSteadyMemory({ ...host, execve });
    expect(execve).toHaveBeenCalledExactlyOnceWith(
      "/usr/bin/node",
      ["/usr/bin/node", "--no-warnings", "--max-semi-space-size=16", "/app/cli.js", "serve", "--port", "0"],
      { HOME: "/home/somebody", MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "524288" },
    );
  });

  test("leaves somebody's own settings of malloc alone", () => {
    const execve = fakeExecve();
    restartWithSteadyMemory({ ...host, env: { MALLOC_ARENA_MAX: "4" }, execve });
    expect(execve.mock.calls[0]?.[2]).toEqual({ MALLOC_ARENA_MAX: "4", MALLOC_MMAP_THRESHOLD_: "524288" });
  });

  test.each([
    ["it has begun again", { execArgv: ["--max-semi-space-size=16"] }],
    ["somebody has set the limit", { env: { NODE_OPTIONS: "--no-warnings --max-semi-space-size=64" } }],
  ])("does nothing where %s", (_, difference) => {
    const execve = fakeExecve();
    restartWithSteadyMemory({ ...host, ...difference, execve });
    expect(execve).not.toHaveBeenCalled();
  });

  test("goes on where it may not or cannot", () => {
    const execve = fakeExecve().mockImplementation(() => {
      throw new Error("Access to this API has been restricted");
    });
    expect(() => restartWithSteadyMemory({ ...host, execve })).not.toThrow();
    expect(execve).toHaveBeenCalledOnce();
    expect(() => restartWithSteadyMemory({ ...host, execve: undefined })).not.toThrow();
  });
});
