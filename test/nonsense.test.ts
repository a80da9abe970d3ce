import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as browser from "../src/_entries/browser.ts";
import * as datasets from "../src/_entries/datasets.ts";
import * as evaluate from "../src/_entries/evaluate.ts";
import * as node from "../src/_entries/node.ts";
import * as notebook from "../src/_entries/notebook.ts";
import * as server from "../src/_entries/server.ts";
import * as train from "../src/_entries/train.ts";
import * as video from "../src/_entries/video.ts";
import { filledImage } from "../src/image/index.ts";

/**
 * Every public function, called with what callers without types give by mistake. Some take it; the others say by an error of ours what they
 * expected, and none ends in "Cannot read properties of undefined".
 */

const nonsense: readonly (readonly [string, readonly unknown[]])[] = [
  ["nothing", []],
  ["null", [null]],
  ["an object", [{}]],
  ["a number", [42]],
  ["a list", [[]]],
  ["null after a text", ["no-such-file", null]],
  ["null everywhere", [null, null, null, null]],
  ["numbers everywhere", [42, 42, 42, 42]],
];

/** Whoever throws an error has its code; overlaps are computed in loops that a check would slow down; `exampleData` draws many pictures of nothing. */
const unchecked: ReadonlySet<string> = new Set(["TensorFaceError", "intersectionOverUnion", "exampleData"]);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/tensorface-nonsense-`);
  vi.spyOn(process, "cwd").mockReturnValue(folder);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** What is wrong with a call: nothing where it is taken or refused by an error of ours. */
async function complaint(call: () => unknown): Promise<string | undefined> {
  try {
    const answer = await call();
    // A generator does nothing before it is asked.
    if (typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer)
      await (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
    await (answer as Partial<AsyncDisposable> | undefined)?.[Symbol.asyncDispose]?.();
    return undefined;
  } catch (error) {
    if (error instanceof node.TensorFaceError) return undefined;
    return String(error);
  }
}

describe.each(Object.entries({ node, datasets, train, evaluate, server, video, notebook }))("tensorface/%s", (_, entry) => {
  const functions = Object.entries(entry).filter(([name, value]) => typeof value === "function" && !unchecked.has(name));
  test.each(functions)("%s", async (__, call) => {
    const complaints: Record<string, string> = {};
    for (const [what, values] of nonsense) {
      const said = await complaint(() => Reflect.apply(call as () => unknown, undefined, values));
      if (said !== undefined) complaints[what] = said;
    }
    expect(complaints).toEqual({});
  });
});

const image = filledImage(8, 8, [9, 9, 9]);
const analyzer = { analyze: () => ({ faces: [] }) };

/** What is called with options, and what stands before them. */
const beforeOptions: Readonly<Record<string, readonly unknown[]>> = {
  createAnalyzer: [],
  annotateFaces: [image, []],
  blurFaces: [image, []],
  cropFaces: [image, []],
  decode: [image],
  encode: [image],
  fetchModels: ["https://example.org/models/"],
  importDataset: ["folder", "pictures", "data"],
  exportDataset: [{ records: () => [] }, "csv", "out"],
  evaluateTasks: [[]],
  evaluateModels: [[], {}, {}],
  renderHtml: [{}],
  retrain: ["pictures"],
  retrainClassic: ["pictures"],
  trainNetwork: [],
  residualNetwork: [],
  mobileNetwork: [],
  faceTrunk: [],
  conv: [8],
  convBlock: [8, "relu"],
  batchNorm: [],
  dense: [8],
  residual: [[]],
  maxPool: [],
  averagePool: [],
  createServerParts: [],
  tensorface: [{ register: () => {} }],
  analyzeVideo: ["film.mp4", analyzer],
  annotateVideo: ["film.mp4", "out.mp4", analyzer],
  blurFile: ["film.mp4", "out.mp4", analyzer],
  exampleData: [],
  faceGrid: [image, []],
  picture: [image],
  pictures: [[]],
  table: [[]],
};

/** What has none; a specification of Vega-Lite is checked by Vega-Lite, a configuration by its schema, and an error must be made in any case. */
const withoutOptions: ReadonlySet<string> = new Set([
  "TensorFaceError",
  "activation",
  "chart",
  "defineTraining",
  "dropout",
  "flatten",
  "globalPool",
  "intersectionOverUnion",
  "isDataset",
  "isTensorFaceError",
  "openDataset",
  "parseTrainingConfig",
  "renderMarkdown",
  "renderTerminal",
  "show",
  "showLive",
  "showProgress",
  "squeezeExcite",
]);

/** What a call says of its options. */
async function answerTo(call: unknown, values: readonly unknown[]): Promise<string> {
  try {
    const answer: unknown = await Reflect.apply(call as () => unknown, undefined, values);
    if (typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer)
      await (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
    return "taken";
  } catch (error) {
    return error instanceof node.TensorFaceError ? `${error.code}: ${error.message}` : String(error);
  }
}

describe.each(Object.entries({ node, browser, datasets, train, evaluate, server, video, notebook }))(
  "a misspelt option in tensorface/%s",
  (_, entry: Readonly<Record<string, unknown>>) => {
    const functions = Object.keys(entry).filter((name) => typeof entry[name] === "function");

    test("every function is known here, with options or without", () => {
      expect(functions.filter((name) => !Object.hasOwn(beforeOptions, name) && !withoutOptions.has(name))).toEqual([]);
    });

    const asked = functions.filter((name) => Object.hasOwn(beforeOptions, name));
    test.each(asked)("is refused by %s", async (name) => {
      const answer = await answerTo(entry[name], [...beforeOptions[name]!, { qqqqqq: 1 }]);
      expect(answer).toMatch(/^TF_INVALID_ARGUMENT: unknown option "qqqqqq": known are \w+/);
      const [first] = /(?<=known are )\w+/.exec(answer)!;
      expect(await answerTo(entry[name], [...beforeOptions[name]!, { [`${first}z`]: 1 }])).toBe(
        `TF_INVALID_ARGUMENT: unknown option "${first}z": did you mean "${first}"?`,
      );
    });
  },
);

test.each<readonly [string, unknown, readonly unknown[]]>([
  ["limits.maxPixel", node.createAnalyzer, [{ limits: { maxPixel: 3 } }]],
  ["stem.channel", train.residualNetwork, [{ heads: {}, stem: { channel: 3 } }]],
  ["stem.channel", train.mobileNetwork, [{ heads: {}, stages: [], stem: { channel: 3, stride: 2 } }]],
  ["tasks.label", datasets.importDataset, ["folder", "pictures", "data", { tasks: [{ name: "hat", label: ["a", "b"] }] }]],
  ["video.maxSecond", server.tensorface, [{ register: () => {} }, { parts: { analyzer }, video: { maxSecond: 3 } }]],
])("and so is %s", async (name, call, values) => {
  expect(await answerTo(call, values)).toMatch(`TF_INVALID_ARGUMENT: unknown option "${name}": did you mean "${name.split(".")[1]!}s"?`);
});

test("of options that are undefined any name is taken: they ask for nothing", async () => {
  expect(await answerTo(node.encode, [image, { qqqqqq: undefined, quality: undefined }])).toBe("taken");
});
