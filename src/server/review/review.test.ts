import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaceRecord, Suspicion } from "../../datasets/index.ts";
import { createReviewSession, type Decision } from "../../datasets/review/index.ts";
import { buildReviewApp, review, type ReviewOptions } from "../index.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-review-app-"));
  await writeFile(join(folder, "index.html"), "<title>Label review</title>");
  await writeFile(join(folder, "a.gif"), Buffer.from("R0lGODlhAQABAAAAACw=", "base64"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function options(): ReviewOptions & { readonly written: readonly Decision[] } {
  const ids = ["a", "gone"];
  const written: Decision[] = [];
  const session = createReviewSession({
    dataset: "faces",
    task: "mood",
    reviewer: "ada",
    records: ids.map((id) => ({ id, file: `${id}.gif`, labels: { mood: "happy" } }) as unknown as FaceRecord),
    suspicions: ids.map((id): Suspicion => ({
      id,
      task: "mood",
      given: "happy",
      suggested: "sad",
      flags: [],
      doubt: 1,
    })),
    decisions: [],
    append: async (decision) => void written.push(decision),
    now: () => new Date("2026-11-28T12:00:00.000Z"),
  });
  return { session, written, picturePath: ({ file }) => join(folder, file) };
}

const post = (payload: object) => ({ method: "POST", url: "/api/decisions", payload }) as const;

describe("the review's app", () => {
  test("serves its page, the queue and the pictures, and writes decisions", async () => {
    const { written, ...rest } = options();
    const app = await buildReviewApp({ ...rest, webRoot: folder });
    expect((await app.inject("/")).body).toContain("Label review");
    const queue = (await app.inject("/api/queue?class=happy&offset=0&limit=1")).json();
    expect(queue).toMatchObject({ total: 2, entries: [{ id: "a", picture: "/picture/0" }] });
    expect((await app.inject("/api/queue?class=happy&offset=x&limit=-1")).json().entries).toHaveLength(2);
    const picture = await app.inject("/picture/0");
    expect([picture.headers["content-type"], picture.headers["cache-control"]]).toEqual(["image/gif", "no-store"]);
    const { classes } = (await app.inject(post({ id: "a", action: "drop" }))).json();
    expect(classes.find(({ label }: { readonly label: string }) => label === "happy")).toMatchObject({ before: 2, after: 1, decided: 1 });
    expect(written).toMatchObject([{ id: "a", action: "drop", reviewer: "ada" }]);
  });

  test.each([
    ["a picture that is gone", { url: "/picture/1" }, 404, "TF_ROUTE_NOT_FOUND"],
    ["a picture that never was", { url: "/picture/7" }, 404, "TF_ROUTE_NOT_FOUND"],
    ["a number that is none", { url: "/picture/..%2Fa.gif" }, 400, "TF_REQUEST_INVALID"],
    ["an address that leads nowhere", { url: "/api/nothing" }, 404, "TF_ROUTE_NOT_FOUND"],
    ["a face of another review", post({ id: "b", action: "keep" }), 400, "TF_INVALID_ARGUMENT"],
    ["a label that is none", post({ id: "a", action: "relabel", label: "merry" }), 400, "TF_INVALID_ARGUMENT"],
    ["a word that is none", post({ id: "a", action: "burn" }), 400, "TF_REQUEST_INVALID"],
    ["a decision that is far too long", post({ id: "a".repeat(3_000_000), action: "keep" }), 413, "TF_REQUEST_TOO_LARGE"],
    ["another site", { ...post({ id: "a", action: "drop" }), headers: { origin: "https://evil.example" } }, 403, "TF_SITE_REFUSED"],
    ["another name", { url: "/picture/0", headers: { host: "evil.example" } }, 403, "TF_SITE_REFUSED"],
  ])("refuses %s", async (_name, request, status, code) => {
    const { written, ...rest } = options();
    const app = await buildReviewApp({ ...rest, webRoot: folder });
    const answer = await app.inject(request);
    expect([answer.statusCode, answer.json().error.code, written]).toEqual([status, code, []]);
  });

  test("shows pictures that browsers do not read as ones that they do", async () => {
    const tiff = await sharp({ create: { width: 3, height: 2, channels: 3, background: "#c03020" } })
      .tiff()
      .toBuffer();
    await writeFile(join(folder, "scan.tif"), tiff);
    const app = await buildReviewApp({ ...options(), picturePath: () => join(folder, "scan.tif"), webRoot: folder });
    const answer = await app.inject("/picture/0");
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "image/png"]);
    expect(await sharp(answer.rawPayload).metadata()).toMatchObject({ format: "png", width: 3, height: 2 });
  });

  test("takes a sheet of as many decisions as it shows at once, whatever their faces are called", async () => {
    const { written, ...rest } = options();
    const ids = Array.from({ length: 500 }, (_, index) => `${"фото/".repeat(30)}${index}.jpg`);
    const session = {
      ...rest.session,
      decide: async (requests: readonly object[]) => ({ ...rest.session.state(), task: String(requests.length) }),
    };
    const app = await buildReviewApp({ ...rest, session, webRoot: folder });
    const answer = await app.inject({ ...post({}), payload: ids.map((id) => ({ id, action: "keep" })) });
    expect([answer.statusCode, answer.json().task, written]).toEqual([200, "500", []]);
  });

  test("says how to build a page that is not there", async () => {
    const building = buildReviewApp({ ...options(), webRoot: join(folder, "nothing") });
    await expect(building).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND", hint: expect.stringContaining("build:web") });
  });
});

test("is mounted into another app", async () => {
  const host = Fastify();
  await host.register(review, { prefix: "/labels", ...options() });
  expect((await host.inject("/labels/api/state")).json()).toMatchObject({ dataset: "faces", task: "mood" });
  expect((await host.inject({ ...post({ id: "b", action: "keep" }), url: "/labels/api/decisions" })).json().error.code).toBe(
    "TF_INVALID_ARGUMENT",
  );
  await host.close();
});
