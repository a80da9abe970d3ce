import { afterEach, onTestFinished, vi } from "vitest";
import { builtInCsvTasks, type FaceAnalysis, type FaceAnalyzer, type ToldTask } from "../analyze/index.ts";
import { builtInTasks, TensorFaceError } from "../core/index.ts";
import { drawnTasks } from "../models/testing.ts";
import { type App, buildApp, type ServerOptions, type ServerParts } from "./index.ts";

/** The built-in tasks, and one of each other kind. */
export const fakeTasks: readonly ToldTask[] = [
  ...builtInCsvTasks(builtInTasks).map((task) => Object.assign(task, { model: "fake" })),
  ...drawnTasks.map((task): ToldTask => Object.assign({ sees: "face", model: "fake", hasNovelty: false, hasSet: false } as const, task)),
];

/** Stands in for the networks: says how large the picture was, fails on "broken", waits on "slow" until aborted. */
export function fakeAnalyzer(): FaceAnalyzer<Uint8Array> & { readonly aborted: () => number } {
  let aborted = 0;
  const analyze: FaceAnalyzer<Uint8Array>["analyze"] = async (input, { signal, source = "picture" } = {}) => {
    const text = Buffer.from(input).toString();
    if (text.startsWith("broken")) throw new TensorFaceError("TF_IMAGE_CORRUPT", `${source} is cut off`);
    if (text.startsWith("bug")) throw new Error("secret detail");
    if (text.startsWith("slow")) {
      await new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => {
          aborted++;
          reject(new TensorFaceError("TF_ABORTED", "stopped"));
        });
      });
    }
    return analysis(source, input.byteLength);
  };
  return {
    models: ["fake"],
    manifests: [],
    tasks: fakeTasks,
    device: "cpu",
    aborted: () => aborted,
    analyze,
    analyzeAll: () => {
      throw new Error("the server schedules pictures itself");
    },
    dispose: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A fake analyzer that keeps each picture in work until the test lets all go: no limit on time has to end one. */
export function holdingAnalyzer(): FaceAnalyzer<Uint8Array> & {
  /** What was sent of each picture that was begun, in that order. */
  readonly begun: readonly string[];
  /** Fulfilled with the first picture's beginning. */
  readonly hasBegun: Promise<void>;
  readonly letGo: () => void;
} {
  const analyzer = fakeAnalyzer();
  const begun: string[] = [];
  const first = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const analyze: FaceAnalyzer<Uint8Array>["analyze"] = async (input, options) => {
    begun.push(Buffer.from(input).toString());
    first.resolve();
    await end.promise;
    return analyzer.analyze(input, options);
  };
  return { ...analyzer, analyze, begun, hasBegun: first.promise, letGo: () => end.resolve() };
}

/**
 * From now on the time limits of pictures and films pass when the test says so, and not by the clock: a machine that is busy is no slower
 * than its test.
 */
export function holdTimeLimits(): {
  /** How long each was to last, in ms. */
  readonly asked: readonly number[];
  /** All that were begun so far pass now. */
  readonly pass: () => void;
} {
  const asked: number[] = [];
  const begun: AbortController[] = [];
  const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const controller = new AbortController();
    asked.push(ms);
    begun.push(controller);
    return controller.signal;
  });
  onTestFinished(() => timeout.mockRestore());
  return {
    asked,
    pass: () => {
      for (const controller of begun.splice(0)) controller.abort(new DOMException("the time is over", "TimeoutError"));
    },
  };
}

const point = { x: 1, y: 2 };

export function analysis(source: string, width: number): FaceAnalysis {
  const landmarks = { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point };
  const mood = {
    label: "happy",
    confidence: 0.9,
    probabilities: { angry: 0.1, disgust: 0, fear: 0, happy: 0.9, sad: 0, surprise: 0, neutral: 0 },
  } as const;
  const gender = { label: "female", confidence: 0.8, probabilities: { female: 0.8, male: 0.2 } } as const;
  const face = (side: number) => ({ box: { x: 0, y: 0, width: side, height: side }, score: 0.5, landmarks, gender, mood });
  return {
    schema: "tensorface.analysis/1",
    source,
    width,
    height: 7,
    faces: [face(40), face(20)],
    timings: { decodeMs: 1, detectMs: 2, classifyMs: 3 },
  };
}

/** Apps that are closed after the test that started them. */
export const apps: App[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

/** An app with a fake analyzer, ready for `inject`; `parts` replaces what the command would bind. */
export async function start(
  options: ServerOptions = {},
  analyzer: FaceAnalyzer<Uint8Array> = fakeAnalyzer(),
  parts: Partial<ServerParts> = {},
): Promise<App> {
  const app = await buildApp(fakeParts(analyzer, parts), { logLevel: "silent", ...options });
  apps.push(app);
  await app.ready();
  return app;
}

export function fakeParts(analyzer: FaceAnalyzer<Uint8Array> = fakeAnalyzer(), parts: Partial<ServerParts> = {}): ServerParts {
  const annotate = async (bytes: Uint8Array, { faces }: FaceAnalysis, format: string) =>
    Buffer.from(`${format} ${faces.length} ${bytes.byteLength}`);
  return { analyzer, annotate, manifests: [], version: "1.2.3", ...parts };
}

export const picture = { "content-type": "image/jpeg" };

export function form(files: readonly (readonly [name: string, content: string])[]): { payload: string; headers: Record<string, string> } {
  const parts = files.map(
    ([name, content]) =>
      `--x\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\nContent-Type: image/png\r\n\r\n${content}\r\n`,
  );
  return { payload: `${parts.join("")}--x--\r\n`, headers: { "content-type": "multipart/form-data; boundary=x" } };
}
