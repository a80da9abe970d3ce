import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AnalyzerSettings, PageService } from "../shared/protocol.ts";
import type { OwnModelFile } from "../shared/questions.ts";
import type { FollowAsk } from "../shared/film-questions.ts";
import { serve } from "../../../src/bridge/index.ts";
import { workerLine } from "../../../src/bridge/worker.browser.ts";

/** What the page keeps and asks, with a worker that only writes down what it is told. */

interface Told {
  readonly settings: AnalyzerSettings[];
  readonly films: FollowAsk[];
}
let told: Told;
let kept: Map<string, Response>;

/** Both ends in one thread; messages arrive a turn later, as they do between threads. */
class StubWorker extends EventTarget {
  readonly #inside = new EventTarget();
  #isEnded = false;
  constructor() {
    super();
    const line = workerLine({
      postMessage: (data: unknown) => this.#deliver(this, data),
      addEventListener: (type: string, listener: EventListener) => this.#inside.addEventListener(type, listener),
    } as unknown as Parameters<typeof workerLine>[0]);
    const empty = { schema: "tensorface.analysis/1", width: 1, height: 1, faces: [], timings: {} } as const;
    const silent = (): Promise<never> => new Promise(() => undefined);
    serve<Pick<PageService, "configure" | "analyze" | "load" | "watch" | "remember" | "followFilm">>(line, {
      configure: ({ settings }) => void told.settings.push(settings),
      analyze: ({ source }) => ({ ...empty, source }) as unknown as Awaited<ReturnType<PageService["analyze"]>>,
      load: () => undefined,
      remember: () => undefined,
      watch: silent,
      followFilm: (ask) => {
        told.films.push(ask);
        return { isWhole: true, frames: 1, every: 1, attributes: undefined };
      },
    });
  }
  postMessage(data: unknown): void {
    this.#deliver(this.#inside, data);
  }
  terminate(): void {
    this.#isEnded = true;
  }
  #deliver(target: EventTarget, data: unknown): void {
    setTimeout(() => this.#isEnded || target.dispatchEvent(new MessageEvent("message", { data })));
  }
}

beforeEach(() => {
  told = { settings: [], films: [] };
  kept = new Map();
  const cache = {
    put: async (key: string, response: Response) => void kept.set(key, response),
    delete: async (key: string) => kept.delete(key),
  };
  vi.resetModules();
  vi.stubGlobal("Worker", StubWorker);
  vi.stubGlobal("ImageBitmap", function ImageBitmap() {});
  vi.stubGlobal("document", { baseURI: "http://page.test/" });
  vi.stubGlobal("caches", { open: async () => cache, has: async () => true });
  vi.stubGlobal("fetch", async () => Response.json({ models: [] }));
});
afterEach(() => vi.unstubAllGlobals());

test("what was set while the server analysed holds on the device again", async () => {
  const state = await import("./state.ts");
  state.getAnalyzer();
  await state.useServer();
  state.changeSettings({ minFaceSize: 100 });
  state.useDevice();
  await vi.waitFor(() => expect(told.settings.at(-1)).toMatchObject({ minFaceSize: 100 }));
});

const model = (content: string): OwnModelFile => ({
  id: "glasses",
  title: "glasses",
  tasks: [{ name: "glasses", kind: "classes", labels: ["glasses", "none"] }],
  sees: "face",
  file: new Blob([content]),
});

test("a model that takes the place of a kept one is kept in its place, and forgotten with it", async () => {
  const { ownModels } = await import("./state.ts");
  const { addOwnModel, keepOwnModel, removeOwnModel } = await import("./own-models.ts");
  addOwnModel(model("old"));
  await keepOwnModel(ownModels.value[0]!, true);
  addOwnModel(model("new"));
  await vi.waitFor(async () => expect(await [...kept.values()][0]?.clone().text()).toBe("new"));
  expect(ownModels.value.map(({ id, isKept }) => [id, isKept])).toEqual([["glasses", true]]);
  await removeOwnModel(ownModels.value[0]!);
  expect(kept.size).toBe(0);
});

test("a worker that was started anew goes through the film again, whatever tab is open", async () => {
  const state = await import("./state.ts");
  const { film, openFilm } = await import("./film/state.ts");
  await openFilm(new File(["film"], "walk.mp4"));
  expect([film.value?.stage, told.films.length]).toEqual(["whole", 1]);
  state.restartAnalyzer();
  await vi.waitFor(() => expect(told.films.length).toBe(2));
  await vi.waitFor(() => expect(film.value?.stage).toBe("whole"));
});
