import { afterEach, expect, test, vi } from "vitest";
import { connect } from "../../../src/bridge/index.ts";
import { workerLine } from "../../../src/bridge/worker.browser.ts";
import type { AnalyzerProgress, PageService } from "../shared/protocol.ts";

/** The worker in the test's own thread, with analyzers that are loaded when the test says so. */

const { loading } = vi.hoisted(() => ({ loading: [] as ((models: readonly string[]) => void)[] }));
vi.mock("tensorface/browser", async () => ({
  ...(await import("../../../src/core/index.ts")),
  createAnalyzer: async () =>
    new Promise((resolve) => {
      loading.push((models) => resolve({ device: "wasm", models, dispose: async () => undefined }));
    }),
}));
afterEach(() => vi.unstubAllGlobals());

/** One end of the line: what is posted arrives at the other a turn later. */
function endOf(own: EventTarget, other: EventTarget): Parameters<typeof workerLine>[0] {
  return {
    postMessage: (data) => void setTimeout(() => other.dispatchEvent(new MessageEvent("message", { data }))),
    addEventListener: (type, listener) => own.addEventListener(type, (event) => listener(event as MessageEvent)),
  };
}

async function startWorker() {
  vi.resetModules();
  loading.length = 0;
  const [inside, outside] = [new EventTarget(), new EventTarget()];
  vi.stubGlobal("self", endOf(inside, outside));
  const { ask } = connect<PageService>(workerLine(endOf(outside, inside)));
  await import("./analyzer.worker.ts");
  const news: AnalyzerProgress[] = [];
  void ask("watch", undefined, { onNews: (progress) => void news.push(progress) });
  const configure = async (minFaceSize: number): Promise<void> =>
    ask("configure", { settings: { tasks: ["age"], models: [], minFaceSize }, modelRoot: "http://page.test/models/" });
  await configure(20);
  return { ask, news, configure };
}

test("an analyzer in whose place another has begun does not say that it is ready", async () => {
  const { ask, news, configure } = await startWorker();
  const first = ask("load", "photo");
  await expect.poll(() => loading).toHaveLength(1);
  await configure(100);
  const second = ask("load", "photo");
  await expect.poll(() => loading).toHaveLength(2);

  loading[0]!(["age of before"]);
  await first;
  expect(news.filter(({ kind }) => kind === "ready")).toEqual([]);
  loading[1]!(["age"]);
  await second;
  expect(news.at(-1)).toEqual({ kind: "ready", device: "wasm", models: ["age"] });
});

test("nor does one that nobody asks for any more: nothing is loaded until the next picture", async () => {
  const { ask, news, configure } = await startWorker();
  const first = ask("load", "photo");
  await expect.poll(() => loading).toHaveLength(1);
  await configure(100);
  loading[0]!(["age of before"]);
  await first;
  await expect.poll(() => news.map(({ kind }) => kind)).toEqual(["loading", "idle"]);

  const second = ask("load", "photo");
  await expect.poll(() => loading).toHaveLength(2);
  loading[1]!(["age"]);
  await second;
  expect(news.map(({ kind }) => kind)).toEqual(["loading", "idle", "loading", "ready"]);
});

test("one that was ready when the settings changed is none that the page has, until the next picture", async () => {
  const { ask, news, configure } = await startWorker();
  const first = ask("load", "photo");
  await expect.poll(() => loading).toHaveLength(1);
  loading[0]!(["age"]);
  await first;
  await configure(100);
  await expect.poll(() => news.map(({ kind }) => kind)).toEqual(["loading", "ready", "idle"]);
});

test("of several that were ready the last one told of is the one that is missed", async () => {
  const { ask, news, configure } = await startWorker();
  for (const [place, profile] of (["photo", "live"] as const).entries()) {
    const asked = ask("load", profile);
    await expect.poll(() => loading).toHaveLength(place + 1);
    loading[place]!([profile]);
    await asked;
  }
  await configure(100);
  await expect.poll(() => news.map(({ kind }) => kind)).toEqual(["loading", "ready", "loading", "ready", "idle"]);
});
