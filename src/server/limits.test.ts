import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { FaceAnalysis } from "../analyze/index.ts";
import { listen } from "./index.ts";
import { analysis, fakeAnalyzer, form, holdTimeLimits, picture, start } from "./testing.ts";

/** What holds memory: bytes that arrive, pixels in work, answers that nobody reads. */

/** The head of a PNG file of that size: all that is looked at before anything is decoded. */
function pngHead(width: number, height: number): string {
  const head = Buffer.alloc(33);
  head.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  head.set([8, 2], 24);
  return head.toString("latin1");
}

/** Counts how many pictures are in work at the same time. */
function countingAnalyzer() {
  const counts = { now: 0, most: 0 };
  const enter = async <T>(result: () => T): Promise<T> => {
    counts.most = Math.max(counts.most, ++counts.now);
    await sleep(20);
    counts.now--;
    return result();
  };
  const analyzer = { ...fakeAnalyzer(), analyze: async () => enter(() => analysis("picture", 1)) };
  return { counts, analyzer, enter };
}

describe("pictures in work", () => {
  test.each([
    ["/v1/analyze", 12_000, 1],
    ["/v1/annotate", 12_000, 1],
    ["/v1/annotate", 6000, 4],
    ["/v1/annotate", 100, 8],
  ])("%s of %d pixels in the square: at most %d at once", async (url, side, most) => {
    const { counts, analyzer, enter } = countingAnalyzer();
    const annotate = async () => enter(() => Buffer.from("annotated"));
    const app = await start({ concurrency: 8 }, analyzer, { annotate });
    const payload = Buffer.from(pngHead(side, side), "latin1");
    const send = async () => app.inject({ method: "POST", url, payload, headers: { "content-type": "image/png" } });
    const answers = await Promise.all(Array.from({ length: 16 }, send));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
    expect(counts.most).toBe(most);
  });

  test("annotating keeps its turn and its time limit", async () => {
    const stopped: unknown[] = [];
    const annotate = async (_bytes: Uint8Array, _analysis: object, _format: string, signal: AbortSignal): Promise<Uint8Array> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          stopped.push(signal.reason);
          reject(new Error("stopped"));
        });
      });
    const limits = holdTimeLimits();
    const app = await start({ concurrency: 1, maxQueue: 0, timeLimitMs: 200 }, fakeAnalyzer(), { annotate });
    const send = async () => app.inject({ method: "POST", url: "/v1/annotate", payload: "1", headers: picture });
    const slow = send();
    await expect.poll(async () => (await app.inject("/metrics")).body).toContain("tensorface_running_pictures 1");
    expect((await send()).json().error.code).toBe("TF_OVERLOADED");
    expect([limits.asked, stopped]).toEqual([[200], []]);
    limits.pass();
    const answer = await slow;
    expect([answer.statusCode, answer.json().error.code, stopped.length]).toEqual([503, "TF_TIMEOUT", 1]);
    expect((await app.inject("/metrics")).body).toContain('tensorface_pictures_total{outcome="TF_TIMEOUT"} 1');
  });
});

describe("a time limit", () => {
  test.each([2 ** 31, 1e13])("of %d ms is longer than any timer, and not none", async (timeLimitMs) => {
    const analyzer = { ...fakeAnalyzer(), analyze: async () => sleep(50, analysis("picture", 1)) };
    const app = await start({ timeLimitMs }, analyzer);
    expect((await app.inject({ method: "POST", url: "/v1/analyze", payload: "1", headers: picture })).statusCode).toBe(200);
  });

  test("is not cut short by that of a connection on which nothing moves", async () => {
    const minutes = 60_000;
    expect((await start()).server.timeout).toBe(5 * minutes);
    expect((await start({ timeLimitMs: 20 * minutes })).server.timeout).toBeGreaterThan(20 * minutes);
  });
});

test("a connection whose pictures are in work does not stand still, though their one answer is far", async () => {
  let connection: Socket | undefined;
  const analyze = async (): Promise<FaceAnalysis> => {
    // From the first picture on, and not while the request comes, which on a busy machine may take longer.
    if (connection!.timeout !== 500) connection!.setTimeout(500);
    return sleep(200, analysis("picture", 1));
  };
  const app = await start({ concurrency: 1 }, { ...fakeAnalyzer(), analyze });
  app.server.once("connection", (socket: Socket) => (connection = socket));
  const address = await listen(app, { port: 0, hasToken: false });
  const images = Array.from({ length: 4 }, () => ({ image: "data:;base64,AA==" }));
  const answer = await fetch(`${address}/v1/analyze`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ images }),
  });
  const { results } = (await answer.json()) as { readonly results: readonly object[] };
  expect([answer.status, results.length]).toEqual([200, 4]);
});

describe("forms", () => {
  const field = (index: number, value: string): string => `--x\r\nContent-Disposition: form-data; name="n${index}"\r\n\r\n${value}\r\n`;
  const send = async (fields: string) => {
    const app = await start();
    const { payload, headers } = form([["a.png", "1"]]);
    return app.inject({ method: "POST", url: "/v1/analyze", payload: fields + payload, headers });
  };

  test("may have fields beside the pictures, but not as many as one likes", async () => {
    const fields = (count: number, value: string): string => Array.from({ length: count }, (_, index) => field(index, value)).join("");
    expect((await send(fields(5, "camera 1"))).statusCode).toBe(200);
    const many = await send(fields(500, "x"));
    expect([many.statusCode, many.json().error]).toEqual([413, expect.objectContaining({ code: "TF_REQUEST_TOO_LARGE" })]);
    expect((await send(fields(2, "x".repeat(100_000)))).statusCode).toBe(200);
  });
});

describe("bytes that arrive", () => {
  const headersOf = (length: number, type = "image/jpeg") => ({ "content-type": type, "content-length": length });
  const heldBytes = /^tensorface_held_bytes (\d+)/m;

  test.each([
    ["raw", "image/jpeg", "x".repeat(600)],
    ["JSON", "application/json", `{"image": "${"x".repeat(590)}`],
    ["forms", form([]).headers["content-type"]!, form([["a", "x".repeat(600)]]).payload.slice(0, -10)],
  ])("uploads that stand still (%s) hold no more than allowed, whatever the queue", async (_name, type, body) => {
    const app = await start({ maxBodyBytes: 1000, maxHeldBytes: 1500 });
    const { port } = new URL(await listen(app, { port: 0, hasToken: false }));
    const held = async (): Promise<number> => Number(heldBytes.exec((await app.inject("/metrics")).body)![1]);
    const requests: ClientRequest[] = [];
    const begin = (): ClientRequest => {
      const request = httpRequest({
        port,
        path: "/v1/analyze",
        method: "POST",
        headers: { "content-type": type, "transfer-encoding": "chunked" },
      });
      request.on("error", () => {});
      request.write(body);
      requests.push(request);
      return request;
    };
    begin();
    await expect.poll(held).toBeGreaterThan(500);
    begin();
    await expect.poll(held).toBeGreaterThan(1000);
    const [refused] = (await once(begin(), "response")) as [IncomingMessage];
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([503, "2"]);
    // One that says how much it will send is refused before it is read.
    const announced = await app.inject({ method: "POST", url: "/v1/analyze", payload: "x".repeat(900), headers: headersOf(900) });
    expect(announced.json().error.code).toBe("TF_OVERLOADED");
    for (const request of requests) request.destroy();
    await expect.poll(held).toBe(0);
    expect((await app.inject({ method: "POST", url: "/v1/analyze", payload: "1", headers: picture })).statusCode).toBe(200);
  });

  test("pictures that are being fetched count, until they are done", async () => {
    const fetchPicture = async (_url: string, { onBytes }: { readonly onBytes?: ((bytes: number) => void) | undefined }) => {
      onBytes?.(900);
      return Buffer.from("1");
    };
    const app = await start({ maxBodyBytes: 1000, maxHeldBytes: 1000, allowUrls: true, concurrency: 1 }, fakeAnalyzer(), { fetchPicture });
    const images = [1, 2, 3].map((n) => ({ url: `http://example.org/${n}` }));
    const { results } = (await app.inject({ method: "POST", url: "/v1/analyze", payload: { images: images.slice(0, 2) } })).json();
    expect(results).toMatchObject([{ width: 1 }, { width: 1 }]);
    await expect.poll(async () => heldBytes.exec((await app.inject("/metrics")).body)![1]).toBe("0");
  });

  test("an annotated picture that would be too much beside what is held is not sent", async () => {
    const app = await start({ maxBodyBytes: 1000, maxHeldBytes: 1000 }, fakeAnalyzer(), { annotate: async () => new Uint8Array(1001) });
    const answer = await app.inject({ method: "POST", url: "/v1/annotate", payload: "1", headers: picture });
    expect([answer.statusCode, answer.json().error.code]).toEqual([503, "TF_OVERLOADED"]);
  });
});
