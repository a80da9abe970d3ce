import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type AnalysisOutcome, createAnalyzer, type PictureInput } from "../src/_entries/node.ts";
import { WorkerLost } from "../src/analyze/schedule/pool.ts";
import { WorkerThread } from "../src/analyze/schedule/worker-thread.node.ts";

/** Rows long enough for threads to help, on the installed networks. */
const portrait = fileURLToPath(new URL("../examples/astronaut.png", import.meta.url));
let folder: string;
let files: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-threads-"));
  files = Array.from({ length: 60 }, (_, index) => join(folder, `${index}.jpg`));
  await Promise.all(
    files.map(async (file, index) =>
      sharp(portrait)
        .resize(200 + index)
        .jpeg()
        .toFile(file),
    ),
  );
  await writeFile(files[40]!, "no picture");
});
afterAll(async () => rm(folder, { recursive: true }));

async function collect(stream: AsyncIterable<AnalysisOutcome>): Promise<AnalysisOutcome[]> {
  const outcomes: AnalysisOutcome[] = [];
  for await (const outcome of stream) outcomes.push(outcome);
  return outcomes;
}

/** The largest difference between numbers of two outcomes, times apart; infinite where anything else differs. */
function difference(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return Math.abs(one - other);
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other ? 0 : Infinity;
  const [left, right] = [Object.entries(one), new Map<string, unknown>(Object.entries(other))];
  if (left.length !== right.size) return Infinity;
  return Math.max(0, ...left.map(([key, value]) => (key === "timings" ? 0 : difference(value, right.get(key)))));
}

/** Where other work has both cores, a thread starts late: so many rows are given for it. */
const mostRows = 8;

describe("a row of pictures with worker threads", { timeout: 120_000 }, () => {
  test("goes on past the sixteenth picture with options that cannot be sent, and has one name for good and bad", async () => {
    const ageGroups = [Object.assign({ name: "all", low: 0, high: 100 }, { extra: () => 1 })];
    await using analyzer = await createAnalyzer({ workers: 1, ageGroups, onLoad: () => {} });
    const good = await sharp(portrait).resize(64).png().toBuffer();
    const bad = "data:image/png;base64,AAAA";
    const inputs = [...files.slice(0, 30), new File([new Uint8Array(good)], "good.png"), new File(["x"], "bad.png"), bad, good];
    const outcomes = await collect(analyzer.analyzeAll(inputs));
    expect(outcomes.slice(30).map(({ source }) => source)).toEqual(["good.png", "bad.png", "the data URL", "picture 34"]);
    expect(outcomes.map((outcome) => "error" in outcome)).toEqual(inputs.map((_, index) => index === 31 || index === 32));
  });

  test("has the outcomes and the order of one without, whatever the kind of input", async () => {
    await using alone = await createAnalyzer({ workers: 0 });
    await using helped = await createAnalyzer({ workers: 2 });
    const handed = vi.spyOn(WorkerThread.prototype, "analyze");
    const bytes = await sharp(portrait).jpeg().toBuffer();
    const inputs = (): PictureInput[] => [
      ...files,
      pathToFileURL(portrait),
      bytes,
      new Uint8Array(bytes).buffer,
      createReadStream(portrait),
    ];
    const expected = await collect(alone.analyzeAll(inputs()));
    const found = await collect(helped.analyzeAll(inputs()));
    expect(difference(found, expected)).toBeLessThan(1e-3);
    // On a busy machine rows may be over before a thread has started.
    for (let rows = 1; rows === 1 || (rows < mostRows && handed.mock.calls.length <= 10); rows++)
      expect(difference(await collect(helped.analyzeAll(inputs())), expected)).toBeLessThan(1e-3);
    expect(handed.mock.calls.length).toBeGreaterThan(10);
    expect(found[40]).toMatchObject({ source: files[40], error: { code: "TF_IMAGE_FORMAT_UNSUPPORTED", hint: expect.any(String) } });
    expect(found.filter((outcome) => "faces" in outcome && outcome.faces.length === 1)).toHaveLength(63);
  });

  test("is also what calls are that overlap; one that listens stays where its listener is", async () => {
    await using analyzer = await createAnalyzer({ workers: 1 });
    const handed = vi.spyOn(WorkerThread.prototype, "analyze");
    handed.mockClear();
    for (const file of files.slice(0, 20)) await analyzer.analyze(file);
    expect(handed).not.toHaveBeenCalled();
    const onFaces = vi.fn<() => void>();
    const row = async (): Promise<unknown> => Promise.all(files.slice(0, 40).map(async (file) => analyzer.analyze(file)));
    for (let rows = 0; rows === 0 || (rows < mostRows && handed.mock.calls.length === 0); rows++) await row();
    await Promise.all([row(), analyzer.analyze(portrait, { onFaces })]);
    expect(handed.mock.calls.length).toBeGreaterThan(5);
    expect(handed.mock.calls.every(([file]) => file !== portrait)).toBe(true);
    expect(onFaces).toHaveBeenCalled();
    const stopped = analyzer.analyze(portrait, { signal: AbortSignal.timeout(1) });
    await Promise.all([row(), expect(stopped).rejects.toThrow(expect.objectContaining({ code: "TF_ABORTED" }))]);
  });

  test("a stream that fails while it waits for its turn fails its call, and ends no process", async () => {
    await using analyzer = await createAnalyzer({ workers: 0, concurrency: 1, tasks: ["mood"] });
    const uncaught = vi.fn<(error: Error) => void>();
    process.prependListener("uncaughtExceptionMonitor", uncaught);
    const missing = createReadStream(join(folder, "missing.jpg"));
    const calls = await Promise.allSettled([portrait, missing, portrait].map(async (input) => analyzer.analyze(input)));
    process.off("uncaughtExceptionMonitor", uncaught);
    expect(calls[1]).toMatchObject({ status: "rejected", reason: { code: "TF_INPUT_NOT_FOUND" } });
    expect(calls[2]).toMatchObject({ status: "fulfilled" });
    expect(uncaught).not.toHaveBeenCalled();
  });

  test("stops at an abort and at the end of the loop, and goes on with the next row", async () => {
    await using analyzer = await createAnalyzer({ workers: 1 });
    const controller = new AbortController();
    const stopped = collect(
      analyzer.analyzeAll(files, {
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done === 45) controller.abort();
        },
      }),
    );
    await expect(stopped).rejects.toThrow(expect.objectContaining({ code: "TF_ABORTED" }));
    let seen = 0;
    for await (const _ of analyzer.analyzeAll(files)) if (++seen === 30) break;
    expect(await collect(analyzer.analyzeAll(files.slice(0, 20)))).toHaveLength(20);
  });

  test.each([
    ["", []],
    [", with a flag of the engine of JavaScript, which no thread may be given", ["--max-semi-space-size=16"]],
  ])("is no reason for a program to stay, nor to leave before the row is done%s", async (_flags, flags) => {
    const entry = new URL("../src/_entries/node.ts", import.meta.url).href;
    const program = `
      const { createAnalyzer } = await import(${JSON.stringify(entry)});
      const analyzer = await createAnalyzer({ workers: 1 });
      let count = 0;
      const { WorkerThread } = await import(${JSON.stringify(new URL("../src/analyze/schedule/worker-thread.node.ts", import.meta.url).href)});
      const { analyze } = WorkerThread.prototype;
      let handed = 0;
      WorkerThread.prototype.analyze = function (...all) { handed++; return analyze.apply(this, all); };
      let row = 0;
      for (; row < 2 || (row < ${mostRows} && handed === 0); row++)
        for await (const outcome of analyzer.analyzeAll(${JSON.stringify(files)})) count++;
      console.log(count / row, handed > 0);`;
    const child = spawn(process.execPath, [...flags, "--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect([code, output.trim()]).toEqual([0, "60 true"]);
  });

  test("a thread that has ended hands its pictures back", async () => {
    const thread = new WorkerThread({});
    await thread.ready;
    const sent = vi.spyOn(Worker.prototype, "postMessage");
    const work = thread.analyze(portrait, {});
    // Before the engine has it: a thread that ends while the engine works takes the process with it.
    const [worker] = sent.mock.contexts as Worker[];
    await worker!.terminate();
    await expect(work).rejects.toThrow(WorkerLost);
    await expect(thread.analyze(portrait, {})).rejects.toThrow(WorkerLost);
  });

  test("a thread is ended while the engine still works for a picture that was given up", async () => {
    // In a process of its own: the engine would take the tests' with it.
    const module = new URL("../src/analyze/schedule/worker-thread.node.ts", import.meta.url).href;
    const program = `
      const { WorkerThread } = await import(${JSON.stringify(module)});
      for (let round = 0; round < 5; round++) {
        const thread = new WorkerThread({});
        await thread.ready;
        const given = new AbortController();
        const work = [1, 2, 3].map(() => thread.analyze(${JSON.stringify(portrait)}, { signal: given.signal }).catch(({ code }) => code));
        await new Promise((resolve) => setTimeout(resolve, 10 + 10 * round));
        given.abort();
        await Promise.all(work);
        await thread.dispose();
      }
      console.log("ended");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect([code, output.trim()]).toEqual([0, "ended"]);
  });

  test("a thread that cannot start says so", async () => {
    const thread = new WorkerThread({ models: ["unknown"] });
    await expect(thread.ready).rejects.toThrow(WorkerLost);
  });

  test.each([-1, 1.5])("%s workers are refused", async (workers) => {
    await expect(createAnalyzer({ workers })).rejects.toThrow(expect.objectContaining({ code: "TF_INVALID_ARGUMENT" }));
  });
});
