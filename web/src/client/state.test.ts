import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AnalyzerProgress, AnalyzerSettings, PageAnalysis, PageService, PhotoNews } from "../shared/protocol.ts";
import type { OwnModelFile, SeeAnswer, SeeAsk } from "../shared/questions.ts";
import { TensorFaceError } from "../../../src/core/index.ts";
import type { FollowAnswer, FollowAsk } from "../shared/film-questions.ts";
import { serve } from "../../../src/bridge/index.ts";
import { workerLine } from "../../../src/bridge/worker.browser.ts";

/** What the page keeps and asks, with a worker that only writes down what it is told. */

interface Told {
  readonly settings: AnalyzerSettings[];
  readonly films: FollowAsk[];
  readonly forgotten: number[];
  readonly pictures: string[];
}
let told: Told;
/** What the worker does with pictures, and with what it is to tell of its networks. */
let analyze: PageService["analyze"];
let see: (ask: SeeAsk) => SeeAnswer | Promise<SeeAnswer>;
let follow: PageService["followFilm"];
const followed: FollowAnswer = { isWhole: true, frames: 1, every: 1, attributes: undefined };
let say: ((progress: AnalyzerProgress) => void) | undefined;
const faceless = (source: string): PageAnalysis => ({
  schema: "tensorface.analysis/1",
  source,
  width: 1,
  height: 1,
  faces: [],
  timings: { decodeMs: 1, detectMs: 1, classifyMs: 1 },
});
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
    serve<Pick<PageService, "configure" | "analyze" | "load" | "watch" | "remember" | "followFilm" | "forgetFilm" | "see">>(line, {
      configure: ({ settings }) => void told.settings.push(settings),
      analyze: async (ask, asked) => {
        told.pictures.push(ask.source);
        return analyze(ask, asked);
      },
      load: () => undefined,
      remember: () => undefined,
      watch: async (_, { tell }) => {
        say = tell;
        return new Promise<never>(() => undefined);
      },
      followFilm: async (ask, asked) => {
        told.films.push(ask);
        return follow(ask, asked);
      },
      see: (ask) => see(ask),
      forgetFilm: (film) => void told.forgotten.push(film),
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
  told = { settings: [], films: [], forgotten: [], pictures: [] };
  analyze = ({ source }) => faceless(source);
  follow = async () => followed;
  see = () => ({ reason: "no face" });
  say = undefined;
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
  await expect.poll(() => told.settings.at(-1)).toMatchObject({ minFaceSize: 100 });
});

test("photos that the server did not answer are sent again when their visitor says so, and no others", async () => {
  const state = await import("./state.ts");
  const sent: string[] = [];
  let isDown = true;
  vi.stubGlobal("fetch", async (url: URL, { body }: RequestInit) => {
    if (!url.pathname.endsWith("/v1/analyze")) return Response.json({ models: [] });
    const { name } = body as File;
    sent.push(name);
    if (name === "broken.jpg")
      return Response.json({ error: { code: "TF_IMAGE_CORRUPT", message: "it is damaged", hint: "Save it again." } });
    if (isDown) throw new TypeError("Failed to fetch");
    return Response.json(faceless(name));
  });
  const failures = (): readonly boolean[] => state.photos.value.map(({ outcome }) => outcome !== undefined && "error" in outcome);
  await state.useServer();
  state.addPhotos(["broken.jpg", "one.jpg", "two.jpg"].map((name) => new File([name], name, { type: "image/jpeg" })));
  await vi.waitFor(() => expect(failures()).toEqual([true, true, true]));
  expect(state.photos.value.map(state.mayTryAgain)).toEqual([false, true, true]);
  isDown = false;
  state.tryAgain();
  await vi.waitFor(() => expect(state.photos.value.every(({ outcome }) => outcome !== undefined)).toBe(true));
  expect(failures()).toEqual([true, false, false]);
  expect(sent).toEqual(["broken.jpg", "one.jpg", "two.jpg", "one.jpg", "two.jpg"]);
});

const seen: SeeAnswer = {
  features: new Float32Array(4),
  likeness: { hash: 0n, colours: [] } as never,
  sha256: undefined,
  thumbnail: new Blob(["x"]),
};
const failed: AnalyzerProgress = {
  kind: "failed",
  error: { code: "TF_MODEL_NOT_FOUND", message: "the networks could not be fetched", hint: "Try again." },
};

test("photos that came while the networks could not be loaded are analysed once another part of the page loaded them", async () => {
  const state = await import("./state.ts");
  analyze = () => {
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", "the networks could not be fetched");
  };
  state.getAnalyzer();
  await expect.poll(() => say).toBeDefined();
  say!(failed);
  await expect.poll(() => state.photosWait.value).toBe(true);
  state.addPhotos([new File(["photo"], "one.jpg", { type: "image/jpeg" })]);
  await expect.poll(() => told.pictures).toEqual(["one.jpg"]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(state.photos.value[0]?.outcome).toBeUndefined();
  analyze = ({ source }) => faceless(source);
  say!({ kind: "ready", device: "wasm", models: [] });
  await expect.poll(() => state.photos.value[0]?.outcome).toMatchObject({ source: "one.jpg", faces: [] });
});

test("a picture that is told of an earlier question does not take the place of the one that is shown", async () => {
  const state = await import("./state.ts");
  const revoked = vi.spyOn(URL, "revokeObjectURL");
  const asked: { readonly tell: (news: PhotoNews) => void }[] = [];
  analyze = async (_, { tell }) => {
    asked.push({ tell });
    return new Promise<never>(() => undefined);
  };
  state.addPhotos([new File(["photo"], "one.heic", { type: "image/heic" })]);
  await expect.poll(() => asked.length).toBe(1);
  state.changeSettings({ minFaceSize: 50 });
  await expect.poll(() => asked.length).toBe(2);
  asked[1]!.tell({ shown: new Blob(["now"]) });
  await expect.poll(() => state.photos.value[0]?.url).toBeDefined();
  const { url } = state.photos.value[0]!;
  asked[0]!.tell({ shown: new Blob(["earlier"]) });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(state.photos.value[0]?.url).toBe(url);
  expect(revoked).not.toHaveBeenCalledWith(url);
});

test("a sample that cannot be fetched is told, until something else is brought", async () => {
  const state = await import("./state.ts");
  vi.stubGlobal("fetch", async () => new Response("not here", { status: 404 }));
  await state.addSample();
  expect([state.photos.value, state.notice.value]).toEqual([[], expect.stringContaining("sample could not be fetched")]);
  state.addPhotos([new File(["photo"], "one.jpg", { type: "image/jpeg" })]);
  expect(state.notice.value).toBeUndefined();
});

test("the face that pointer or keyboard was on is not that of the next photo, when one is removed", async () => {
  const state = await import("./state.ts");
  state.addPhotos([new File(["1"], "one.jpg"), new File(["2"], "two.jpg")]);
  state.focusedFace.value = 0;
  state.removePhoto(state.selectedId.value!);
  expect([state.selected.value?.name, state.focusedFace.value]).toEqual(["two.jpg", undefined]);
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
  await expect.poll(async () => [...kept.values()][0]?.clone().text()).toBe("new");
  expect(ownModels.value.map(({ id, isKept }) => [id, isKept])).toEqual([["glasses", true]]);
  await removeOwnModel(ownModels.value[0]!);
  expect(kept.size).toBe(0);
});

test("where only answers of whole pictures are asked for, no face is shown, and none is said to be missing", async () => {
  const state = await import("./state.ts");
  const { addOwnModel } = await import("./own-models.ts");
  const box = { x: 1, y: 1, width: 30, height: 30 };
  const point = { x: 10, y: 10 };
  const landmarks = { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point };
  const outcome: PageAnalysis = { ...faceless("one.jpg"), faces: [{ box, score: 0.9, landmarks }] };
  addOwnModel({ ...model("forms"), sees: "picture" });
  expect([state.looksForFaces.value, state.visibleFaces(outcome).length]).toEqual([true, 1]);
  state.changeSettings({ tasks: [] });
  expect([state.looksForFaces.value, state.visibleFaces(outcome).length]).toEqual([false, 0]);
  state.addPhotos([new File(["photo"], "one.jpg", { type: "image/jpeg" })]);
  await expect.poll(() => state.announcement.value).toBe("one.jpg is analysed.");
  addOwnModel({ ...model("glasses"), id: "other", tasks: [] });
  expect([state.looksForFaces.value, state.visibleFaces(outcome).length]).toEqual([true, 1]);
});

test("a worker that was started anew goes through the film again, whatever tab is open", async () => {
  const state = await import("./state.ts");
  const { film, addFilms } = await import("./film/state.ts");
  addFilms([new File(["film"], "walk.mp4")]);
  await expect.poll(() => [film.value?.stage, told.films.length]).toEqual(["whole", 1]);
  state.restartAnalyzer();
  await expect.poll(() => told.films.length).toBe(2);
  await expect.poll(() => film.value?.stage).toBe("whole");
});

const filmsOf = (...names: readonly string[]): File[] => names.map((name) => new File([name], name));
const namesOf = (asked: readonly FollowAsk[]): string[] => asked.map(({ file }) => file.name);

test("of several films none is dropped: they are gone through in their order, and the first is shown", async () => {
  const { addFilms, film, films } = await import("./film/state.ts");
  addFilms(filmsOf("a.mp4", "b.mp4", "c.mp4"));
  expect(film.value?.file.name).toBe("a.mp4");
  await expect.poll(() => films.value.map(({ stage }) => stage)).toEqual(["whole", "whole", "whole"]);
  expect(namesOf(told.films)).toEqual(["a.mp4", "b.mp4", "c.mp4"]);
  expect(new Set(told.films.map((ask) => ask.film)).size).toBe(3);
});

test("the film on screen is the next one, and one that fails keeps no other waiting", async () => {
  const { addFilms, films, selectFilm } = await import("./film/state.ts");
  const first = Promise.withResolvers<FollowAnswer>();
  follow = async ({ file }) => (file.name === "a.mp4" ? first.promise : followed);
  addFilms(filmsOf("a.mp4", "b.mp4", "c.mp4"));
  await expect.poll(() => namesOf(told.films)).toEqual(["a.mp4"]);
  selectFilm(films.value[2]!.id);
  expect(films.value.map(({ stage }) => stage)).toEqual(["opening", "waiting", "waiting"]);
  first.reject(new TensorFaceError("TF_VIDEO_CORRUPT", "a.mp4 is no film that can be read"));
  await expect.poll(() => films.value.map(({ stage }) => stage)).toEqual(["failed", "whole", "whole"]);
  expect(namesOf(told.films)).toEqual(["a.mp4", "c.mp4", "b.mp4"]);
});

test("a film that is closed while it is gone through makes room for the next, and is forgotten by the worker", async () => {
  const { addFilms, closeFilm, film, films } = await import("./film/state.ts");
  const signals: AbortSignal[] = [];
  follow = async ({ file }, { signal }) => {
    signals.push(signal);
    return file.name === "a.mp4" ? new Promise<never>(() => undefined) : followed;
  };
  addFilms(filmsOf("a.mp4", "b.mp4"));
  await expect.poll(() => namesOf(told.films)).toEqual(["a.mp4"]);
  const [a] = films.value;
  closeFilm(a!);
  expect(film.value?.file.name).toBe("b.mp4");
  await expect.poll(() => films.value.map(({ stage }) => stage)).toEqual(["whole"]);
  expect([signals[0]?.aborted, told.forgotten]).toEqual([true, [a!.id]]);
});

test("what is no example is told with its reason, and what may become one is not forgotten with the next files", async () => {
  const { addFiles, changeTakesLargest, refused } = await import("./teach/state.ts");
  const picture = (name: string): File => new File([name], name, { type: "image/jpeg" });
  see = ({ takesLargest }) => ({ reason: takesLargest ? "no face" : "several faces" });
  const reasons = (): string[] => refused.value.map(({ name, reason }) => `${name}: ${reason}`);
  await addFiles(1, [picture("group.jpg"), new File(["film"], "walk.mp4", { type: "video/mp4" })]);
  expect(reasons().toSorted()).toEqual(["group.jpg: several faces", "walk.mp4: no picture"]);
  see = () => ({ reason: "no face" });
  await addFiles(1, [picture("sky.jpg")]);
  expect(reasons()).toEqual(["group.jpg: several faces", "sky.jpg: no face"]);
  const asked: boolean[] = [];
  see = ({ takesLargest }) => {
    asked.push(takesLargest);
    return { reason: "no face" };
  };
  await changeTakesLargest(true);
  expect(asked).toEqual([true]);
});

test("pictures that show an example once they are looked at whole, or by another worker, are looked at again though others came after them", async () => {
  const state = await import("./state.ts");
  const { addFiles, changeCrop, examples, refused } = await import("./teach/state.ts");
  const picture = (name: string): File => new File([name], name, { type: "image/jpeg" });
  const namesOfExamples = (): string[] => examples.value.map(({ name }) => name).toSorted();
  see = ({ crop }) => (crop === "whole" ? seen : { reason: "no face" });
  await addFiles(1, [picture("hat.jpg")]);
  see = () => {
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", "the networks could not be fetched");
  };
  await addFiles(1, [picture("cap.jpg")]);
  see = () => {
    throw new TensorFaceError("TF_IMAGE_CORRUPT", "torn.jpg is cut off");
  };
  await addFiles(1, [picture("torn.jpg")]);
  see = ({ crop }) => (crop === "whole" ? seen : { reason: "no face" });
  await addFiles(1, [picture("sky.jpg")]);
  expect(refused.value.map(({ name }) => name).toSorted()).toEqual(["cap.jpg", "hat.jpg", "sky.jpg"]);
  see = () => seen;
  state.restartAnalyzer();
  await expect.poll(() => namesOfExamples()).toEqual(["cap.jpg"]);
  await changeCrop("whole");
  expect([namesOfExamples(), refused.value]).toEqual([["cap.jpg", "hat.jpg", "sky.jpg"], []]);
});

test("examples stand in the order in which their files were chosen, whichever is seen first", async () => {
  const { addFiles, changeCrop, examples } = await import("./teach/state.ts");
  const names = ["a.jpg", "b.jpg", "c.jpg"];
  const pending: (() => void)[] = [];
  see = async () => new Promise((resolve) => void pending.push(() => resolve(seen)));
  const finish = async (order: readonly number[]): Promise<void> => {
    await expect.poll(() => pending).toHaveLength(order.length);
    for (const [done, place] of order.entries()) {
      pending[place]!();
      await expect.poll(() => examples.value).toHaveLength(done + 1);
    }
    pending.length = 0;
  };
  const adding = addFiles(
    1,
    names.map((name) => new File(["x"], name, { type: "image/jpeg" })),
  );
  await finish([2, 0, 1]);
  await adding;
  expect(examples.value.map(({ name }) => name)).toEqual(names);
  const again = changeCrop("whole");
  await finish([1, 2, 0]);
  await again;
  expect(examples.value.map(({ name }) => name)).toEqual(names);
});

test("Teach waits for the pictures that it was shown before it asks for more, and names the classes that have too few", async () => {
  const { addClass, addFiles, classes, obstacle, renameClass } = await import("./teach/state.ts");
  addClass();
  for (const [index, { id }] of classes.value.entries()) renameClass(id, ["hat", "cap", "none"][index]!);
  see = () => ({ reason: "no face" });
  const added = addFiles(
    1,
    [1, 2, 3].map((name) => new File([""], `${name}.jpg`, { type: "image/jpeg" })),
  );
  expect(obstacle.value).toBe("3 pictures are still being looked at.");
  await added;
  expect(obstacle.value).toBe("At least 2 pictures each are needed; “hat”, “cap” and “none” have fewer.");
});

test("a key that is held down takes one photo away, and not one after the other", async () => {
  const state = await import("./state.ts");
  const { onKey } = await import("./parts/filmstrip.tsx");
  const press = (key: string, repeat = false): void => onKey({ key, repeat, preventDefault: () => undefined });
  state.addPhotos(["one.jpg", "two.jpg", "three.jpg"].map((name) => new File([name], name)));
  state.selectPhoto(state.photos.value[0]!.id);
  const left = (): string[] => state.photos.value.map(({ name }) => name);
  press("Delete");
  press("Delete", true);
  press("Delete", true);
  expect(left()).toEqual(["two.jpg", "three.jpg"]);
  press("ArrowRight", true);
  press("Delete");
  expect(left()).toEqual(["two.jpg"]);
});
