import { afterEach, describe, expect, test } from "vitest";
import type { NodeAnalyzerOptions } from "../../analyze/options.ts";
import { TensorFaceError } from "../../core/index.ts";
import type { ServerParts } from "../../server/index.ts";
import { dispatch } from "../dispatch.ts";
import { createServeCommand } from "./serve.ts";

afterEach(() => {
  process.exitCode = undefined;
});

/** What the server would need if it answered; here it only comes as far as listening. */
const parts: ServerParts = {
  analyzer: {
    models: [],
    manifests: [],
    tasks: [],
    device: "cpu",
    analyze: () => Promise.reject(new Error("nobody asks")),
    analyzeAll: () => {
      throw new Error("nobody asks");
    },
    dispose: async () => {},
    [Symbol.asyncDispose]: async () => {},
  },
  annotate: () => Promise.reject(new Error("nobody asks")),
  manifests: [],
  version: "1.2.3",
};

/** @param err gets what is said, as it is said */
async function serve(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  loadParts: (options: NodeAnalyzerOptions) => Promise<ServerParts> = async () => parts,
  err: string[] = [],
): Promise<string> {
  const write = (text: string): boolean => err.push(text) > 0;
  const stream = Object.assign(Object.create(process.stderr), { write });
  const command = createServeCommand(async () => ({
    loadParts,
    webRoot: "/not/built",
    modelRoot: "",
    stdout: stream,
    stderr: stream,
    environment,
  }));
  await dispatch(["serve", "--port", "0", ...words], {
    commands: { serve: { summary: "", load: async () => command } },
    version: "",
    print: () => {},
    report: (text) => err.push(text),
  });
  return err.join("");
}

async function serveUntilItListens(words: readonly string[]): Promise<string> {
  const said: string[] = [];
  const serving = serve(words, {}, undefined, said);
  await expect.poll(() => said.join("")).toContain("listens at http");
  process.emit("SIGTERM");
  return serving;
}

describe("tensorface serve", () => {
  test.each([
    ["none", [], {}],
    ["an empty one from the environment", [], { TENSORFACE_TOKEN: "" }],
    ["a blank one from the environment", [], { TENSORFACE_TOKEN: " \n" }],
    ["an empty flag", ["--token", ""], {}],
    ["an empty flag and an empty one from the environment", ["--token", ""], { TENSORFACE_TOKEN: "" }],
  ])("does not listen for other machines without a token: %s", async (_name, words, environment) => {
    expect(await serve(["--host", "0.0.0.0", ...words], environment)).toContain("no token is set");
  });

  test.each([
    [[], { maxPixels: undefined, maxBytes: undefined }],
    [["--max-megabytes", "200", "--max-megapixels", "1.5"], { maxPixels: 1_500_000, maxBytes: 200_000_000 }],
  ])("a picture may be as large as a request: %j", async (words, limits) => {
    let asked: NodeAnalyzerOptions | undefined;
    await serve(words, {}, (options) => {
      asked = options;
      return Promise.reject(new TensorFaceError("TF_MODEL_NOT_FOUND", "that is all"));
    });
    expect(asked?.limits).toEqual(limits);
  });

  test("says when there is no page, and how to have it", async () => {
    const said = await serveUntilItListens([]);
    expect(said).toMatch(/the page is not built \(nothing is at \/not\/built\).*npm run build:web/);
    expect(said).toContain("The API listens at http://127.0.0.1:");
  });

  test("says nothing of a page that nobody wants", async () => {
    expect(await serveUntilItListens(["--no-page"])).not.toContain("page");
  });

  test.each([["--max-video-seconds"], ["--max-video-megabytes"]])("%s is not taken where films are not", async (flag) => {
    expect(await serve([flag, "5"], {})).toContain(`${flag} does nothing without --video`);
  });

  test("says how many threads help", async () => {
    let asked: NodeAnalyzerOptions | undefined;
    const loadParts = (options: NodeAnalyzerOptions): Promise<ServerParts> => {
      asked = options;
      return Promise.reject(new TensorFaceError("TF_MODEL_NOT_FOUND", "that is all"));
    };
    await serve(["--workers", "0"], {}, loadParts);
    expect(asked?.workers).toBe(0);
    expect(await serve(["--workers", "-1"], {}, loadParts)).toContain("--workers");
  });
});
