import { describe, expect, test } from "vitest";
import { countHeld } from "../../test/support/garbage.ts";
import { TensorFaceError } from "../core/index.ts";
import type { AnalysisOutcome, FaceAnalysis } from "./analysis.ts";
import { createFaceAnalyzer } from "./analyzer.ts";
import { createFakePlatform, type FakePlatformOptions } from "./testing.ts";

async function start(options: FakePlatformOptions, analyzer = {}) {
  const platform = createFakePlatform(options);
  return { platform, log: platform.log, analyzer: await createFaceAnalyzer(platform, analyzer) };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

async function collect(stream: AsyncIterable<AnalysisOutcome>): Promise<AnalysisOutcome[]> {
  const outcomes: AnalysisOutcome[] = [];
  for await (const outcome of stream) outcomes.push(outcome);
  return outcomes;
}

test("the networks' files are let go once the engine has them", async () => {
  const files: WeakRef<Uint8Array>[] = [];
  const platform = createFakePlatform({ face: true });
  const { models } = platform;
  const read: typeof models.read = async (manifest, options) => {
    const bytes = await models.read(manifest, options);
    files.push(new WeakRef(bytes));
    return bytes;
  };
  const analyzer = await createFaceAnalyzer({ ...platform, models: { ...models, read } });
  expect(files).toHaveLength(4);
  expect(await countHeld(files)).toBe(0);
  expect((await analyzer.analyze(1)).faces).toHaveLength(1);
});

describe("analyze", () => {
  test("gives faces in pixels of the source picture, with what every head says", async () => {
    const { analyzer } = await start({ face: true });
    const analysis = await analyzer.analyze(7, { source: "seven" });
    expect(analysis).toMatchObject({ schema: "tensorface.analysis/1", source: "seven", width: 128, height: 128 });
    expect(analysis.faces).toHaveLength(1);
    const [face] = analysis.faces;
    expect(face!.gender).toMatchObject({ label: "male", confidence: expect.closeTo(1 / (1 + Math.exp(-5)), 6) });
    expect(face!.age).toMatchObject({ years: expect.closeTo(20, 6), group: "15-20", interval: { low: 20, high: 20, level: 0.8 } });
    expect(face!.mood).toMatchObject({ label: "sad" });
    const { box } = face!;
    expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= 128 && box.y + box.height <= 128).toBe(true);
    expect(box.x + box.width / 2).toBeCloseTo(64, 0);
  });

  test("near places the face is found too; where nobody is expected, nobody is", async () => {
    const { analyzer } = await start({ face: true });
    const [face] = (await analyzer.analyze(7)).faces;
    expect((await analyzer.analyze(7, { near: [face!.box] })).faces).toHaveLength(1);
    expect((await analyzer.analyze(7, { near: [] })).faces).toEqual([]);
  });

  test("faces alone are found without a question to the heads", async () => {
    const { analyzer, log } = await start({ face: true });
    const { faces } = await analyzer.analyze(7, { facesOnly: true });
    expect(faces.map((face) => Object.keys(face))).toEqual([["box", "score", "landmarks"]]);
    expect(log.headBatches).toEqual([]);
  });

  test("no face is an empty list", async () => {
    const { analyzer } = await start({ face: false });
    expect((await analyzer.analyze(1)).faces).toEqual([]);
  });

  test.each([{ tasks: ["mood"] }, { heads: ["mood"] }, { tasks: ["mood"], heads: ["mood"] }])(
    "only the tasks asked for are told, and only their networks are loaded: %j",
    async (asked) => {
      const { analyzer } = await start({ face: true }, asked);
      expect(analyzer.models).toEqual(["detector", "mesh", "moods"]);
      const [face] = (await analyzer.analyze(1)).faces;
      expect(Object.keys(face!)).toEqual(["box", "score", "landmarks", "mood"]);
    },
  );

  test("other age groups sum to 1 as well", async () => {
    const ageGroups = [
      { name: "young", low: 0, high: 30 },
      { name: "old", low: 60, high: 100 },
    ];
    const { analyzer } = await start({ face: true }, { ageGroups });
    expect((await analyzer.analyze(1)).faces[0]!.age).toMatchObject({
      group: "young",
      probabilities: { young: expect.closeTo(1, 6), old: expect.closeTo(0, 6) },
    });
  });

  test("pictures at the same time share a batch", async () => {
    const { analyzer, log } = await start({ face: true });
    await Promise.all(numbers(6).map(async (picture) => analyzer.analyze(picture)));
    expect(log.headBatches.reduce((sum, size) => sum + size, 0)).toBe(6);
    expect(Math.max(...log.headBatches)).toBeGreaterThan(1);
  });

  test("tells of faces as soon as they are found, and again with their answers", async () => {
    const { analyzer } = await start({ face: true });
    const told: (readonly string[])[] = [];
    const analysis = await analyzer.analyze(1, { onFaces: ({ faces }) => told.push(Object.keys(faces[0]!)) });
    expect(told[0]).toEqual(["box", "score", "landmarks"]);
    expect(told.at(-1)).toEqual(Object.keys(analysis.faces[0]!));
  });

  test("an error of who is told of faces is the call's, and after an abort nobody is told", async () => {
    const { analyzer } = await start({ face: true });
    const complain = ({ faces }: FaceAnalysis): void => {
      if (faces[0]?.age !== undefined) throw new Error("no room on the page");
    };
    await expect(analyzer.analyze(1, { onFaces: complain })).rejects.toThrow("no room on the page");
    const controller = new AbortController();
    let told = 0;
    const onFaces = (): void => {
      told++;
      queueMicrotask(() => controller.abort());
    };
    await expect(analyzer.analyze(1, { signal: controller.signal, onFaces })).rejects.toMatchObject({ code: "TF_ABORTED" });
    await analyzer.dispose();
    expect(told).toBe(1);
  });

  test("an aborted call ends at once with TF_ABORTED, and the next one works", async () => {
    const { analyzer } = await start({ face: true, delay: () => 200 });
    const controller = new AbortController();
    const started = performance.now();
    const aborted = analyzer.analyze(1, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toMatchObject({ code: "TF_ABORTED", cause: expect.objectContaining({ message: "enough" }) });
    expect(performance.now() - started).toBeLessThan(150);
    await expect(analyzer.analyze(1, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "TF_ABORTED" });
    expect((await analyzer.analyze(2)).faces).toHaveLength(1);
  });

  test("a disposed analyzer says so, after what ran has ended and the networks are released", async () => {
    const { analyzer, log } = await start({ face: true, delay: () => 20 });
    const running = analyzer.analyze(1);
    const disposal = analyzer.dispose();
    await expect(analyzer.analyze(2)).rejects.toMatchObject({ code: "TF_DISPOSED" });
    expect((await running).faces).toHaveLength(1);
    await disposal;
    expect(log.sessionsOpen).toBe(0);
    await analyzer.dispose();
    expect(log.sessionsOpen).toBe(0);
  });

  test("calls that overlap are done no more at once than asked for, and all before a disposal ends", async () => {
    const { analyzer, log } = await start({ face: true, delay: () => 5 }, { concurrency: 2 });
    const calls = numbers(7).map(async (picture) => analyzer.analyze(picture));
    const disposal = analyzer.dispose();
    expect((await Promise.all(calls)).map(({ faces }) => faces.length)).toEqual(numbers(7).map(() => 1));
    await disposal;
    expect([log.mostDecoding, log.sessionsOpen]).toEqual([2, 0]);
  });

  test.each([
    [{ minFaceSize: 0 }, /minFaceSize/],
    [{ maxFaces: 1.5 }, /maxFaces/],
    [{ concurrency: 0 }, /concurrency/],
    [{ ageGroups: [] }, /ageGroups/],
    [{ tasks: "age" as never }, /tasks must be a list/],
    [{ heads: "age" as never }, /heads must be a list/],
    [{ tasks: ["age"], heads: ["mood"] }, /older name heads .* give one of them/],
    [{ ageGroups: "adience" as never }, /ageGroups must be a list/],
    [
      {
        ageGroups: [
          { name: "a", low: 0, high: 5 },
          { name: "a", low: 6, high: 100 },
        ],
      },
      /names that differ/,
    ],
    [{ ageGroups: [null] as never }, /ageGroups/],
    [{ ageGroups: [{ low: 0, high: 100 }] as never }, /ageGroups/],
    [{ ageGroups: [{ name: "all", low: "0", high: "100" }] as never }, /ageGroups/],
    [{ models: "faces" as never }, /models must be a list/],
    [{ maxFaces: Number.NaN }, /maxFaces .*got NaN/],
    [{ maxFaces: 10n as never }, /maxFaces .*got 10/],
    [{ minFaceSize: "32" as never }, /minFaceSize .*got "32"/],
    [{ anyRotation: "no" as never }, /anyRotation must be true or false/],
    [{ flipAveraging: 1 as never }, /flipAveraging must be true or false/],
    [null as never, /options must be an object, got null/],
    ["portrait.jpg" as never, /options must be an object, got "portrait.jpg"/],
    [{ minScore: 1.5 }, /minScore must be a number from 0 to 1, got 1.5/],
    [{ detector: "dlib" as const, minScore: -0.1 }, /minScore must be a number from 0 on, got -0.1/],
    [{ minScore: Number.NaN }, /minScore/],
    [{ workers: 9e9 } as never, /workers must be a whole number from 0 to 64, got 9000000000/],
    [{ threads: 9e9 }, /threads/],
    [{ concurrency: 9e9 }, /concurrency/],
    [{ device: 1 as never }, /device must be/],
    [{ onLoad: true as never }, /onLoad must be a function/],
    [{ limits: 5 as never }, /limits must be an object/],
    [{ limits: { maxBytes: -1 } }, /maxBytes/],
    [{ limits: { maxPixels: Number.NaN } }, /maxPixels/],
  ])("options %o are refused", async (options, message) => {
    await expect(createFaceAnalyzer(createFakePlatform({ face: false }), options)).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringMatching(message),
    });
  });

  test.each([
    [null, /options must be an object/],
    [{ signal: "x" }, /signal must be an AbortSignal, got "x"/],
    [{ signal: null }, /signal/],
    [{ source: 7 }, /source must be a text/],
    [{ onFaces: "tell me" }, /onFaces must be a function/],
    [{ near: { x: 1, y: 1, width: 5, height: 5 } }, /near must be a list of boxes/],
    [{ near: [{ x: 1, y: 1, width: 0, height: 5 }] }, /near must be a list of boxes/],
    [{ facesOnly: "yes" }, /facesOnly must be true or false/],
    [{ maxFace: 3 }, /unknown option "maxFace": known are signal, source, onFaces, near, facesOnly$/],
    [{ onFace: () => {} }, /unknown option "onFace": did you mean "onFaces"\?/],
  ])("a call with %o is refused, and leaves nothing behind that would end the process", async (options, message) => {
    const { analyzer, log } = await start({ face: true });
    const refusal = { code: "TF_INVALID_ARGUMENT", message: expect.stringMatching(message) };
    await expect(analyzer.analyze(1, options as never)).rejects.toMatchObject(refusal);
    expect(log.mostDecoding).toBe(0);
  });

  test.each([
    [null, /options must be an object/],
    [{ signal: "x" }, /signal must be an AbortSignal, got "x"/],
    [{ onProgress: 3 }, /onProgress must be a function/],
    [{ source: "x" }, /unknown option "source": known are signal, onProgress$/],
    [{ onprogres: () => {} }, /unknown option "onprogres": did you mean "onProgress"\?/],
  ])("and so is one about many pictures with %o", async (options, message) => {
    const { analyzer, log } = await start({ face: true });
    const refusal = { code: "TF_INVALID_ARGUMENT", message: expect.stringMatching(message) };
    await expect(collect(analyzer.analyzeAll([1], options as never))).rejects.toMatchObject(refusal);
    expect(log.mostDecoding).toBe(0);
  });

  test("a signal is known by what it does, not by its class: test runners have their own", async () => {
    const { analyzer } = await start({ face: true });
    const { signal } = new AbortController();
    const foreign = { aborted: false, reason: undefined, addEventListener: signal.addEventListener.bind(signal) };
    expect((await analyzer.analyze(1, { signal: foreign as never })).faces).toHaveLength(1);
  });

  test("a detector that is not installed is an error with the list of what is", async () => {
    const platform = createFakePlatform({ face: false });
    await expect(createFaceAnalyzer(platform, { detector: "ssd" })).rejects.toMatchObject({
      code: "TF_MODEL_NOT_FOUND",
      message: expect.stringContaining("detector, mesh, faces, moods"),
    });
    await expect(createFaceAnalyzer(platform, { models: ["age-v9"] })).rejects.toMatchObject({ code: "TF_MODEL_NOT_FOUND" });
    expect(platform.log.sessionsOpen).toBe(0);
  });
});

describe("analyzeAll", () => {
  test("keeps the order whatever finishes first, and goes on after a failure", async () => {
    const check = (picture: number): void => {
      if (picture === 3) throw new TensorFaceError("TF_IMAGE_CORRUPT", "cut off");
    };
    const { analyzer } = await start({ face: true, delay: (picture) => (picture % 3 === 0 ? 15 : 1), check });
    const updates: unknown[] = [];
    const outcomes = await collect(analyzer.analyzeAll(numbers(12), { onProgress: (update) => updates.push(update) }));
    expect(outcomes.map(({ source }) => source)).toEqual(numbers(12).map((index) => `picture ${index + 1}`));
    expect(outcomes[3]).toEqual({
      schema: "tensorface.analysis/1",
      source: "picture 4",
      error: { code: "TF_IMAGE_CORRUPT", message: "cut off", hint: expect.any(String) },
    });
    expect(updates.at(-1)).toEqual({ stage: "analyze", done: 12, total: 12 });
  });

  test("a worker that cannot start ends no row", async () => {
    const start = (): never => {
      throw new Error("no thread");
    };
    const platform = { ...createFakePlatform({ face: false }), workers: { count: 2, start } };
    const analyzer = await createFaceAnalyzer(platform);
    expect(await collect(analyzer.analyzeAll(numbers(20)))).toHaveLength(20);
    await analyzer.dispose();
  });

  test("no worker is called once the analyzer is disposed", async () => {
    let started = 0;
    const start = (): never => {
      started++;
      throw new Error("too late");
    };
    const platform = { ...createFakePlatform({ face: false }), workers: { count: 2, start } };
    const analyzer = await createFaceAnalyzer(platform);
    const late = Promise.withResolvers<void>();
    const inputs = async function* () {
      yield* numbers(16);
      await late.promise;
      yield 16;
    };
    const stream = analyzer.analyzeAll(inputs());
    for (let read = 0; read < 16; read++) await stream.next();
    await analyzer.dispose();
    late.resolve();
    await expect(stream.next()).rejects.toMatchObject({ code: "TF_DISPOSED" });
    expect(started).toBe(0);
  });

  test.each([["photo.jpg"], [new Uint8Array(3)], [undefined], [5], [{}]])("%o is no row of pictures", async (inputs) => {
    const { analyzer } = await start({ face: false });
    await expect(collect(analyzer.analyzeAll(inputs as never))).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("analyzeAll"),
    });
  });

  test("names come with the pictures", async () => {
    const { analyzer } = await start({ face: false });
    const outcomes = await collect(analyzer.analyzeAll([{ input: 1, source: "a.jpg" }, 2]));
    expect(outcomes.map(({ source }) => source)).toEqual(["a.jpg", "picture 2"]);
  });

  test("10,000 pictures are read no further ahead than asked for, with bounded memory", async () => {
    const { analyzer, log } = await start({ face: false }, { concurrency: 3 });
    let [read, done, furthest] = [0, 0, 0];
    const inputs = function* () {
      for (; read < 10_000; read++) yield read;
    };
    let early = 0;
    for await (const outcome of analyzer.analyzeAll(inputs())) {
      expect("faces" in outcome).toBe(true);
      done++;
      furthest = Math.max(furthest, read - done);
      if (done === 2000) early = process.memoryUsage().rss;
    }
    expect(done).toBe(10_000);
    expect(furthest).toBeLessThanOrEqual(4);
    expect(log.mostDecoding).toBeLessThanOrEqual(3);
    expect(process.memoryUsage().rss - early).toBeLessThan(150 * 1024 * 1024);
  }, 120_000);

  test.each([undefined, new AbortController().signal])("an outcome that was passed on is held by nobody, signal %o", async (signal) => {
    const { analyzer } = await start({ face: true }, { concurrency: 3 });
    const references: WeakRef<object>[] = [];
    const stream = analyzer.analyzeAll(numbers(100), { signal });
    for (let read = 0; read < 90; read++) {
      const { value } = await stream.next();
      references.push(new WeakRef(value!));
    }
    expect(await countHeld(references)).toBeLessThan(8);
    await stream.return();
  });

  test("waiting for a slow reader does not hold back what is done", async () => {
    const { analyzer } = await start({ face: false });
    let release: (() => void) | undefined;
    const inputs = async function* () {
      yield 1;
      await new Promise<void>((resolve) => (release = resolve));
      yield 2;
    };
    const stream = analyzer.analyzeAll(inputs());
    expect((await stream.next()).value).toMatchObject({ source: "picture 1" });
    release!();
    expect((await stream.next()).value).toMatchObject({ source: "picture 2" });
    expect((await stream.next()).done).toBe(true);
  });

  test("leaving the loop closes the inputs and stops what was read ahead", async () => {
    const { analyzer, log } = await start({ face: true, delay: () => 5 });
    let isClosed = false;
    const inputs = function* () {
      try {
        for (let index = 0; ; index++) yield index;
      } finally {
        isClosed = true;
      }
    };
    for await (const outcome of analyzer.analyzeAll(inputs())) {
      if (outcome.source === "picture 3") break;
    }
    expect(isClosed).toBe(true);
    await analyzer.dispose();
    expect(log.decoding).toBe(0);
  });

  test("an abort ends the stream, also while its reader waits", async () => {
    const { analyzer } = await start({ face: false });
    const controller = new AbortController();
    const inputs = async function* () {
      yield 1;
      await new Promise(() => undefined);
    };
    const stream = analyzer.analyzeAll(inputs(), { signal: controller.signal });
    await stream.next();
    const next = stream.next();
    controller.abort();
    await expect(next).rejects.toMatchObject({ code: "TF_ABORTED" });
  });

  test("an error of the inputs is thrown after the outcomes of what was read, and a disposed analyzer ends the stream", async () => {
    const { analyzer } = await start({ face: false });
    const inputs = function* () {
      yield 1;
      throw new Error("no more files");
    };
    const stream = analyzer.analyzeAll(inputs());
    expect((await stream.next()).value).toMatchObject({ source: "picture 1", faces: [] });
    await expect(stream.next()).rejects.toThrow("no more files");
    await analyzer.dispose();
    await expect(collect(analyzer.analyzeAll([1]))).rejects.toMatchObject({ code: "TF_DISPOSED" });
  });

  test("nothing to analyse is nothing", async () => {
    const { analyzer } = await start({ face: false });
    expect(await collect(analyzer.analyzeAll([]))).toEqual([]);
  });
});
