import { connect } from "node:net";
import { expect, test } from "vitest";
import { TensorFaceError } from "../core/index.ts";
import { listen } from "./index.ts";
import type { FilmFollower, FollowFilmOptions } from "./options.ts";
import { analysis, fakeAnalyzer, start } from "./testing.ts";

const film = { "content-type": "video/mp4" };

/** Stands in for what reads films: a line for each byte of the film, and one of a megabyte for an "L"; "!" is damage, "?" no film, "~" lasts for ever. */
function fakeFollower(): FilmFollower & { readonly asked: FollowFilmOptions[]; readonly lines: () => number; readonly left: () => number } {
  const asked: FollowFilmOptions[] = [];
  let [lines, left] = [0, 0];
  return {
    asked,
    lines: () => lines,
    left: () => left,
    load: async () => {},
    async *follow(bytes, options) {
      asked.push(options);
      try {
        for (const letter of Buffer.from(bytes).toString()) {
          if (letter === "?") throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", "film is no film");
          if (letter === "!") throw new TensorFaceError("TF_VIDEO_CORRUPT", "film was cut off");
          if (letter === "#") throw new Error("secret detail");
          if (letter === "~")
            await new Promise((_, reject) => {
              options.signal.addEventListener("abort", () => reject(new TensorFaceError("TF_ABORTED", "stopped")));
            });
          lines++;
          const { faces } = options.select(analysis("film", 7));
          yield `${JSON.stringify({ letter, faces, filling: letter === "L" ? "x".repeat(2 ** 20) : "" })}\n`;
        }
      } finally {
        left++;
      }
    },
  };
}

async function startWith(video = fakeFollower(), options = {}) {
  const app = await start({ video: options }, fakeAnalyzer(), { video });
  const send = async (payload: string, query = "", headers: Record<string, string> = film) =>
    app.inject({ method: "POST", url: `/v1/video${query}`, payload, headers });
  return { app, video, send };
}

test.each(["video/mp4; codecs=avc1", "application/octet-stream; charset=binary", "VIDEO/WebM"])("a film comes as %s", async (type) => {
  const { send } = await startWith();
  expect((await send("ab", "", { "content-type": type })).statusCode).toBe(200);
});

test("films are taken only where the server was asked to", async () => {
  const app = await start({}, fakeAnalyzer(), { video: fakeFollower() });
  const answer = await app.inject({ method: "POST", url: "/v1/video", payload: "ab", headers: film });
  expect([answer.statusCode, answer.json().error]).toEqual([
    404,
    expect.objectContaining({
      code: "TF_ROUTE_NOT_FOUND",
      message: expect.stringContaining("films"),
      hint: expect.stringContaining("--video"),
    }),
  ]);
  expect((await app.inject("/v1/video")).statusCode).toBe(404);
  expect((await app.inject("/openapi.json")).json().paths).not.toHaveProperty("/v1/video");
});

test("a server that cannot read films does not begin to take them", async () => {
  const load = async (): Promise<void> => {
    throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", "the packages are not installed");
  };
  await expect(startWith({ ...fakeFollower(), load })).rejects.toMatchObject({ code: "TF_VIDEO_UNSUPPORTED" });
});

test("a film is answered line by line, with what was asked for", async () => {
  const { send, video } = await startWith();
  const answer = await send("abc", "?every=3&tasks=gender&maxFaces=1");
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "application/x-ndjson"]);
  const lines = answer.body.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).letter)).toEqual(["a", "b", "c"]);
  const [face, ...more] = JSON.parse(lines[0]!).faces;
  expect([face.gender.label, face.mood, more]).toEqual(["female", undefined, []]);
  expect(video.asked[0]).toMatchObject({ every: 3, maxSeconds: 600, maxPixels: 4096 * 2176 });
  expect((await send("a", "", { "content-type": "application/octet-stream" })).statusCode).toBe(200);
});

test.each([
  ["no film", "?", film, "", 415, "TF_VIDEO_UNSUPPORTED"],
  ["a damaged one", "!", film, "", 422, "TF_VIDEO_CORRUPT"],
  ["nothing", "", film, "", 400, "TF_REQUEST_INVALID"],
  ["too much", "a".repeat(101), film, "", 413, "TF_REQUEST_TOO_LARGE"],
  ["a picture", "a", { "content-type": "image/png" }, "", 415, "TF_VIDEO_UNSUPPORTED"],
  ["no number of frames", "a", film, "?every=0", 400, "TF_REQUEST_INVALID"],
  ["a task that nobody tells", "a", film, "?tasks=shoes", 400, "TF_REQUEST_INVALID"],
] as const)("%s is refused with a status and a code", async (...[, payload, headers, query, status, code]) => {
  const { send } = await startWith(fakeFollower(), { maxBytes: 100 });
  const answer = await send(payload, query, headers);
  expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
});

test("a film may be larger than all that requests hold, where it is allowed to be", async () => {
  const app = await start({ video: { maxBytes: 20_000 }, maxBodyBytes: 1000 }, fakeAnalyzer(), { video: fakeFollower() });
  const answer = await app.inject({ method: "POST", url: "/v1/video", payload: "a".repeat(15_000), headers: film });
  expect(answer.statusCode).toBe(200);
});

test("what goes wrong behind the first line is the last line; a bug tells no details", async () => {
  const { send } = await startWith();
  const lines = (await send("ab!")).body.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).letter ?? JSON.parse(line).error.code)).toEqual(["a", "b", "TF_VIDEO_CORRUPT"]);
  const broken = await send("#");
  expect([broken.statusCode, broken.body.includes("secret")]).toEqual([500, false]);
});

test("a film that takes too long is stopped", async () => {
  const { send } = await startWith(fakeFollower(), { timeLimitMs: 20 });
  const early = await send("~");
  expect([early.statusCode, early.json().error.code]).toEqual([503, "TF_TIMEOUT"]);
  const late = (await send("a~")).body.trimEnd().split("\n");
  expect(JSON.parse(late.at(-1)!).error.code).toBe("TF_TIMEOUT");
});

test("one film is in work at a time; the next is refused before its body is read, and taken afterwards", async () => {
  const { app, video, send } = await startWith();
  const address = await listen(app, { port: 0, hasToken: false });
  const controller = new AbortController();
  const first = fetch(`${address}/v1/video`, { method: "POST", body: "~", headers: film, signal: controller.signal });
  await expect.poll(() => video.asked.length).toBe(1);
  const second = await send("a");
  expect([second.statusCode, second.json().error.code, second.headers["retry-after"]]).toEqual([503, "TF_OVERLOADED", "2"]);
  controller.abort();
  await expect(first).rejects.toThrow("aborted");
  await expect.poll(async () => (await send("a")).statusCode).toBe(200);
  await expect.poll(() => video.left()).toBe(2);
});

test("a client that reads slowly slows the work, and one that goes away ends it", async () => {
  const { app, video } = await startWith();
  const { port } = new URL(await listen(app, { port: 0, hasToken: false }));
  const body = "L".repeat(200);
  const socket = connect(Number(port), "127.0.0.1");
  socket.pause();
  try {
    socket.write(`POST /v1/video HTTP/1.1\r\nhost: localhost\r\ncontent-type: video/mp4\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await expect.poll(() => video.lines()).toBeGreaterThan(0);
    let before = -1;
    // Until what the system keeps for the reader is full.
    await expect
      .poll(
        () => {
          const isStill = before === video.lines();
          before = video.lines();
          return isStill;
        },
        { interval: 300 },
      )
      .toBe(true);
    expect(before).toBeLessThan(100);
    expect(video.left()).toBe(0);
  } finally {
    socket.destroy();
  }
  await expect.poll(() => video.left()).toBe(1);
});

test("where there is a token, films need it too", async () => {
  const app = await start({ video: {}, token: "secret" }, fakeAnalyzer(), { video: fakeFollower() });
  const post = async (headers: object) => app.inject({ method: "POST", url: "/v1/video", payload: "a", headers: { ...film, ...headers } });
  expect((await post({})).statusCode).toBe(401);
  expect((await post({ authorization: "Bearer secret" })).statusCode).toBe(200);
});
