import { describe, expect, test } from "vitest";
import { picture, start } from "./testing.ts";

/** Who may reach a server that asks for no token: this machine's own names, and its own page. */

const statusOf = async (headers: Record<string, string>, options = {}, method: "GET" | "POST" = "POST"): Promise<number> => {
  const app = await start(options);
  const request = method === "GET" ? { url: "/healthz" } : { method, url: "/v1/analyze", payload: "1" };
  return (await app.inject({ ...request, headers: { ...picture, ...headers } })).statusCode;
};

describe("names", () => {
  test.each([
    ["localhost:8080", 200],
    ["LOCALHOST", 200],
    ["127.0.0.1:8080", 200],
    ["127.8.9.1", 200],
    ["[::1]:8080", 200],
    ["evil.example", 403],
    ["evil.example:8080", 403],
    ["127.0.0.1.evil.example", 403],
    ["localhost.evil.example", 403],
    ["localhost@evil.example", 403],
  ])("%j: %d", async (host, status) => {
    expect(await statusOf({ host })).toBe(status);
    expect(await statusOf({ host }, {}, "GET")).toBe(status);
  });

  test("with a token the server may have any name", async () => {
    const headers = { host: "faces.example", authorization: "Bearer secret", origin: "https://elsewhere.example" };
    expect(await statusOf(headers, { token: "secret" })).toBe(200);
  });
});

describe("other sites", () => {
  const here = { host: "localhost:8080" };
  const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  test.each([
    ["the server's own page", { origin: "http://localhost:8080", "sec-fetch-site": "same-origin" }, 200],
    ["a program", {}, 200],
    ["an address that was typed", { "sec-fetch-site": "none", ...navigation }, 200],
    ["another site's script", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }, 403],
    ["another port's script", { origin: "http://localhost:3000", "sec-fetch-site": "same-site" }, 403],
    ["a page without an origin", { origin: "null" }, 403],
    ["an image on another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }, 403],
    ["a form of another site", { "sec-fetch-site": "cross-site", ...navigation }, 403],
  ])("%s: %d", async (_name, headers, status) => {
    expect(await statusOf({ ...here, ...headers })).toBe(status);
  });

  test("a link on another site leads here", async () => {
    const headers = { ...here, "sec-fetch-site": "cross-site", ...navigation };
    expect(await statusOf(headers, {}, "GET")).toBe(200);
    expect(await statusOf({ ...headers, "sec-fetch-dest": "iframe" }, {}, "GET")).toBe(403);
  });

  test("sites that were named may call, and no others", async () => {
    const options = { corsOrigins: ["https://friend.example"] };
    expect(await statusOf({ ...here, origin: "https://friend.example", "sec-fetch-site": "cross-site" }, options)).toBe(200);
    expect(await statusOf({ ...here, origin: "https://evil.example", "sec-fetch-site": "cross-site" }, options)).toBe(403);
  });

  test("the refusal has a code and a hint", async () => {
    const answer = await (await start()).inject({ url: "/v1/models", headers: { host: "evil.example" } });
    expect(answer.json().error).toMatchObject({ code: "TF_SITE_REFUSED", hint: expect.stringContaining("--cors") });
  });
});
