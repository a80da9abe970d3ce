import helmet from "@fastify/helmet";
import multipart from "@fastify/multipart";
import rateLimit from "@fastify/rate-limit";
import staticFiles from "@fastify/static";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, test } from "vitest";
import { tensorface, type TensorFacePluginOptions } from "./index.ts";
import { analysis, fakeAnalyzer, fakeParts, form, picture } from "./testing.ts";

/** The API inside somebody's own Fastify app. */

const hosts: FastifyInstance[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
});

function createHost(): FastifyInstance {
  const host = Fastify();
  hosts.push(host);
  return host;
}

async function mounted(options: Partial<TensorFacePluginOptions> = {}, host = createHost()): Promise<FastifyInstance> {
  await host.register(tensorface, { prefix: "/faces", parts: fakeParts(), ...options });
  host.get("/own", () => ({ own: true }));
  host.post("/own", { schema: { body: { type: "object", required: ["a"] } } }, (request) => request.body);
  await host.ready();
  return host;
}

describe("below its prefix", () => {
  test("pictures are analysed in every form, and annotated", async () => {
    const host = await mounted();
    const json = { image: `data:;base64,${btoa("12345")}`, source: "picture" };
    const requests = [{ payload: "12345", headers: picture }, { payload: json }, form([["picture", "12345"]])];
    for (const request of requests) {
      const answer = await host.inject({ method: "POST", url: "/faces/v1/analyze", ...request });
      expect(answer.json()).toEqual(analysis("picture", 5));
    }
    const annotated = await host.inject({ method: "POST", url: "/faces/v1/annotate", payload: "12345", headers: picture });
    expect(annotated.body).toBe("png 2 5");
    for (const url of ["/faces/healthz", "/faces/readyz", "/faces/metrics", "/faces/v1/models", "/faces/docs/"])
      expect([url, (await host.inject(url)).statusCode]).toEqual([url, 200]);
    for (const url of ["/v1/models", "/healthz", "/docs/"]) expect([url, (await host.inject(url)).statusCode]).toEqual([url, 404]);
  });

  test("the description tells the addresses as they are", async () => {
    const { paths } = (await (await mounted()).inject("/faces/openapi.json")).json();
    expect(Object.keys(paths)).toContain("/faces/v1/analyze");
    expect(Object.keys(paths).filter((path) => !path.startsWith("/faces/"))).toEqual([]);
    // What is answered to bad HTTP is the app's to say.
    expect(Object.keys(paths["/faces/v1/models"].get.responses)).toEqual(["200", "401", "403", "429", "500"]);
  });

  test("its errors have codes, the app's stay as they are", async () => {
    const host = await mounted();
    const ours = await host.inject({ method: "POST", url: "/faces/v1/analyze", payload: "broken", headers: picture });
    expect([ours.statusCode, ours.json().error.code]).toEqual([422, "TF_IMAGE_CORRUPT"]);
    const theirs = await host.inject({ method: "POST", url: "/own", payload: {} });
    expect([theirs.statusCode, theirs.json().code]).toEqual([400, "FST_ERR_VALIDATION"]);
    expect((await host.inject("/nowhere")).json().error).toBe("Not Found");
    expect((await host.inject({ method: "POST", url: "/own", payload: { a: 1 } })).json()).toEqual({ a: 1 });
  });

  test("token and limits hold for its routes alone", async () => {
    const host = await mounted({ token: "secret", requestsPerMinute: 2, maxBodyBytes: 100 });
    const send = async (payload: string) =>
      host.inject({ method: "POST", url: "/faces/v1/analyze", payload, headers: { ...picture, authorization: "Bearer secret" } });
    expect((await host.inject("/faces/v1/models")).statusCode).toBe(401);
    expect((await send("x".repeat(101))).statusCode).toBe(413);
    expect((await send("1")).statusCode).toBe(429);
    for (let time = 0; time < 5; time++) expect((await host.inject("/own")).statusCode).toBe(200);
    expect((await host.inject({ method: "POST", url: "/own", payload: { a: "x".repeat(1000) } })).statusCode).toBe(200);
    expect((await host.inject("/faces/healthz")).statusCode).toBe(200);
  });

  test("closing the app says that no more is taken; the analyzer stays its maker's", async () => {
    let disposed = false;
    const analyzer = { ...fakeAnalyzer(), dispose: async () => void (disposed = true) };
    const host = await mounted({ parts: fakeParts(analyzer) });
    await host.close();
    expect(disposed).toBe(false);
  });
});

test("stands beside the same plugins of the app, whose settings it does not take over", async () => {
  const host = createHost();
  await host.register(multipart, { limits: { fileSize: 3 } });
  await host.register(rateLimit, { max: 1000 });
  await host.register(swagger, { openapi: { info: { title: "theirs", version: "1" } } });
  await host.register(staticFiles, { root: import.meta.dirname, prefix: "/files/" });
  await host.register(helmet);
  await mounted({}, host);
  const answer = await host.inject({ method: "POST", url: "/faces/v1/analyze", ...form([["picture", "12345"]]) });
  expect(answer.json()).toEqual(analysis("picture", 5));
  expect((await host.inject({ method: "POST", url: "/faces/v1/analyze", payload: "12345", headers: picture })).statusCode).toBe(200);
  expect((await host.inject("/files/app.ts")).statusCode).toBe(200);
  expect(Object.keys(host.swagger().paths ?? {})).toEqual(["/own"]);
});

test("is mounted twice, with another analyzer each", async () => {
  const host = createHost();
  const other = { ...fakeAnalyzer(), device: "other" };
  await host.register(tensorface, { prefix: "/one", parts: fakeParts() });
  await host.register(tensorface, { prefix: "/two", parts: fakeParts(other) });
  expect((await host.inject("/one/v1/models")).json().device).toBe("cpu");
  expect((await host.inject("/two/v1/models")).json().device).toBe("other");
});

test("is mounted without a prefix", async () => {
  const host = createHost();
  host.setNotFoundHandler((_request, reply) => reply.code(404).send("their own words"));
  await host.register(tensorface, { parts: fakeParts() });
  expect((await host.inject("/healthz")).json()).toEqual({ status: "ok" });
  expect((await host.inject("/nowhere")).body).toBe("their own words");
});
