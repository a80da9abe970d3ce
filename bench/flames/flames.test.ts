import { describe, expect, test } from "vitest";
import { drawFlames } from "./draw.ts";
import { type Frame, readProfile } from "./tree.ts";

const call = (id: number, functionName: string, url: string, children: readonly number[] = []) => ({
  id,
  callFrame: { functionName, url },
  children: [...children],
});

/** Milliseconds of each node, as the profiler tells them. */
function profile(nodes: readonly ReturnType<typeof call>[], milliseconds: Readonly<Record<number, number>>) {
  const times = Object.entries(milliseconds);
  return {
    nodes: [...nodes],
    samples: times.map(([id]) => Number(id)),
    timeDeltas: times.map(([, time]) => time * 1000),
  };
}

const own = "file:///clone/dist/warp-Ab_12-c9.js";
const names = (frame: Frame): unknown[] => [frame.name, frame.milliseconds, ...frame.children.map(names)];

describe("a profile as frames", () => {
  test("Node's functions are their callers', what calls itself is one, and waiting is nobody's", () => {
    const nodes = [
      call(1, "(root)", "", [2, 6, 7]),
      call(2, "cut", own, [3]),
      call(3, "forEach", "node:internal/util", [4]),
      call(4, "cut", own, [5]),
      call(5, "", own),
      call(6, "(idle)", ""),
      call(7, "run", "file:///clone/node_modules/onnxruntime-node/dist/backend.js"),
    ];
    const frame = readProfile(profile(nodes, { 2: 1, 3: 2, 4: 4, 5: 8, 6: 100, 7: 16 }));
    expect(names(frame)).toEqual(["the thread", 31, ["the engine", 16], ["cut · warp", 15, ["(a function) · warp", 8]]]);
    expect(frame.children.map(({ owner }) => owner)).toEqual(["engine", "own"]);
  });

  test("a function may have any name", () => {
    const nodes = [call(1, "(root)", "", [2]), call(2, "constructor", own)];
    expect(names(readProfile(profile(nodes, { 2: 5 })))).toEqual(["the thread", 5, ["constructor · warp", 5]]);
  });

  test("what the benchmark itself takes is left out, and what it calls is not", () => {
    const nodes = [call(1, "(root)", "", [2]), call(2, "look", "file:///clone/bench/flames.ts", [3]), call(3, "cut", own)];
    expect(names(readProfile(profile(nodes, { 2: 5, 3: 4 })))).toEqual(["the thread", 4, ["cut · warp", 4]]);
  });
});

describe("a drawing", () => {
  const leaf = (name: string, milliseconds: number): Frame => ({ name, owner: "own", milliseconds, children: [] });

  test("is as high as the time, and names a chain by its ends", () => {
    const chain: Frame = { ...leaf("lend · pool", 30), children: [leaf("fill · warp", 29)] };
    const svg = drawFlames("A <row>", { name: "the thread", owner: "other", milliseconds: 40, children: [chain, leaf("a", 10)] });
    expect(svg).toContain("A &lt;row&gt;");
    expect(svg).toContain("<title>lend … fill 75.0 %</title>");
    expect(svg).toContain('height="539.5"');
  });

  test("leaves out what cannot be seen", () => {
    const svg = drawFlames("row", { name: "the thread", owner: "other", milliseconds: 10_000, children: [leaf("speck", 1)] });
    expect(svg).not.toContain("speck");
  });
});
