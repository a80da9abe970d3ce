import type { LookupAddress, lookup } from "node:dns";
import { once } from "node:events";
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, test, vi } from "vitest";
import type { FaceAnalysis } from "../analyze/analysis.ts";
import { createFaceAnalyzer } from "../analyze/analyzer.ts";
import type { FaceAnalyzer } from "../analyze/face-analyzer.ts";
import { createFakePlatform } from "../analyze/testing.ts";
import { TensorFaceError } from "../core/index.ts";
import { buildApp, fetchPublic, type FilmFollower, isPublicAddress, listen, type ServerParts } from "./index.ts";
import { analysis, apps, fakeAnalyzer, fakeParts, fakeTasks, form, holdingAnalyzer, holdTimeLimits, picture, start } from "./testing.ts";
import { openModelFolders } from "../models/models.node.ts";
import { drawnManifest, drawnTasks } from "../models/testing.ts";
import { sampleAnalysis, sampleFace } from "../../test/support/outcomes.ts";

describe("POST /v1/analyze", () => {
  test("takes raw bytes, JSON with a data URL, and a form, and answers the same object", async () => {
    const app = await start();
    const raw = await app.inject({ method: "POST", url: "/v1/analyze", payload: "12345", headers: picture });
    const json = await app.inject({
      method: "POST",
      url: "/v1/analyze",
      payload: { image: `data:image/png;base64,${btoa("12345")}`, source: "picture" },
    });
    const upload = await app.inject({ method: "POST", url: "/v1/analyze", ...form([["picture", "12345"]]) });
    expect(raw.statusCode).toBe(200);
    expect(raw.json()).toEqual(analysis("picture", 5));
    expect(json.json()).toEqual(raw.json());
    expect(upload.json()).toEqual(raw.json());
  });

  test.each(["application/octet-stream; charset=binary", "application/octet-stream;x=y", "image/jpeg; charset=utf-8", "IMAGE/JPEG"])(
    "takes raw bytes as %s",
    async (type) => {
      const app = await start();
      const answer = await app.inject({ method: "POST", url: "/v1/analyze", payload: "12345", headers: { "content-type": type } });
      expect([answer.statusCode, answer.json()]).toEqual([200, analysis("picture", 5)]);
    },
  );

  test("answers several pictures in their order; one that fails does not stop the rest", async () => {
    const app = await start();
    const { results } = (
      await app.inject({
        method: "POST",
        url: "/v1/analyze",
        ...form([
          ["a", "1"],
          ["b", "broken"],
          ["c", "333"],
        ]),
      })
    ).json();
    expect(results.map((result: FaceAnalysis) => result.source)).toEqual(["a", "b", "c"]);
    expect(results[1].error).toMatchObject({ code: "TF_IMAGE_CORRUPT" });
    expect(results[2].width).toBe(3);
  });

  const addressForbidden = { url: "http://127.0.0.1/b.png", source: "b" };
  test.each([
    ["an address that is refused", { allowUrls: true }, addressForbidden, "TF_URL_REFUSED"],
    ["an address where none is fetched", {}, addressForbidden, "TF_URL_REFUSED"],
    ["a data URL that is none", {}, { image: "hello", source: "b" }, "TF_REQUEST_INVALID"],
    ["a picture that is broken", {}, { image: `data:;base64,${btoa("broken")}`, source: "b" }, "TF_IMAGE_CORRUPT"],
  ])("%s between two good pictures has its error in its place", async (_name, options, bad, code) => {
    const app = await start(options);
    const good = (source: string) => ({ image: `data:;base64,${btoa("1")}`, source });
    const request = { method: "POST", url: "/v1/analyze", payload: { images: [good("a"), bad, good("c")] } } as const;
    const { results } = (await app.inject(request)).json();
    const expected = [
      { source: "a", width: 1 },
      { source: "b", error: { code } },
      { source: "c", width: 1 },
    ];
    expect(results).toMatchObject(expected);
    const { body } = await app.inject({ ...request, headers: { accept: "application/x-ndjson" } });
    const lines = body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject(expected);
    expect((await app.inject("/metrics")).body).toContain(`tensorface_pictures_total{outcome="${code}"} 2`);
  });

  test("streams a line a picture where the client accepts NDJSON", async () => {
    const app = await start();
    const { payload, headers } = form([
      ["a", "1"],
      ["b", "broken"],
    ]);
    const answer = await app.inject({
      method: "POST",
      url: "/v1/analyze",
      payload,
      headers: { ...headers, accept: "application/x-ndjson" },
    });
    expect(answer.headers["content-type"]).toContain("application/x-ndjson");
    const lines = answer.body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.source)).toEqual(["a", "b"]);
  });

  test("gives the part that was asked for", async () => {
    const app = await start();
    const { faces } = (
      await app.inject({ method: "POST", url: "/v1/analyze?tasks=mood&minFace=30&maxFaces=5", payload: "1", headers: picture })
    ).json();
    expect(faces).toHaveLength(1);
    expect(faces[0].mood.label).toBe("happy");
    expect(faces[0].gender).toBeUndefined();
  });

  test("measures faces as the library does, by the longer side", async () => {
    const analyzer = fakeAnalyzer();
    const oblong = async (...[input, options]: Parameters<typeof analyzer.analyze>): Promise<FaceAnalysis> => {
      const { faces, ...rest } = await analyzer.analyze(input, options);
      const boxes = [
        { x: 0, y: 0, width: 95, height: 110 },
        { x: 0, y: 0, width: 110, height: 95 },
        { x: 0, y: 0, width: 99, height: 99 },
      ];
      return { ...rest, faces: boxes.map((box) => Object.assign({}, faces[0], { box })) };
    };
    const app = await start({}, { ...analyzer, analyze: oblong });
    const { faces } = (await app.inject({ method: "POST", url: "/v1/analyze?minFace=100", payload: "1", headers: picture })).json();
    expect(faces.map(({ box }: { box: object }) => box)).toMatchObject([{ width: 95 }, { width: 110 }]);
  });

  test("leaves out faces of which the detector is less sure than was asked for", async () => {
    const analyzer = fakeAnalyzer();
    const scored = async (...[input, options]: Parameters<typeof analyzer.analyze>): Promise<FaceAnalysis> => {
      const { faces, ...rest } = await analyzer.analyze(input, options);
      return { ...rest, faces: [0.9, 0.3, 0.5].map((score) => Object.assign({}, faces[0], { score })) };
    };
    const app = await start({}, { ...analyzer, analyze: scored });
    const { faces } = (await app.inject({ method: "POST", url: "/v1/analyze?minScore=0.5", payload: "1", headers: picture })).json();
    expect(faces.map(({ score }: { score: number }) => score)).toEqual([0.9, 0.5]);
  });

  test.each([
    { decoder: "blazeface", minScore: 1.2, status: 400 },
    { decoder: "ssd", minScore: 1, status: 200 },
    { decoder: "dlib", minScore: 1.2, status: 200 },
    { decoder: "dlib", minScore: -0.1, status: 400 },
  ] as const)("scores are those of the detector: $minScore of $decoder is answered $status", async ({ decoder, minScore, status }) => {
    const analyzer = fakeAnalyzer();
    const manifests = (await openModelFolders().manifests()).filter(
      (manifest) => manifest.kind === "detector" && manifest.decoder === decoder,
    );
    expect(manifests).toHaveLength(1);
    const scored = async (...[input, options]: Parameters<typeof analyzer.analyze>): Promise<FaceAnalysis> => {
      const { faces, ...rest } = await analyzer.analyze(input, options);
      return { ...rest, faces: [1.5, 0.3].map((score) => Object.assign({}, faces[0], { score })) };
    };
    const app = await start({}, { ...analyzer, manifests, analyze: scored });
    const answer = await app.inject({ method: "POST", url: `/v1/analyze?minScore=${minScore}`, payload: "1", headers: picture });
    const { faces = [], error } = answer.json<{ faces?: { score: number }[]; error?: { code: string } }>();
    expect([answer.statusCode, error?.code, faces.map(({ score }) => score)]).toEqual(
      status === 200 ? [200, undefined, [1.5]] : [400, "TF_REQUEST_INVALID", []],
    );
  });

  test.each([
    ["a broken picture", { payload: "broken", headers: picture }, 422, "TF_IMAGE_CORRUPT"],
    ["a body of another type", { payload: "<a/>", headers: { "content-type": "text/xml" } }, 415, "TF_IMAGE_FORMAT_UNSUPPORTED"],
    ["JSON without a picture", { payload: { face: 1 } }, 400, "TF_REQUEST_INVALID"],
    ["JSON that is none", { payload: "{", headers: { "content-type": "application/json" } }, 400, "TF_REQUEST_INVALID"],
    ["a data URL that is none", { payload: { image: "hello" } }, 400, "TF_REQUEST_INVALID"],
    ["an address, though fetching is off", { payload: { url: "http://example.org/a.jpg" } }, 400, "TF_URL_REFUSED"],
    ["a body that is too large", { payload: "x".repeat(2000), headers: picture }, 413, "TF_REQUEST_TOO_LARGE"],
    ["too many pictures", { payload: { images: [1, 2, 3].map(() => ({ image: "data:;base64,AA==" })) } }, 413, "TF_REQUEST_TOO_LARGE"],
    ["an empty form", form([]), 400, "TF_REQUEST_INVALID"],
  ])("refuses %s", async (_name, request, status, code) => {
    const app = await start({ maxBodyBytes: 1000, maxPictures: 2 });
    const answer = await app.inject({ method: "POST", url: "/v1/analyze", ...request });
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
    expect(answer.json().error.hint).not.toBe("");
  });

  test("a file of a form is measured too", async () => {
    const app = await start({ maxBodyBytes: 1000 });
    const send = async (size: number) => app.inject({ method: "POST", url: "/v1/analyze", ...form([["a", "x".repeat(size)]]) });
    expect((await send(1000)).statusCode).toBe(200);
    const answer = await send(1001);
    expect([answer.statusCode, answer.json().error.code]).toEqual([413, "TF_REQUEST_TOO_LARGE"]);
  });

  test("in a stream whose status is long sent, a request that goes wrong ends with a line that says so, behind those of its pictures", async () => {
    const app = await start({ maxPictures: 2 });
    const upload = form([
      ["a", "1"],
      ["b", "broken"],
      ["c", "3"],
    ]);
    const headers = { ...upload.headers, accept: "application/x-ndjson" };
    const { body } = await app.inject({ method: "POST", url: "/v1/analyze", payload: upload.payload, headers });
    const lines = body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { source: "a", width: 1 },
      { source: "b", error: { code: "TF_IMAGE_CORRUPT" } },
      { source: "request", error: { code: "TF_REQUEST_TOO_LARGE" } },
    ]);
  });

  test.each([1, 8])(
    "with %i at once a line leaves as soon as its picture is done, while the next one is still on its way",
    async (concurrency) => {
      const app = await start({ concurrency });
      const address = await listen(app, { port: 0, hasToken: false });
      const { port } = new URL(address);
      const { headers, payload } = form([
        ["a", "1"],
        ["b", "2"],
      ]);
      const [first, second] = [
        payload.slice(0, payload.lastIndexOf("--x\r\nContent")),
        payload.slice(payload.lastIndexOf("--x\r\nContent")),
      ];
      const request = httpRequest({
        port,
        path: "/v1/analyze",
        method: "POST",
        headers: { ...headers, accept: "application/x-ndjson", "content-length": payload.length },
      });
      request.write(`${first}--x\r\n`.slice(0, first.length + 5));
      const [response] = (await once(request, "response")) as [IncomingMessage];
      const [line] = (await once(response, "data")) as [Buffer];
      expect(JSON.parse(line.toString())).toMatchObject({ source: "a" });
      request.end(second.slice(5));
      const [next] = (await once(response, "data")) as [Buffer];
      expect(JSON.parse(next.toString())).toMatchObject({ source: "b" });
    },
  );

  test.each([
    ["a list with bare text", { images: [{ image: "data:;base64,AA==" }, "AA=="] }, /`images\[1\]` is no picture.*"url"/],
    ["an empty list", { images: [] }, /`images` is empty/],
    ["a list beside something else", { images: [{ image: "data:;base64,AA==" }], tasks: "age" }, /beside `images`/],
    ["another field", { picture: "AA==" }, /the JSON is no picture.*"image"/],
  ])("says of JSON with %s what it should be", async (_name, payload, message) => {
    const app = await start();
    const answer = await app.inject({ method: "POST", url: "/v1/analyze", payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error.message).toMatch(message);
  });

  test("says that nothing was sent where the body is empty", async () => {
    const app = await start();
    const answer = await app.inject({ method: "POST", url: "/v1/analyze" });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatchObject({
      code: "TF_REQUEST_INVALID",
      message: expect.stringMatching(/^the body is empty;.*"image"/),
    });
  });

  test("says of a body of another type that its type is meant, since curl names one by itself", async () => {
    const app = await start();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { error } = (await app.inject({ method: "POST", url: "/v1/analyze", payload: "12345", headers })).json();
    expect(error.message).toContain("content-type");
    expect(error.hint).toContain("-H");
  });

  test.each([
    ["minFace=abc", /^in the query, minFace: .*a number$/],
    ["maxFaces=1.5", /^in the query, maxFaces: .*int/],
    ["maxFaces=0", /^in the query, maxFaces: .*>=1$/],
    ["minScore=", /^in the query, minScore: expected a number$/],
    ["colour=red", /^in the query: .*"colour"$/],
  ])("says of ?%s which option is wrong", async (query, message) => {
    const app = await start();
    const answer = await app.inject({ method: "POST", url: `/v1/analyze?${query}`, payload: "1", headers: picture });
    expect(answer.json().error.message).toMatch(message);
  });

  const impossible = ["tasks=shoes", "heads=shoes", "tasks=age&heads=mood", "minFace=-1", "colour=red", "maxFaces=0", "minFace="].concat([
    "maxFaces=",
    "minScore=%20",
    "minScore=NaN",
    "minFace=Infinity",
    "maxFaces=1&maxFaces=2",
  ]);
  test.each(impossible)("refuses unknown and impossible options before any picture is looked at: ?%s", async (query) => {
    const analyze = vi.fn<FaceAnalyzer<Uint8Array>["analyze"]>();
    const app = await start({}, { ...fakeAnalyzer(), analyze });
    for (const path of ["/v1/analyze", "/v1/annotate"]) {
      const answer = await app.inject({ method: "POST", url: `${path}?${query}`, payload: "1", headers: picture });
      expect([answer.statusCode, answer.json().error.code]).toEqual([400, "TF_REQUEST_INVALID"]);
    }
    expect(analyze).not.toHaveBeenCalled();
  });

  test("does not tell a client the details of a bug", async () => {
    const app = await start();
    const answer = await app.inject({ method: "POST", url: "/v1/analyze", payload: "bug", headers: picture });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain("secret");
  });
});

describe("limits", () => {
  test("work that takes too long is stopped and answered with 503", async () => {
    const analyzer = fakeAnalyzer();
    const app = await start({ timeLimitMs: 30 }, analyzer);
    const answer = await app.inject({ method: "POST", url: "/v1/analyze", payload: "slow", headers: picture });
    expect([answer.statusCode, answer.json().error.code, answer.headers["retry-after"]]).toEqual([503, "TF_TIMEOUT", "2"]);
    expect(analyzer.aborted()).toBe(1);
  });

  test("past the queue the answer is 503 with Retry-After, and readiness says so", async () => {
    const analyzer = holdingAnalyzer();
    const app = await start({ concurrency: 1, maxQueue: 1 }, analyzer);
    const slow = [1, 2].map(() => app.inject({ method: "POST", url: "/v1/analyze", payload: "1", headers: picture }));
    await expect.poll(async () => (await app.inject("/readyz")).statusCode).toBe(503);
    const answer = await app.inject({ method: "POST", url: "/v1/analyze", payload: "1", headers: picture });
    expect([answer.statusCode, answer.json().error.code, answer.headers["retry-after"]]).toEqual([503, "TF_OVERLOADED", "2"]);
    analyzer.letGo();
    await Promise.all(slow);
    expect((await app.inject("/readyz")).statusCode).toBe(200);
  });

  test("a request that was let in has all its pictures analysed, though they are more than may wait", async () => {
    const app = await start({ concurrency: 2, maxQueue: 0 });
    const pictures = [1, 2, 3, 4, 5, 6].map((n) => [`${n}`, "x"] as const);
    const { results } = (await app.inject({ method: "POST", url: "/v1/analyze", ...form(pictures) })).json();
    expect(results.map((result: FaceAnalysis) => "faces" in result)).toEqual(pictures.map(() => true));
  });

  test("an overloaded server does not read what it will not answer", async () => {
    const analyzer = holdingAnalyzer();
    const app = await start({ concurrency: 1, maxQueue: 0 }, analyzer);
    const address = await listen(app, { port: 0, hasToken: false });
    const slow = app.inject({ method: "POST", url: "/v1/analyze", payload: "1", headers: picture });
    await expect.poll(async () => (await app.inject("/readyz")).statusCode).toBe(503);
    const { port } = new URL(address);
    const request = httpRequest({ port, path: "/v1/analyze", method: "POST", headers: { ...picture, "content-length": 1_000_000 } });
    request.on("error", () => {}); // It is given up below.
    request.write("the beginning");
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(503);
    request.destroy();
    analyzer.letGo();
    await slow;
  });

  test("a picture that waits is never begun once its client is gone", async () => {
    const analyzer = holdingAnalyzer();
    const app = await start({ concurrency: 1 }, analyzer);
    const address = await listen(app, { port: 0, hasToken: false });
    const running = fetch(`${address}/v1/analyze`, { method: "POST", body: "runs", headers: picture });
    await analyzer.hasBegun;
    const isGone = Promise.withResolvers<void>();
    app.server.once("request", (_request, response: ServerResponse) => response.once("close", () => isGone.resolve()));
    const controller = new AbortController();
    const waiting = fetch(`${address}/v1/analyze`, { method: "POST", body: "waits", headers: picture, signal: controller.signal });
    await expect.poll(async () => (await app.inject("/metrics")).body).toContain("tensorface_queue_pictures 1");
    controller.abort();
    await expect(waiting).rejects.toThrow("aborted");
    await isGone.promise;
    analyzer.letGo();
    expect((await running).status).toBe(200);
    await expect.poll(async () => (await app.inject("/metrics")).body).toContain("tensorface_queue_pictures 0");
    expect(analyzer.begun).toEqual(["runs"]);
  });

  test("whoever sends a request for ever is cut off", async () => {
    expect((await start()).server.requestTimeout).toBe(120_000);
  });

  test("a client that sends too often is told to wait", async () => {
    const app = await start({ requestsPerMinute: 2 });
    const send = () => app.inject({ method: "POST", url: "/v1/analyze", payload: "1", headers: picture });
    await send();
    await send();
    const answer = await send();
    expect([answer.statusCode, answer.json().error.code]).toEqual([429, "TF_RATE_LIMITED"]);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect((await app.inject("/healthz")).statusCode).toBe(200);
  });

  test("work stops when the client goes away", async () => {
    const analyzer = fakeAnalyzer();
    const app = await start({}, analyzer);
    const address = await listen(app, { port: 0, hasToken: false });
    const controller = new AbortController();
    const request = fetch(`${address}/v1/analyze`, { method: "POST", body: "slow", headers: picture, signal: controller.signal });
    await expect.poll(async () => (await app.inject("/metrics")).body).toContain("tensorface_running_pictures 1");
    controller.abort();
    await expect(request).rejects.toThrow("aborted");
    await expect.poll(() => analyzer.aborted()).toBe(1);
  });
});

test("faces of concurrent requests share batches of the networks", async () => {
  const platform = createFakePlatform({ face: true });
  await using analyzer = await createFaceAnalyzer(platform, { concurrency: 8 });
  // The platform's pictures are numbers.
  const byNumber: FaceAnalyzer<Uint8Array> = { ...fakeAnalyzer(), analyze: async (bytes, options) => analyzer.analyze(bytes[0]!, options) };
  const app = await start({ concurrency: 8 }, byNumber);
  const send = async () => app.inject({ method: "POST", url: "/v1/analyze?tasks=gender", payload: "1", headers: picture });
  const answers = await Promise.all(Array.from({ length: 8 }, send));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
  const { headBatches } = platform.log;
  expect(headBatches.reduce((sum, size) => sum + size, 0)).toBe(8);
  expect(headBatches.length).toBeLessThanOrEqual(2);
});

describe("closing", () => {
  test("answers what is running and what waits, and takes no more connections", async () => {
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const analyzer = fakeAnalyzer();
    const app = await start(
      { concurrency: 1 },
      {
        ...analyzer,
        analyze: async (input, options) => {
          await release;
          return analyzer.analyze(input, options);
        },
      },
    );
    const address = await listen(app, { port: 0, hasToken: false });
    const send = async (body: BodyInit, headers: Record<string, string>) =>
      fetch(`${address}/v1/analyze`, { method: "POST", body, headers });
    const several = form(["a", "b", "c"].map((name) => [name, "1"] as const));
    const answers = [send("1", picture), send("22", picture), send(several.payload, several.headers)];
    await expect.poll(async () => (await app.inject("/metrics")).body).toContain("tensorface_queue_pictures 2");
    const closed = app.close();
    await expect(fetch(`${address}/healthz`)).rejects.toThrow("fetch failed");
    resolve();
    const [first, second, list] = await Promise.all(answers);
    expect([first!.status, second!.status, list!.status]).toEqual([200, 200, 200]);
    expect(first!.headers.get("connection")).toBe("close");
    const { results } = (await list!.json()) as { results: readonly FaceAnalysis[] };
    expect(results.map(({ faces }) => faces.length)).toEqual([2, 2, 2]);
    await closed;
  });

  test("connections that browsers opened ahead do not hold it", async () => {
    const app = await start();
    const { port } = new URL(await listen(app, { port: 0, hasToken: false }));
    const silent = connect(Number(port), "127.0.0.1");
    await once(silent, "connect");
    await expect.poll(async () => new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)))).toBe(1);
    const began = performance.now();
    await app.close();
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe("access", () => {
  test("with a token set, the API wants it and health does not", async () => {
    const app = await start({ token: "open sesame" });
    const send = (authorization?: string) =>
      app.inject({
        method: "POST",
        url: "/v1/analyze",
        payload: "1",
        headers: { ...picture, ...(authorization === undefined ? {} : { authorization }) },
      });
    expect((await send()).json().error.code).toBe("TF_UNAUTHORIZED");
    expect((await send()).headers["www-authenticate"]).toBe("Bearer");
    expect((await send("Bearer wrong")).statusCode).toBe(401);
    expect((await send("Bearer open sesame")).statusCode).toBe(200);
    expect((await send("bearer open sesame")).statusCode).toBe(200);
    expect((await send("open sesame")).statusCode).toBe(401);
    expect((await app.inject("/metrics")).statusCode).toBe(401);
    expect((await app.inject("/healthz")).statusCode).toBe(200);
  });

  test("guesses of the token count towards the limit, and past it the right one must wait too", async () => {
    const app = await start({ token: "open sesame", requestsPerMinute: 3 });
    const models = async (authorization: string): Promise<number> =>
      (await app.inject({ url: "/v1/models", headers: { authorization } })).statusCode;
    for (let guess = 0; guess < 3; guess++) expect(await models(`Bearer ${guess}`)).toBe(401);
    expect([await models("Bearer 3"), await models("Bearer open sesame")]).toEqual([429, 429]);
    const metrics = async (authorization: string): Promise<number> =>
      (await app.inject({ url: "/metrics", headers: { authorization } })).statusCode;
    expect(await metrics("Bearer open sesame")).toBe(200);
    for (let guess = 0; guess < 599; guess++) await metrics(`Bearer ${guess}`);
    expect(await metrics("Bearer open sesame")).toBe(429);
  });

  test.each(["0.0.0.0", "::", "192.168.1.5", "127.0.0.1.example.org"])("listening beyond this machine needs a token: %s", async (host) => {
    const app = await start();
    await expect(listen(app, { host, port: 0, hasToken: false })).rejects.toThrow(/can be reached by other machines/);
  });

  test.each(["127.0.0.2", "127.1.2.3", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1", "LocalHost"])("%s is this machine alone", async (host) => {
    const app = await start();
    // Not every system has all of these addresses.
    const reason: unknown = await listen(app, { host, port: 0, hasToken: false }).catch((error: unknown) => error);
    expect(String(reason)).not.toContain("can be reached by other machines");
  });

  test("other origins are not allowed unless named", async () => {
    const headers = { origin: "https://example.org" };
    expect((await (await start()).inject({ url: "/healthz", headers })).headers["access-control-allow-origin"]).toBeUndefined();
    const open = await start({ corsOrigins: ["https://example.org"] });
    expect((await open.inject({ url: "/healthz", headers })).headers["access-control-allow-origin"]).toBe("https://example.org");
  });

  test.each([
    ["all of them", "*", "*"],
    ["one as people write it", "https://Example.org/", "https://example.org"],
  ])("other origins: %s", async (_name, named, allowed) => {
    const app = await start({ corsOrigins: [named] });
    const answer = await app.inject({
      method: "POST",
      url: "/v1/analyze",
      payload: "1",
      headers: { ...picture, origin: "https://example.org" },
    });
    expect([answer.statusCode, answer.headers["access-control-allow-origin"]]).toEqual([200, allowed]);
  });

  test("what is no origin is refused before the server begins", async () => {
    await expect(start({ corsOrigins: ["example.org"] })).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("example.org"),
    });
  });

  test("answers a part behind a file's end as such, so that a download that is whole is known to be", async () => {
    const app = await start({ webRoot: import.meta.dirname });
    const whole = await app.inject("/app.ts");
    const part = await app.inject({ url: "/app.ts", headers: { range: "bytes=5-9" } });
    expect([part.statusCode, part.payload]).toEqual([206, whole.payload.slice(5, 10)]);
    const behind = await app.inject({ url: "/app.ts", headers: { range: `bytes=${whole.rawPayload.length}-` } });
    expect([behind.statusCode, behind.headers["content-range"]]).toEqual([416, `bytes */${whole.rawPayload.length}`]);
    expect(behind.json()).toMatchObject({ error: { code: "TF_REQUEST_INVALID" } });
  });

  test("text leaves compressed for whoever takes it; lines that leave one by one do not wait for it", async () => {
    const app = await start({ webRoot: import.meta.dirname });
    const encodingOf = async (request: object, encodings: string): Promise<unknown> =>
      (await app.inject({ ...request, headers: { ...picture, "accept-encoding": encodings } })).headers["content-encoding"];
    const document = { url: "/openapi.json" };
    expect(await encodingOf(document, "gzip, deflate, br, zstd")).toBe("br");
    expect(await encodingOf(document, "gzip")).toBe("gzip");
    expect(await encodingOf(document, "identity")).toBeUndefined();
    expect(await encodingOf({ url: "/docs/static/swagger-ui.css" }, "br")).toBe("br");
    expect(await encodingOf({ url: "/healthz" }, "br")).toBeUndefined();
    const lines = { method: "POST", url: "/v1/analyze", payload: "1" } as const;
    const answer = await app.inject({ ...lines, headers: { ...picture, accept: "application/x-ndjson", "accept-encoding": "br" } });
    expect([answer.headers["content-encoding"], answer.json().width]).toEqual([undefined, 1]);
  });

  test("nobody frames the page, and it may ask for the camera alone", async () => {
    const { headers } = await (await start()).inject("/healthz");
    expect(headers["content-security-policy"]).toMatch(/default-src 'self'.*object-src 'none'.*wasm-unsafe-eval/);
    expect(headers["permissions-policy"]).toMatch(/^camera=\(self\).*microphone=\(\)/);
    expect([headers["x-content-type-options"], headers["referrer-policy"]]).toEqual(["nosniff", "no-referrer"]);
    // Whoever puts TLS in front says for how long all of its names shall have it.
    expect(headers["strict-transport-security"]).toBeUndefined();
  });

  test("pages are cross-origin isolated", async () => {
    const { headers } = await (await start()).inject("/healthz");
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
    expect(headers["cross-origin-embedder-policy"]).toBe("require-corp");
  });
});

/** The addresses that want the token, with their methods. */
const guarded = [
  ["POST", "/v1/analyze"],
  ["POST", "/v1/annotate"],
  ["GET", "/v1/models"],
  ["HEAD", "/v1/models"],
  ["GET", "/metrics"],
  ["HEAD", "/metrics"],
] as const;

/** Other ways to write an address, and whether they lead to the same route. */
const spellings: readonly (readonly [name: string, write: (path: string) => string, leadsThere: boolean])[] = [
  ["as it is", (path) => path, true],
  ["with the first letter encoded", (path) => path.replace(/[a-z]/, percentEncode), true],
  ["with a digit or the last letter encoded", (path) => path.replace(/\d|[a-z]$/, percentEncode), true],
  ["with every letter encoded", (path) => path.replaceAll(/[a-z0-9]/g, percentEncode), true],
  ["with a query", (path) => `${path}?maxFaces=1`, true],
  ["with an encoded letter and a query", (path) => `${path.replace(/[a-z]/, percentEncode)}?maxFaces=1`, true],
  ["with an empty anchor", (path) => `${path}#`, true],
  ["encoded twice", (path) => path.replace(/[a-z]/, (letter) => percentEncode(percentEncode(letter))), false],
  ["with two slashes before it", (path) => `/${path}`, false],
  ["with two slashes before its last word", (path) => path.replace(/\/(?=\w+$)/, "//"), false],
  ["with a slash after it", (path) => `${path}/`, false],
  ["with an encoded slash before it", (path) => `/%2F${path.slice(1)}`, false],
  ["in capitals", (path) => path.toUpperCase(), false],
  ["with dots", (path) => `/docs/..${path}`, false],
];

function percentEncode(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase()}`).join("");
}

/** Not found, or no address at all for those who serve the page's files. */
const nothingThere: unknown = expect.toBeOneOf([400, 404]);

/** The status of a request whose address goes out as it is written here: `fetch` and `inject` tidy it up. */
async function statusOf(port: string, method: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  const body = method === "POST" ? { ...picture, "content-length": "1" } : {};
  const request = httpRequest({ port, method, path, headers: { ...body, ...headers }, agent: false });
  request.end(method === "POST" ? "1" : undefined);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response.statusCode!;
}

describe.each([
  ["alone", {}],
  ["with a page", { webRoot: import.meta.dirname }],
  ["for other pages", { corsOrigins: ["https://example.org"] }],
] as const)("the guard of the API %s", (_name, options) => {
  test.each(spellings)("wants the token for an address %s", async (_spelling, write, leadsThere) => {
    const app = await start({ ...options, token: "secret" });
    const { port } = new URL(await listen(app, { port: 0, hasToken: true }));
    for (const [method, address] of guarded) {
      const path = write(address);
      const without = await statusOf(port, method, path);
      const wrong = await statusOf(port, method, path, { authorization: "Bearer Secret" });
      const right = await statusOf(port, method, path, { authorization: "Bearer secret" });
      expect([path, without, wrong, right]).toEqual(leadsThere ? [path, 401, 401, 200] : [path, nothingThere, nothingThere, nothingThere]);
    }
  });

  test.each(spellings)("counts requests for an address %s", async (_spelling, write, leadsThere) => {
    const app = await start({ ...options, requestsPerMinute: 1 });
    const { port } = new URL(await listen(app, { port: 0, hasToken: false }));
    expect(await statusOf(port, "POST", "/v1/analyze")).toBe(200);
    for (const [method, address] of guarded.filter(([, path]) => path.startsWith("/v1/"))) {
      const path = write(address);
      expect([path, await statusOf(port, method, path)]).toEqual([path, leadsThere ? 429 : nothingThere]);
    }
    // Whoever watches the server is not shut out by its clients.
    expect(await statusOf(port, "GET", "/metrics")).toBe(200);
  });

  test("OPTIONS gives nothing away, whatever the address", async () => {
    const app = await start({ ...options, token: "secret" });
    const { port } = new URL(await listen(app, { port: 0, hasToken: true }));
    for (const [, address] of guarded)
      for (const [, write, leadsThere] of spellings)
        expect(await statusOf(port, "OPTIONS", write(address))).toEqual(leadsThere ? 405 : nothingThere);
  });

  test("leaves health, the API's page and the web page to everybody", async () => {
    const app = await start({ ...options, token: "secret", requestsPerMinute: 1 });
    const { port } = new URL(await listen(app, { port: 0, hasToken: true }));
    const open = [
      "/healthz",
      "/readyz",
      "/%68ealthz",
      "/openapi.json",
      "/docs/",
      "/docs/json",
      // The decoder of HEIC is the optional package's and the sample that of the examples: no page of its own lies in this folder.
      ...("webRoot" in options ? ["/app.ts", "/heic/libheif-bundle.mjs", "/astronaut.png"] : []),
    ];
    for (const path of open)
      for (const method of ["GET", "HEAD", "GET"]) expect([path, await statusOf(port, method, path)]).toEqual([path, 200]);
    expect(await statusOf(port, "GET", "/nowhere")).toBe(404);
  });
});

test("a route is guarded unless it asks to be open", async () => {
  const app = await buildApp(fakeParts(), { logLevel: "silent", token: "secret" });
  apps.push(app);
  app.get("/new", () => "words");
  app.get("/open", { config: { open: true } }, () => "words");
  expect((await app.inject("/new")).statusCode).toBe(401);
  expect((await app.inject("/open")).statusCode).toBe(200);
});

test("another page's browser may ask what is allowed without a token, and needs it to call", async () => {
  const app = await start({ corsOrigins: ["https://example.org"], token: "secret" });
  const headers = { origin: "https://example.org", "access-control-request-method": "POST" };
  const asked = await app.inject({ method: "OPTIONS", url: "/v1/analyze", headers });
  expect([asked.statusCode, asked.headers["access-control-allow-origin"]]).toEqual([204, "https://example.org"]);
  const called = await app.inject({ method: "POST", url: "/v1/analyze", payload: "1", headers: { ...picture, origin: headers.origin } });
  expect(called.statusCode).toBe(401);
});

test.each([
  ["nobody's page asks for", {}],
  ["does not say what is to be allowed", { origin: "https://example.org" }],
  ["does not say for whom", { "access-control-request-method": "POST" }],
])("OPTIONS that %s is answered for other pages' sake as it is without them", async (_what, headers) => {
  const app = await start({ corsOrigins: ["https://example.org"] });
  const known = await app.inject({ method: "OPTIONS", url: "/v1/analyze", headers });
  expect([known.statusCode, known.headers.allow, known.json().error.code]).toEqual([405, "POST", "TF_METHOD_NOT_ALLOWED"]);
  const unknown = await app.inject({ method: "OPTIONS", url: "/nowhere", headers });
  expect([unknown.statusCode, unknown.json().error.code]).toEqual([404, "TF_ROUTE_NOT_FOUND"]);
});

test("another page's script may read how long it is to wait", async () => {
  const app = await start({ corsOrigins: ["https://example.org"], requestsPerMinute: 1 });
  const call = { method: "POST", url: "/v1/analyze", payload: "1", headers: { ...picture, origin: "https://example.org" } } as const;
  await app.inject(call);
  const { statusCode, headers } = await app.inject(call);
  expect([statusCode, Number(headers["retry-after"]) > 0, headers["access-control-expose-headers"]]).toEqual([429, true, "Retry-After"]);
});

describe("POST /v1/annotate", () => {
  test("gives the picture back in the format asked for, with the faces asked for", async () => {
    const app = await start();
    const answer = await app.inject({ method: "POST", url: "/v1/annotate?format=webp&maxFaces=1", payload: "12345", headers: picture });
    expect(answer.headers["content-type"]).toBe("image/webp");
    expect(answer.body).toBe("webp 1 5");
  });

  test("counts a picture once, also one that was analysed and cannot be drawn on", async () => {
    const annotate = async (bytes: Uint8Array): Promise<Uint8Array> => {
      if (bytes.byteLength === 1) throw new TensorFaceError("TF_IMAGE_TOO_LARGE", "too large to draw on");
      return bytes;
    };
    const app = await start({}, fakeAnalyzer(), { annotate });
    const send = async (payload: string) => app.inject({ method: "POST", url: "/v1/annotate", payload, headers: picture });
    expect([(await send("1")).json().error.code, (await send("22")).statusCode]).toEqual(["TF_IMAGE_TOO_LARGE", 200]);
    const counted = (await app.inject("/metrics")).body.match(/^tensorface_pictures_total.*$/gm);
    expect(counted?.toSorted()).toEqual([
      'tensorface_pictures_total{outcome="TF_IMAGE_TOO_LARGE"} 1',
      'tensorface_pictures_total{outcome="ok"} 1',
    ]);
  });

  test("takes one picture", async () => {
    const app = await start();
    const answer = await app.inject({
      method: "POST",
      url: "/v1/annotate",
      ...form([
        ["a", "1"],
        ["b", "2"],
      ]),
    });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, "TF_REQUEST_INVALID"]);
  });
});

describe("information", () => {
  const unusedFollower: FilmFollower = {
    load: async () => {},
    follow: () => expect.unreachable("no film was sent"),
  };

  test("an address that leads nowhere has a code", async () => {
    const answer = await (await start()).inject("/nowhere");
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, "TF_ROUTE_NOT_FOUND"]);
  });

  test.each([
    ["GET", "/v1/analyze", "POST"],
    ["PUT", "/v1/%61nnotate?x=1", "POST"],
    ["POST", "/v1/models", "GET, HEAD"],
    ["DELETE", "/metrics", "GET, HEAD"],
  ] as const)("%s %s is not allowed, and the answer says what is", async (method, url, allow) => {
    const answer = await (await start({ token: "secret" })).inject({ method, url });
    expect([answer.statusCode, answer.json().error.code, answer.headers["allow"]]).toEqual([405, "TF_METHOD_NOT_ALLOWED", allow]);
  });

  test("metrics count pictures by outcome and name no picture", async () => {
    const app = await start();
    await app.inject({
      method: "POST",
      url: "/v1/analyze",
      ...form([
        ["private-name.jpg", "1"],
        ["b", "broken"],
      ]),
    });
    const { body } = await app.inject("/metrics");
    expect(body).toContain('tensorface_pictures_total{outcome="ok"} 1');
    expect(body).toContain('tensorface_pictures_total{outcome="TF_IMAGE_CORRUPT"} 1');
    expect(body).toContain("tensorface_faces_total 2");
    expect(body).not.toContain("private-name");
  });

  test("the OpenAPI document is the one in the repository", async () => {
    const document = (await (await start({ video: {} }, fakeAnalyzer(), { video: unusedFollower })).inject("/openapi.json")).json();
    expect(document.openapi).toBe("3.1.0");
    await expect(`${JSON.stringify({ ...document, info: { ...document.info, version: "0" } }, undefined, 2)}\n`).toMatchFileSnapshot(
      "../../docs/reference/openapi.json",
    );
  });

  test("the OpenAPI document tells what is answered to a request that does not arrive, and where the server fails", async () => {
    const { paths } = (await (await start({ video: {} }, fakeAnalyzer(), { video: unusedFollower })).inject("/openapi.json")).json<{
      readonly paths: Record<string, Record<string, { readonly responses: Record<string, object> }>>;
    }>();
    for (const [path, operations] of Object.entries(paths))
      for (const { responses } of Object.values(operations)) {
        const mayFail = path === "/healthz" || path === "/readyz" ? [] : ["500"];
        expect([path, ...Object.keys(responses)]).toEqual(expect.arrayContaining([path, "408", "431", ...mayFail]));
      }
  });

  test("the page of the API is there", async () => {
    const app = await start();
    expect((await app.inject("/docs/")).statusCode).toBe(200);
  });
});

describe("fetching from addresses", () => {
  test.each([
    ["127.0.0.1", false],
    ["10.1.2.3", false],
    ["192.168.0.1", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["0.0.0.0", false],
    ["::1", false],
    ["fd00::1", false],
    ["fe80::1", false],
    ["::ffff:127.0.0.1", false],
    ["64:ff9b::7f00:1", false],
    ["not an address", false],
    ["8.8.8.8", true],
    ["2606:4700:4700::1111", true],
  ])("%s is public: %s", (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });

  test.each([
    "http://127.0.0.1:1/a.png",
    "http://[::1]:1/a.png",
    "http://localhost:1/a.png",
    "http://2130706433/a.png",
    "ftp://example.org/a.png",
    "http://a:b@8.8.8.8/",
  ])("refuses %s before it connects", async (url) => {
    const app = await start({ allowUrls: true });
    const answer = await app.inject({ method: "POST", url: "/v1/analyze", payload: { url } });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, "TF_URL_REFUSED"]);
  });

  test("judges every address of a name at the moment of the connection, and those of a redirect's target anew", async () => {
    const names: Readonly<Record<string, readonly string[]>> = {
      "inside.example": ["192.168.1.1"],
      "both.example": ["127.0.0.1", "10.0.0.5"],
      "public.example": ["127.0.0.1"],
    };
    const asked: string[] = [];
    const resolve = ((name: string, _options: object, callback: (error: null, addresses: LookupAddress[]) => void) => {
      asked.push(name);
      callback(
        null,
        names[name]!.map((address) => ({ address, family: 4 })),
      );
    }) as typeof lookup;
    const server = createServer((_request, response) => {
      response.writeHead(302, { location: "http://inside.example/secret" }).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const get = async (name: string) =>
      fetchPublic(`http://${name}:${port}/a.png`, {
        maxBytes: 1000,
        signal: AbortSignal.timeout(20_000),
        isAllowed: (address) => address === "127.0.0.1",
        resolve,
      });
    try {
      for (const name of ["inside.example", "both.example", "public.example"])
        await expect(get(name)).rejects.toThrow(expect.objectContaining({ code: "TF_URL_REFUSED" }));
      // Once for each connection: a second answer of the resolver is never asked for, so it cannot differ.
      expect(asked).toEqual(["inside.example", "both.example", "public.example", "inside.example"]);
    } finally {
      server.close();
    }
  });

  test("fetches, follows redirects, judges their targets, and stops at the limit", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/to-picture") response.writeHead(302, { location: "/picture" }).end();
      else if (request.url === "/to-elsewhere") response.writeHead(302, { location: "http://10.0.0.1/" }).end();
      else if (request.url === "/missing") response.writeHead(404).end();
      // Large web spaces answer nobody who does not say what asks.
      else if (request.headers["user-agent"] === undefined) response.writeHead(403).end();
      else response.end("x".repeat(100));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const get = (path: string, maxBytes = 1000) =>
      fetchPublic(`http://127.0.0.1:${port}${path}`, {
        maxBytes,
        signal: AbortSignal.timeout(20_000),
        isAllowed: (address) => address === "127.0.0.1",
      });
    try {
      expect((await get("/to-picture")).byteLength).toBe(100);
      await expect(get("/to-elsewhere")).rejects.toThrow(expect.objectContaining({ code: "TF_URL_REFUSED" }));
      await expect(get("/missing")).rejects.toThrow(expect.objectContaining({ code: "TF_INPUT_UNREADABLE" }));
      await expect(get("/picture", 50)).rejects.toThrow(expect.objectContaining({ code: "TF_REQUEST_TOO_LARGE" }));
    } finally {
      server.close();
    }
  });

  interface HalfHost extends Disposable {
    readonly url: (path: string) => string;
    /** How many of its connections are open. */
    readonly open: () => number;
    /** Fulfilled once it has broken off. */
    readonly hasReset: Promise<void>;
  }

  /** A host that breaks off or falls silent in the middle of a picture. */
  async function startHalfHost(): Promise<HalfHost> {
    let open = 0;
    const { promise: hasReset, resolve: tellReset } = Promise.withResolvers<void>();
    const server = createServer((request, response) => {
      open++;
      request.socket.once("close", () => open--);
      response.writeHead(200, { "content-length": 100 });
      response.write("x");
      if (request.url === "/reset") {
        setTimeout(() => {
          request.socket.resetAndDestroy();
          tellReset();
        }, 20);
      }
      if (request.url === "/short") setTimeout(() => request.socket.end(), 20);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
      url: (path) => `http://127.0.0.1:${port}${path}`,
      open: () => open,
      hasReset,
      [Symbol.dispose]: () => {
        server.close();
        server.closeAllConnections();
      },
    };
  }

  const fetchHere: ServerParts["fetchPicture"] = async (url, options) =>
    fetchPublic(url, { ...options, isAllowed: (address) => address === "127.0.0.1" });

  test.each(["/reset", "/short"])("a host that breaks off in the middle (%s) could not be read", async (path) => {
    using host = await startHalfHost();
    const app = await start({ allowUrls: true }, fakeAnalyzer(), { fetchPicture: fetchHere });
    const answer = await app.inject({ method: "POST", url: "/v1/analyze", payload: { url: host.url(path) } });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, "TF_INPUT_UNREADABLE"]);
  });

  test.each(["/v1/analyze", "/v1/annotate"])("a host that falls silent holds %s no longer than the time limit", async (route) => {
    using host = await startHalfHost();
    const app = await start({ allowUrls: true, timeLimitMs: 100 }, fakeAnalyzer(), { fetchPicture: fetchHere });
    const answer = await app.inject({ method: "POST", url: route, payload: { url: host.url("/silent") } });
    expect([answer.statusCode, answer.json().error.code]).toEqual([503, "TF_TIMEOUT"]);
    await expect.poll(() => host.open()).toBe(0);
  });

  test("pictures that are being fetched count as waiting", async () => {
    using host = await startHalfHost();
    const limits = holdTimeLimits();
    const app = await start({ allowUrls: true, concurrency: 1, maxQueue: 1 }, fakeAnalyzer(), { fetchPicture: fetchHere });
    const send = () => app.inject({ method: "POST", url: "/v1/analyze", payload: { url: host.url("/silent") } });
    const silent = [send(), send()];
    await expect.poll(() => host.open()).toBe(2);
    expect((await app.inject("/metrics")).body).toContain("tensorface_queue_pictures 2");
    expect((await app.inject("/readyz")).statusCode).toBe(503);
    expect((await send()).json().error.code).toBe("TF_OVERLOADED");
    limits.pass();
    await Promise.all(silent);
    expect((await app.inject("/readyz")).statusCode).toBe(200);
  });

  test("the other pictures of a request do not wait for a host that falls silent", async () => {
    using host = await startHalfHost();
    const limits = holdTimeLimits();
    const app = await start({ allowUrls: true, concurrency: 4 }, fakeAnalyzer(), { fetchPicture: fetchHere });
    const images = [
      { url: host.url("/silent") },
      { image: "data:;base64,AA==" },
      { url: host.url("/reset") },
      { image: "data:;base64,AA==" },
    ];
    const answering = app.inject({ method: "POST", url: "/v1/analyze", payload: { images } });
    await host.hasReset;
    // The others are done: the one that is left is not.
    await expect.poll(async () => (await app.inject("/metrics")).body).toMatch(/queue_pictures 1\n[^]*running_pictures 0\n/);
    limits.pass();
    const { results } = (await answering).json();
    expect(results).toMatchObject([
      { error: { code: "TF_TIMEOUT" } },
      { width: 1 },
      { error: { code: "TF_INPUT_UNREADABLE" } },
      { width: 1 },
    ]);
  });

  test("a name that is never resolved is given up too", async () => {
    const resolve = (() => {}) as unknown as typeof lookup;
    const fetching = fetchPublic("http://example.org/a.png", { maxBytes: 1000, signal: AbortSignal.timeout(50), resolve });
    await expect(fetching).rejects.toThrow(expect.objectContaining({ code: "TF_INPUT_UNREADABLE" }));
  });

  test("what is being fetched for a client that goes away is given up", async () => {
    using host = await startHalfHost();
    const app = await start({ allowUrls: true }, fakeAnalyzer(), { fetchPicture: fetchHere });
    const address = await listen(app, { port: 0, hasToken: false });
    const controller = new AbortController();
    const body = JSON.stringify({ url: host.url("/silent") });
    const headers = { "content-type": "application/json" };
    const request = fetch(`${address}/v1/analyze`, { method: "POST", body, headers, signal: controller.signal });
    await expect.poll(() => host.open()).toBe(1);
    controller.abort();
    await expect(request).rejects.toThrow("aborted");
    await expect.poll(() => host.open()).toBe(0);
  });
});

describe("answers of models that were added", () => {
  const attributes = {
    glasses: {
      label: null,
      confidence: 0.9,
      probabilities: { glasses: 0.1, none: 0.9 },
      novelty: 1,
      set: { labels: ["none"], level: 0.9 },
    },
    wears: { labels: ["hat"], probabilities: { hat: 0.9, scarf: 0.1 } },
    rating: { value: 7.25, interval: { low: 5, high: 8, level: 0.8 } },
  };
  const mood = { ...sampleFace().mood!, set: { labels: ["happy", "surprise"], level: 0.9 } } as const;
  const answered: FaceAnalysis = { ...sampleAnalysis("picture", [sampleFace({ attributes, mood })]), attributes };
  const told = fakeTasks.map((task) => Object.assign({}, task, { model: task.name === "glasses" ? "mine" : "fake" }));
  const manifests = [drawnManifest(drawnTasks[0], { id: "mine" }), drawnManifest(drawnTasks[3], { id: "fake" })];
  const analyzer = { ...fakeAnalyzer(), tasks: told, manifests, analyze: async () => answered };
  const ask = async (query: string) =>
    (await start({}, analyzer)).inject({ method: "POST", url: `/v1/analyze${query}`, payload: "1", headers: picture });

  test("come under attributes, of faces and of the whole picture", async () => {
    expect((await ask("")).json()).toEqual(answered);
  });

  test("are chosen by task and by model", async () => {
    const byTask = (await ask("?tasks=rating,age")).json();
    for (const query of ["?heads=rating,age", "?heads=rating,age&tasks=age,rating"]) expect((await ask(query)).json()).toEqual(byTask);
    expect(byTask.attributes).toEqual({ rating: attributes.rating });
    expect(Object.keys(byTask.faces[0])).toEqual(["box", "score", "landmarks", "age", "attributes"]);
    const byModel = (await ask("?models=mine")).json();
    expect(byModel.faces[0]).toMatchObject({ attributes: { glasses: attributes.glasses } });
    expect(byModel.faces[0].gender).toBeUndefined();
    expect((await ask("?models=mine&tasks=rating")).json().attributes).toBeUndefined();
  });

  test("are announced to the page, token or not; which they are is not", async () => {
    const asked = async (tasks: FaceAnalyzer<Uint8Array>["tasks"]) =>
      (await start({ webRoot: import.meta.dirname, token: "secret" }, { ...analyzer, tasks })).inject("/server.json");
    expect((await asked(told)).json()).toEqual({ ownModels: true });
    expect((await asked(told.slice(0, 3))).json()).toEqual({ ownModels: false });
    expect((await (await start({}, analyzer)).inject("/server.json")).statusCode).toBe(404);
  });

  test("come from models whose example pictures are counted, and not listed: they are nobody's business", async () => {
    const training = { recipe: "retrain", pictures: { training: "0123abcd 4567ef01" } };
    const mine = drawnManifest(drawnTasks[0], { id: "mine", changes: { provenance: { source: "drawn", licence: "MIT", training } } });
    const app = await start({}, analyzer, { manifests: [mine] });
    const [told] = (await app.inject("/v1/models")).json().models;
    expect(told.provenance.training).toEqual({ recipe: "retrain", pictures: { training: 2 } });
  });

  test.each(["?tasks=shoes", "?models=nobody"])("that the server does not have are refused: %s", async (query) => {
    const answer = await ask(query);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatchObject({ code: "TF_REQUEST_INVALID", message: expect.stringContaining("it has") });
  });
});
