import dns from "node:dns";
import { once } from "node:events";
import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import fastify from "fastify";
import { describe, expect, test, vi } from "vitest";
import type { FaceAnalyzer } from "../analyze/index.ts";
import { createApp } from "./app.ts";
import { clientGone } from "./context.ts";
import { type App, listen, type ServerOptions } from "./index.ts";
import { fakeAnalyzer, form, holdingAnalyzer, picture, start } from "./testing.ts";

/** What happens to connections: refusals, clients that go away or stand still, and the end of the server. */

async function listening(options: ServerOptions = {}, analyzer = fakeAnalyzer()): Promise<{ readonly app: App; readonly port: number }> {
  const app = await start(options, analyzer);
  const { port } = new URL(await listen(app, { port: 0, hasToken: options.token !== undefined }));
  return { app, port: Number(port) };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask(options: RequestOptions, body = ""): Promise<Answer> {
  const request = httpRequest({ ...options, timeout: 20_000 });
  request.on("timeout", () => request.destroy(new Error("no answer in 20 seconds")));
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk as Uint8Array));
  return { status: response.statusCode!, body: Buffer.concat(chunks).toString() };
}

const files = (...sizes: readonly number[]) => form(sizes.map((size, index) => [`${index}.png`, "x".repeat(size)] as const));

test.each([
  ["with letters that a header holds as bytes", "geheimß", "geheimß"],
  ["with the line's end of the file that it came from", "secret\n", "secret"],
])("a token %s lets in whoever sends it", async (_what, token, sent) => {
  const { port } = await listening({ token });
  const authorization = (word: string): string => Buffer.from(`Bearer ${word}`).toString("latin1");
  const asks = [sent, "geheims", ""].map(async (word) =>
    ask({ port, path: "/v1/models", headers: { authorization: authorization(word) } }),
  );
  expect((await Promise.all(asks)).map(({ status }) => status)).toEqual([200, 401, 401]);
});

test.each([
  ["that is taken", {}, "EADDRINUSE", /--port/],
  ["of another machine", { host: "203.0.113.9" }, "EADDRNOTAVAIL", /--host/],
  ["that nobody knows", { host: "nobody.invalid" }, "ENOTFOUND|EAI_AGAIN", /--host/],
] as const)("an address %s is no place to listen, and why is said", async (_what, where, errno, hint) => {
  const { port } = await listening();
  const error: unknown = await listen(await start(), { port, hasToken: true, ...where }).catch((refusal: unknown) => refusal);
  expect(error).toMatchObject({ code: "TF_INVALID_ARGUMENT", hint: expect.stringMatching(hint) });
  expect(String(error)).toMatch(new RegExp(`(?:${errno})`));
});

test("an app whose plugins wait long for a busy machine's disk starts all the same", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const app = createApp({ logLevel: "silent", timeLimitMs: 1000, trustProxy: false });
    await app.register(async () => {
      const loaded = Promise.withResolvers<void>();
      setTimeout(loaded.resolve, 60_000);
      await Promise.all([loaded.promise, vi.advanceTimersByTimeAsync(60_000)]);
    });
    await app.ready();
    expect(vi.getTimerCount()).toBe(0);
    await app.close();
  } finally {
    vi.useRealTimers();
  }
});

test("a client that left before anybody asked for it is gone all the same", async () => {
  const seen = Promise.withResolvers<boolean>();
  const app = fastify();
  app.get("/", async (_request, reply) => {
    await once(reply.raw, "close");
    seen.resolve(clientGone(reply).aborted);
    return "too late";
  });
  await app.listen({ port: 0 });
  const request = httpRequest(app.listeningOrigin);
  request.on("error", () => {});
  request.end();
  await once(app.server, "request");
  request.destroy();
  expect(await seen.promise).toBe(true);
  await app.close();
});

describe("the connection after a refusal", () => {
  const large = 300_000;
  test.each([
    ["three pictures for /v1/annotate", "/v1/annotate", files(large, large, large), {}, 400],
    ["more pictures than allowed", "/v1/analyze", files(large, large, large), { maxPictures: 2 }, 413],
    ["a file that is too large", "/v1/analyze", files(2 * large), { maxBodyBytes: large }, 413],
    ["files that are too large together", "/v1/analyze", files(large, large), { maxBodyBytes: large + 1 }, 413],
    ["a body that is too large", "/v1/analyze", { payload: "x".repeat(2 * large), headers: picture }, { maxBodyBytes: large }, 413],
    ["a body of another kind", "/v1/analyze", { payload: "x".repeat(large), headers: { "content-type": "text/xml" } }, {}, 415],
    ["a missing token", "/v1/analyze", { payload: "x".repeat(large), headers: picture }, { token: "secret" }, 401],
    ["an address that leads nowhere", "/v1/nothing", { payload: "x".repeat(large), headers: picture }, {}, 404],
    ["a form without a boundary", "/v1/analyze", { ...files(large), headers: { "content-type": "multipart/form-data" } }, {}, 400],
    ["an option that is none", "/v1/analyze?colour=red", files(large), {}, 400],
  ] as const)("answers the next request: %s", async (_name, path, { payload, headers }, options, status) => {
    const { port } = await listening(options);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const length = { "content-length": Buffer.byteLength(payload) };
      for (let time = 0; time < 2; time++) {
        expect((await ask({ agent, port, path, method: "POST", headers: { ...headers, ...length } }, payload)).status).toBe(status);
        expect((await ask({ agent, port, path: "/healthz" })).status).toBe(200);
      }
    } finally {
      agent.destroy();
    }
  });

  test("answers the next request: a body of unknown length that is too large", async () => {
    const { port } = await listening({ maxBodyBytes: large });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const headers = { ...picture, "transfer-encoding": "chunked" };
      const { status, body } = await ask({ agent, port, path: "/v1/analyze", method: "POST", headers }, "x".repeat(2 * large));
      expect([status, JSON.parse(body)]).toEqual([413, { error: expect.objectContaining({ code: "TF_REQUEST_TOO_LARGE" }) }]);
      expect((await ask({ agent, port, path: "/healthz" })).status).toBe(200);
    } finally {
      agent.destroy();
    }
  });

  test("a client that goes on sending what was refused is cut off", async () => {
    const { port } = await listening({ maxBodyBytes: 1000, token: "secret" });
    const request = httpRequest({ port, path: "/v1/analyze", method: "POST", headers: picture });
    request.on("error", () => {});
    let closed = 0;
    request.on("close", () => closed++);
    const chunk = Buffer.alloc(65_536);
    const until = Date.now() + 20_000;
    const goOn = (): boolean => closed === 0 && Date.now() < until;
    while (goOn()) {
      request.write(chunk);
      await sleep(5);
    }
    expect(closed).toBe(1);
  });
});

describe("forms", () => {
  test.each([
    ["no boundary", { payload: form([["a", "1"]]).payload, headers: { "content-type": "multipart/form-data" } }],
    ["another boundary", { payload: form([["a", "1"]]).payload, headers: { "content-type": "multipart/form-data; boundary=y" } }],
    ["a file that is cut off", { payload: form([["a", "12345"]]).payload.slice(0, -12), headers: form([]).headers }],
    ["a head that is cut off", { payload: form([["a", "12345"]]).payload.slice(0, 30), headers: form([]).headers }],
    ["nothing", { payload: "", headers: form([]).headers }],
    [
      "a field named like a property of objects",
      { payload: form([["a", "1"]]).payload.replace('name="f"', 'name="toString"'), headers: form([]).headers },
    ],
  ])("a form with %s is the client's mistake", async (_name, request) => {
    const app = await start();
    for (const url of ["/v1/analyze", "/v1/annotate"]) {
      const answer = await app.inject({ method: "POST", url, ...request });
      expect([answer.statusCode, answer.json().error.code]).toEqual([400, "TF_REQUEST_INVALID"]);
    }
  });
});

describe("clients that go away", () => {
  const half = form([["a.png", "x".repeat(1000)]]);
  test.each([
    ["raw", picture, "the beginning"],
    ["JSON", { "content-type": "application/json" }, '{"image": "data:'],
    ["a form", half.headers, half.payload.slice(0, 300)],
  ])("in the middle of an upload (%s) leave no stack in the log", async (_name, headers, body) => {
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      for (const token of [undefined, "secret"]) {
        const { app, port } = await listening({ logLevel: "info", token });
        const request = httpRequest({ port, path: "/v1/analyze", method: "POST", headers: { ...headers, "content-length": 100_000 } });
        request.on("error", () => {});
        request.write(body);
        await expect.poll(() => connections(app)).toBe(1);
        await sleep(50);
        request.destroy();
        await expect.poll(() => connections(app)).toBe(0);
        await sleep(50);
      }
      const log = written.mock.calls.map(([line]) => String(line)).join("");
      expect(log).not.toMatch(/"level":[4-6]0|stack/);
    } finally {
      written.mockRestore();
    }
  });
});

async function connections(app: App): Promise<number> {
  return new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
}

describe("closing", () => {
  test("does not wait for a client that does not read, longer than its limit", async () => {
    const { app, port } = await listening({ closeLimitMs: 300, token: "secret" });
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.pause();
    // More than the system's buffers hold, from a route that needs no token.
    socket.write("GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(30));
    await expect.poll(() => socket.bytesWritten).toBeGreaterThan(1000);
    await sleep(300);
    const began = performance.now();
    await app.close();
    expect(performance.now() - began).toBeLessThan(5000);
    socket.destroy();
  });

  test("stops the work of a picture that takes longer than its limit", async () => {
    const analyzer = fakeAnalyzer();
    const { app, port } = await listening({ closeLimitMs: 200 }, analyzer);
    const request: ClientRequest = httpRequest({ port, path: "/v1/analyze", method: "POST", headers: picture });
    request.on("error", () => {});
    request.end("slow");
    await expect.poll(async () => (await app.inject("/metrics")).body).toContain("tensorface_running_pictures 1");
    await app.close();
    await expect.poll(() => analyzer.aborted()).toBe(1);
  });
});

describe("at each address that localhost has", () => {
  const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
  const [, second] = addresses;

  async function listeningAtBoth(
    options: ServerOptions = {},
    analyzer: FaceAnalyzer<Uint8Array> = fakeAnalyzer(),
  ): Promise<{ readonly app: App; readonly port: number }> {
    const find = dns.lookup;
    const found = (name: string, ...rest: readonly unknown[]): void => {
      const tell: unknown = rest.at(-1);
      if (typeof tell !== "function") throw new TypeError("nobody is told");
      if (name !== "localhost") Reflect.apply(find, dns, [name, ...rest]);
      else process.nextTick(() => Reflect.apply(tell, undefined, rest.length === 1 ? [null, addresses[0]!.address, 4] : [null, addresses]));
    };
    const callback = vi.spyOn(dns, "lookup").mockImplementation(found);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has two forms
    const promised = vi.spyOn(dns.promises, "lookup").mockResolvedValue(addresses as never);
    syncBuiltinESMExports();
    try {
      const app = await start(options, analyzer);
      const { port } = new URL(await listen(app, { host: "localhost", port: 0, hasToken: false }));
      return { app, port: Number(port) };
    } finally {
      for (const stub of [callback, promised]) stub.mockRestore();
      syncBuiltinESMExports();
    }
  }

  test.each(addresses)("$address answers, also what is no HTTP", async ({ address: host }) => {
    const { port } = await listeningAtBoth();
    expect((await ask({ host, port, path: "/healthz" })).status).toBe(200);
    const socket = connect(port, host);
    socket.write("NONSENSE\r\n\r\n");
    const [data] = (await once(socket, "data")) as [Buffer];
    expect(JSON.parse(data.toString().split("\r\n\r\n")[1]!)).toMatchObject({ error: { code: "TF_REQUEST_INVALID" } });
    socket.destroy();
  });

  test.each(addresses)("$address has the answer to its picture before the app is closed", async ({ address: host }) => {
    const events: string[] = [];
    const analyzer = holdingAnalyzer();
    const { app, port } = await listeningAtBoth(
      {},
      {
        ...analyzer,
        analyze: async (...asked) => {
          const answer = await analyzer.analyze(...asked);
          events.push("analysed");
          return answer;
        },
      },
    );
    const answered = ask({ host, port, path: "/v1/analyze", method: "POST", headers: { ...picture, "content-length": 1 } }, "1");
    await analyzer.hasBegun;
    const closed = app.close().then(() => events.push("closed"));
    // A server that does not wait for it has closed by then.
    await sleep(300);
    analyzer.letGo();
    await closed;
    expect([(await answered).status, ...events]).toEqual([200, "analysed", "closed"]);
  });

  test("who stands still there does not hold the server", async () => {
    const { app, port } = await listeningAtBoth({ closeLimitMs: 200 });
    const sockets = ["", "POST /v1/analyze HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\nabc"].map(
      (sent) => {
        const socket = connect(port, second!.address);
        socket.on("error", () => {});
        socket.write(sent);
        return socket;
      },
    );
    await Promise.all(sockets.map(async (socket) => once(socket, "connect")));
    await sleep(100);
    await app.close();
    await expect.poll(() => sockets.every(({ destroyed }) => destroyed)).toBe(true);
    await expect(ask({ host: second!.address, port, path: "/healthz" })).rejects.toThrow("ECONNREFUSED");
  });
});

test("bad HTTP and bad addresses are answered like everything else", async () => {
  const { port } = await listening();
  for (const path of ["/%", "/v1/%E0%A4%A"]) {
    const { status, body } = await ask({ port, path });
    expect([status, JSON.parse(body)]).toEqual([
      400,
      { error: { code: "TF_REQUEST_INVALID", message: expect.any(String), hint: expect.any(String) } },
    ]);
  }
  for (const [text, status] of [
    ["NONSENSE\r\n\r\n", 400],
    [`GET / HTTP/1.1\r\nHost: localhost\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 431],
  ] as const) {
    const socket = connect(port, "127.0.0.1");
    socket.write(text);
    const [data] = (await once(socket, "data")) as [Buffer];
    expect(data.toString()).toContain(`HTTP/1.1 ${status} `);
    expect(JSON.parse(data.toString().split("\r\n\r\n")[1]!)).toMatchObject({ error: { code: "TF_REQUEST_INVALID" } });
    socket.destroy();
  }
});
