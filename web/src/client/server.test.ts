import { afterEach, expect, test, vi } from "vitest";
import { analyzeOnServer } from "./server.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const photo = new Blob(["photo"], { type: "image/jpeg" });
const analysis = { schema: "tensorface.analysis/1", source: "picture", width: 1, height: 1, faces: [], timings: {} };
const refusal = (status: number, code: string, seconds?: number): Response =>
  Response.json(
    { error: { code, message: "not now", hint: "Wait." } },
    { status, headers: seconds === undefined ? {} : { "retry-after": String(seconds) } },
  );

/** A server that answers so, one after the other, and how often it was asked. */
function answering(...answers: readonly Response[]): { readonly asked: () => number } {
  vi.useFakeTimers();
  vi.stubGlobal("document", { baseURI: "http://page.test/" });
  let asked = 0;
  vi.stubGlobal("fetch", async (_: URL, { signal, body }: RequestInit) => {
    signal?.throwIfAborted();
    expect(body).toBe(photo);
    return answers[asked++]!;
  });
  return { asked: () => asked };
}

const ask = { signal: new AbortController().signal, token: undefined, models: undefined };

test.each([
  ["that asks for fewer requests a minute", refusal(429, "TF_RATE_LIMITED", 40), 40],
  ["that has too much to do", refusal(503, "TF_OVERLOADED", 2), 2],
])("a photo is sent again to a server %s, when it says", async (_name, refused, seconds) => {
  const { asked } = answering(refused, Response.json(analysis));
  const outcome = analyzeOnServer(photo, "one.jpg", ask);
  await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
  expect(asked()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await outcome).toMatchObject({ source: "one.jpg", faces: [] });
});

test.each([
  ["took too long", refusal(503, "TF_TIMEOUT", 2), "TF_TIMEOUT"],
  ["is damaged", refusal(422, "TF_IMAGE_CORRUPT"), "TF_IMAGE_CORRUPT"],
])("a photo that %s is not sent again", async (_name, refused, code) => {
  const { asked } = answering(refused, Response.json(analysis));
  expect(await analyzeOnServer(photo, "one.jpg", ask)).toMatchObject({ source: "one.jpg", error: { code } });
  expect(asked()).toBe(1);
});

test("a photo that was taken away meanwhile is not sent again", async () => {
  const { asked } = answering(refusal(429, "TF_RATE_LIMITED", 40), Response.json(analysis));
  const controller = new AbortController();
  const outcome = analyzeOnServer(photo, "one.jpg", { ...ask, signal: controller.signal });
  await vi.advanceTimersByTimeAsync(1000);
  controller.abort();
  await outcome;
  expect(asked()).toBe(1);
});
