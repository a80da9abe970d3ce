import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { AnalysisOutcome, FaceAnalysis, FailedAnalysis } from "../src/analyze/analysis.ts";
import { createRasterImage } from "../src/image/index.ts";
import { createFilm } from "../src/video/write-film.node.ts";
import { hasSignals, run, type Running, start } from "./support/command.ts";
import { portrait, testPictures, writeTestPictures } from "./support/pictures.ts";

/** `tensorface serve` as a user calls it, in a process of its own, with the real networks. */
let folder = "";
let server: Running;
let address = "";

const photo = (name: keyof typeof testPictures): string => join(folder, "photos", testPictures[name].name);

async function serve(...words: readonly string[]): Promise<{ readonly server: Running; readonly address: string }> {
  // Node's permissions allow no writing; libvips, which they cannot watch, would put large pictures where TMPDIR says.
  const server = start(["serve", "--port", "0", "--no-page", "--log-level", "info", ...words], {
    cwd: join(folder, "work"),
    env: { NODE_OPTIONS: "--permission --allow-fs-read=* --allow-addons --no-warnings", TMPDIR: join(folder, "not-there") },
  });
  await vi.waitFor(() => expect(server.stdout()).toContain("http:"), { timeout: 100_000 });
  return { server, address: /http:\S+/.exec(server.stdout())![0] };
}

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "tensorface-server-")));
  for (const name of ["photos", "work"]) await mkdir(join(folder, name));
  await writeTestPictures(join(folder, "photos"));
  ({ server, address } = await serve("--max-megapixels", "45", "--max-faces", "7", "--video", "--max-video-seconds", "3"));
});
afterAll(async () => {
  server.child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

async function post(path: string, body: BodyInit, type?: string): Promise<Response> {
  return fetch(`${address}${path}`, { method: "POST", body, ...(type !== undefined && { headers: { "content-type": type } }) });
}

async function analyze(body: BodyInit, type?: string): Promise<FaceAnalysis> {
  return (await (await post("/v1/analyze", body, type)).json()) as FaceAnalysis;
}

/** What must be equal whoever answers. */
function answers({ width, height, faces }: FaceAnalysis): object {
  return { width, height, faces };
}

describe("the same object as the command line's", () => {
  test("whether the picture comes raw, in a form or as a data URL", async () => {
    const { stdout } = await run(["analyze", photo("sideways"), "--max-faces", "7"]);
    const here = JSON.parse(stdout) as FaceAnalysis;
    const bytes = new Uint8Array(await readFile(photo("sideways")));
    const form = new FormData();
    form.append("any", new Blob([bytes]), "sideways.jpg");
    const dataUrl = `data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}`;
    const there = [
      await analyze(bytes, "image/jpeg"),
      await analyze(form),
      await analyze(JSON.stringify({ image: dataUrl }), "application/json"),
    ];
    expect(Object.keys(there[0]!)).toEqual(Object.keys(here));
    for (const one of there) expect(answers(one)).toEqual(answers(here));
    expect(there.map(({ source }) => source)).toEqual(["picture", "sideways.jpg", "picture"]);
  });

  test("line by line for many pictures, at most so many faces each", async () => {
    const form = new FormData();
    for (const name of ["portrait", "tenFaces", "noFace"] as const)
      form.append("files", new Blob([new Uint8Array(await readFile(photo(name)))]), testPictures[name].name);
    const answer = await fetch(`${address}/v1/analyze`, { method: "POST", body: form, headers: { accept: "application/x-ndjson" } });
    const lines = (await answer.text()).trim().split("\n");
    const outcomes = lines.map((line) => JSON.parse(line) as AnalysisOutcome);
    expect(outcomes.map((outcome) => "faces" in outcome && outcome.faces.length)).toEqual([1, 7, 0]);
  });
});

test("the lines of a film are the command line's, and its people are the last; nothing of it is written to disk", async () => {
  const film = join(folder, "photos", "clip.mp4");
  await writeClip(film, 6);
  const [{ stdout }, answer] = await Promise.all([
    run(["analyze", film, "--every", "3", "--max-faces", "7"]),
    post("/v1/video?every=3", new Uint8Array(await readFile(film)), "video/mp4"),
  ]);
  const parse = (text: string): Record<string, unknown>[] =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => Object.assign(JSON.parse(line) as Record<string, unknown>, { source: "" }));
  const lines = parse(await answer.text());
  expect([answer.status, lines.length]).toEqual([200, 7]);
  expect(lines.slice(0, -1)).toEqual(parse(stdout));
  expect(lines.at(-1)).toMatchObject({ schema: "tensorface.tracks/1", frames: 6, tracks: [{ id: 1, looks: 2 }] });

  await writeClip(film, 60);
  for (const [bytes, status, code] of [
    [await readFile(film), 413, "TF_INPUT_TOO_LARGE"],
    [await readFile(portrait), 415, "TF_VIDEO_UNSUPPORTED"],
  ] as const) {
    const refused = await post("/v1/video", new Uint8Array(bytes), "video/mp4");
    expect([refused.status, ((await refused.json()) as FailedAnalysis).error.code]).toEqual([status, code]);
  }
  expect(await readdir(join(folder, "work"))).toEqual([]);
});

/** The portrait for so many tenths of a second. */
async function writeClip(path: string, frames: number): Promise<void> {
  const { data, info } = await sharp(portrait).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const image = createRasterImage(info.width, info.height, new Uint8Array(data));
  const writer = await createFilm(path);
  for (let index = 0; index < frames; index++) await writer.write({ time: index / 10, duration: 0.1, image });
  await writer.finish();
}

describe("pictures that are none, or too much", () => {
  test.each([
    ["text called a picture", async () => Buffer.from("This is a letter."), 415, "TF_IMAGE_FORMAT_UNSUPPORTED"],
    ["a picture that is cut off", async () => (await readFile(photo("sideways"))).subarray(0, 20_000), 422, "TF_IMAGE_CORRUPT"],
    ["nothing", async () => Buffer.alloc(0), 400, "TF_INPUT_EMPTY"],
    ["more pixels than allowed", async () => blank(10_000, 5000), 413, "TF_IMAGE_TOO_LARGE"],
  ])("%s", async (_name, make, status, code) => {
    const answer = await post("/v1/analyze", new Uint8Array(await make()), "image/jpeg");
    const { source, error } = (await answer.json()) as FailedAnalysis;
    expect([answer.status, source, error.code]).toEqual([status, "picture", code]);
    expect(error.hint).not.toBe("");
  });
});

/** A picture of one colour, small as a file. */
async function blank(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: "#888" } })
    .png()
    .toBuffer();
}

test.each(["png", "jpeg", "webp"] as const)("annotates as %s: the picture's size, and something drawn at the face", async (format) => {
  const answer = await post(`/v1/annotate?format=${format}`, new Uint8Array(await readFile(portrait)), "image/png");
  const file = Buffer.from(await answer.arrayBuffer());
  const metadata = await sharp(file).metadata();
  expect([answer.headers.get("content-type"), metadata.format, metadata.width, metadata.height]).toEqual([
    `image/${format}`,
    format,
    512,
    512,
  ]);
  const region = { left: 160, top: 50, width: 140, height: 140 };
  const pixels = async (input: string | Buffer): Promise<Buffer> => sharp(input).removeAlpha().extract(region).raw().toBuffer();
  const [before, after] = [await pixels(portrait), await pixels(file)];
  const changed = before.filter((value, index) => Math.abs(value - after[index]!) > 60).length;
  expect(changed).toBeGreaterThan(500);
});

test("writes no picture to disk, not even a large one, and logs nothing of it or its sender", async () => {
  const form = new FormData();
  form.append("files", new Blob([new Uint8Array(await readFile(portrait))]), "private-name.png");
  form.append("files", new Blob([new Uint8Array(await blank(8000, 5500))]), "private-large.png");
  form.append("files", new Blob(["no picture"]), "private-broken.png");
  const { results } = (await (await post("/v1/analyze", form)).json()) as { results: AnalysisOutcome[] };
  expect(results.map((result) => ("error" in result ? result.error.code : result.faces.length))).toEqual([
    1,
    0,
    "TF_IMAGE_FORMAT_UNSUPPORTED",
  ]);
  expect(await readdir(join(folder, "work"))).toEqual([]);
  expect(await readdir(folder)).not.toContain("not-there");

  const own = await serve();
  await fetch(`${own.address}/v1/analyze?tasks=mood`, { method: "POST", body: form });
  own.server.child.kill("SIGTERM");
  const { code, stderr } = await own.server.finished;
  expect(code).toBe(hasSignals ? 0 : null);
  const lines = stderr
    .trim()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const answered = lines.filter(({ msg }) => msg === "answered");
  expect(answered).toEqual([
    {
      level: 30,
      time: expect.any(Number),
      reqId: "req-1",
      method: "POST",
      route: "/v1/analyze",
      status: 200,
      ms: expect.any(Number),
      msg: "answered",
    },
  ]);
  expect(stderr).not.toMatch(/private|tasks=mood|multipart|undici/);
});

test.skipIf(!hasSignals)("SIGTERM under load: every request that was sent has its answer", async () => {
  const own = await serve("--concurrency", "2");
  const bytes = new Uint8Array(await readFile(photo("tenFaces")));
  const requests = Array.from({ length: 8 }, async () =>
    fetch(`${own.address}/v1/analyze`, { method: "POST", body: bytes, headers: { "content-type": "image/jpeg" } }),
  );
  // All are there, in work, waiting or answered already: how many of each is a matter of how busy the machine is.
  const taken = async (): Promise<number> => {
    const page = await (await fetch(`${own.address}/metrics`)).text();
    return [...page.matchAll(/^tensorface_(?:queue_pictures|running_pictures|pictures_total\S*) (\d+)$/gm)]
      .map(([, count]) => Number(count))
      .reduce((sum, count) => sum + count);
  };
  await expect.poll(taken, { timeout: 60_000 }).toBe(8);
  own.server.child.kill("SIGTERM");
  expect((await Promise.all(requests)).map(({ status }) => status)).toEqual(requests.map(() => 200));
  expect((await own.server.finished).code).toBe(0);
  await expect(fetch(`${own.address}/healthz`)).rejects.toThrow("fetch failed");
});

describe.skipIf(!hasSignals)("a client that does not read", () => {
  /** Asks for more than the system's buffers hold, from a route that needs no token, and reads the beginning alone. */
  async function standStill(address: string): Promise<Socket> {
    const socket = connect(Number(new URL(address).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(30));
    // The server is at it.
    await once(socket, "data");
    socket.pause();
    return socket;
  }

  test("holds a server that was told to stop no longer than a picture may take", async () => {
    const own = await serve("--token", "secret", "--time-limit", "1");
    using _ = asDisposable(await standStill(own.address));
    own.server.child.kill("SIGTERM");
    expect((await own.server.finished).code).toBe(0);
  });

  test("does not hold one that was told twice", async () => {
    const own = await serve("--token", "secret", "--time-limit", "3600");
    using _ = asDisposable(await standStill(own.address));
    own.server.child.kill("SIGTERM");
    // Two that come before it looks are one.
    await expect.poll(own.server.stderr, { timeout: 60_000 }).toContain("a second signal stops at once");
    own.server.child.kill("SIGTERM");
    expect((await own.server.finished).code).toBe(130);
  });
});

function asDisposable(socket: Socket): Disposable {
  return { [Symbol.dispose]: () => void socket.destroy() };
}

test.runIf(process.platform === "linux")("begins again with steady memory, in the process that was started", async () => {
  const own = start(["serve", "--port", "0", "--no-page"], { cwd: join(folder, "work"), env: { MALLOC_ARENA_MAX: "2" } });
  await vi.waitFor(() => expect(own.stdout()).toContain("http:"), { timeout: 100_000 });
  const read = async (what: string): Promise<string[]> => (await readFile(`/proc/${own.child.pid}/${what}`, "utf8")).split("\0");
  expect(await read("cmdline")).toContain("--max-semi-space-size=16");
  expect(await read("environ")).toContain("MALLOC_ARENA_MAX=2");
  own.child.kill("SIGTERM");
  expect((await own.finished).code).toBe(0);
});
