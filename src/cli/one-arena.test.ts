import { describe, expect, test, vi } from "vitest";
import { restartWithOneArena } from "./one-arena.ts";

const host = {
  platform: "linux" as const,
  env: { HOME: "/home/somebody" },
  execPath: "/usr/bin/node",
  execArgv: ["--no-warnings"],
  argv: ["/usr/bin/node", "/app/cli.js", "serve", "--port", "0"],
};

describe("a process that begins again with one malloc arena", () => {
  test("keeps its words and its environment", () => {
    const execve = vi.fn<NodeJS.Process["execve"] & object>();
    restartWithOneArena({ ...host, execve });
    expect(execve).toHaveBeenCalledExactlyOnceWith(
      "/usr/bin/node",
      ["/usr/bin/node", "--no-warnings", "/app/cli.js", "serve", "--port", "0"],
      { HOME: "/home/somebody", MALLOC_ARENA_MAX: "1" },
    );
  });

  test.each([
    ["somebody made the setting", { env: { MALLOC_ARENA_MAX: "4" } }],
    ["the system has another malloc", { platform: "darwin" as const }],
  ])("does not where %s", (_, difference) => {
    const execve = vi.fn<NodeJS.Process["execve"] & object>();
    restartWithOneArena({ ...host, ...difference, execve });
    expect(execve).not.toHaveBeenCalled();
  });

  test("goes on where it may not", () => {
    const execve = vi.fn<NodeJS.Process["execve"] & object>(() => {
      throw new Error("Access to this API has been restricted");
    });
    expect(() => restartWithOneArena({ ...host, execve })).not.toThrow();
    expect(() => restartWithOneArena({ ...host, execve: undefined })).not.toThrow();
  });
});
