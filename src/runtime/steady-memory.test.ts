import { execFileSync } from "node:child_process";
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

describe("a young generation that stays as it is", () => {
  // What outlives one collection and then dies, 50 MB of it.
  const program = (begin: string): string => `
    import { getHeapSpaceStatistics } from "node:v8";
    import { keepHeapSteady } from ${JSON.stringify(new URL("steady-memory.node.ts", import.meta.url).href)};
    ${begin}
    // Its second half is there from the first collection on.
    for (let index = 0; index < 5000; index++) new Array(125).fill({ index });
    const before = youngBytes();
    const kept = [];
    for (let index = 0; index < 50_000; index++) kept[index % 1000] = new Array(125).fill({ index });
    console.log(youngBytes() / before);
    function youngBytes() { return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size; }`;
  const growth = (begin: string): number =>
    Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program(begin)], { encoding: "utf8" }));

  test("does not grow", () => {
    expect(growth("")).toBeGreaterThan(1);
    expect(growth("keepHeapSteady();")).toBeLessThanOrEqual(1);
  });
});
