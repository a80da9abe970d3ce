import { execFileSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteFile } from "hyparquet-writer/src/node.js";
import { pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { InputItem } from "../inputs.ts";
import { type Entry, formatEntry, keyOf, parseEntry, sourceOf } from "./entry.ts";
import { findInputs, type FindOptions } from "./find.ts";
import { openSources } from "./open.ts";
import { readAhead } from "./read-ahead.ts";
import type { RemoteOptions } from "./remote.ts";

let base = "";
const at = (name: string): string => join(base, name);
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "tensorface-sources-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(base, { recursive: true });
});

async function entriesOf(words: readonly string[], options: FindOptions = {}): Promise<Entry[]> {
  return Array.fromAsync((await findInputs(words, { base, ...options })).entries);
}

/** What was opened, as text; the code of what could not be. */
function textOf(item: InputItem): string | undefined {
  if ("error" in item) return item.error.code;
  return item.input instanceof Uint8Array ? Buffer.from(item.input).toString() : undefined;
}

test("a path where nothing is, is said before there is a plan; a glob that finds nothing, too", async () => {
  for (const word of ["nothing", "nothing.jpg", "nothing/*.jpg", "nothing-{1,2}.tar"])
    await expect(entriesOf([word])).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND", message: expect.stringContaining(word) });
});

describe("lists", () => {
  const names = ["a.jpg", "b c.jpg", "https://example.org/c.jpg", "s3://bucket/d.jpg", 'e,"f".jpg'];

  test.each([
    ["list.txt", names.join("\n")],
    ["list.jsonl", names.map((url, id) => JSON.stringify({ id, url })).join("\n")],
    ["plain.jsonl", names.map((name) => JSON.stringify(name)).join("\n")],
    ["list.csv", ["id,url", ...names.map((name, id) => `${id},"${name.replaceAll('"', '""')}"`)].join("\r\n")],
    ["ends-of-two-systems.csv", ["id,url\r", ...names.map((name, id) => `${id},"${name.replaceAll('"', '""')}"`)].join("\n")],
    ["lines-left-blank.csv", ["id,url", "", ...names.map((name, id) => `${id},"${name.replaceAll('"', '""')}"\n`)].join("\n")],
    [
      "list.tsv",
      ["id\turl", ...names.slice(0, 4).map((name, id) => `${id}\t${name}`), `4\t"${names[4]!.replaceAll('"', '""')}"`].join("\n"),
    ],
  ])("%s", async (name, text) => {
    await writeFile(at(name), text);
    expect(await entriesOf([name])).toEqual(names);
  });

  test("a table with tabs between its cells, in which quotes are letters like any other", async () => {
    await writeFile(at("bare.tsv"), 'url\tcaption\na.jpg\t"so" he said\n"b.jpg\t5" wide\nc.jpg"\t"\n');
    expect(await entriesOf(["bare.tsv"])).toEqual(["a.jpg", '"b.jpg', 'c.jpg"']);
  });

  test("a Parquet file of several row groups, by a column that is named", async () => {
    const rows = Array.from({ length: 80_000 }, (_, row) => `p/${row}.jpg`);
    parquetWriteFile({
      filename: at("list.parquet"),
      columnData: [
        { name: "id", data: rows.map((_, row) => row), type: "INT32" },
        { name: "where", data: rows, type: "STRING" },
      ],
      rowGroupSize: 70_000,
    });
    expect(await entriesOf(["list.parquet"], { column: "where" })).toEqual(rows);
    await expect(entriesOf(["list.parquet"])).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("id, where"),
    });
  });

  test.each([
    ["ZSTD", zstdCompressSync],
    ["GZIP", gzipSync],
    ["BROTLI", brotliCompressSync],
  ] as const)("a Parquet file that is compressed with %s", async (codec, compress) => {
    const data = Array.from({ length: 300 }, (_, row) => `p/${row}.jpg`);
    const compressors = { [codec]: (bytes: Uint8Array) => compress(bytes) };
    parquetWriteFile({ filename: at(`${codec}.parquet`), columnData: [{ name: "url", data, type: "STRING" }], codec, compressors });
    expect(await entriesOf([`${codec}.parquet`])).toEqual(data);
  });

  describe("of Hugging Face, a Parquet file with a column of pictures", () => {
    const schema = [
      { name: "root", num_children: 2 },
      { name: "label", type: "INT64", repetition_type: "OPTIONAL" },
      { name: "photo", num_children: 2, repetition_type: "OPTIONAL" },
      { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
      { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
    ] as const;
    const write = (name: string, photos: readonly object[]): void =>
      parquetWriteFile({
        filename: at(name),
        schema: [...schema],
        columnData: [
          { name: "label", data: photos.map(() => 1n) },
          { name: "photo", data: [...photos] },
        ],
      });

    test("is read by the paths of its first one, whatever that is called", async () => {
      write("paths.parquet", [
        { bytes: null, path: "a.jpg" },
        { bytes: null, path: "b.jpg" },
      ]);
      expect(await entriesOf(["paths.parquet"])).toEqual(["a.jpg", "b.jpg"]);
      expect(await entriesOf(["paths.parquet"], { column: "photo" })).toEqual(["a.jpg", "b.jpg"]);
    });

    test("is refused where the pictures stand in the file itself, and says what to do", async () => {
      write("inside.parquet", [{ bytes: Uint8Array.of(255, 216), path: "a.jpg" }]);
      await expect(entriesOf(["inside.parquet"])).rejects.toMatchObject({
        code: "TF_INPUT_UNREADABLE",
        message: expect.stringContaining('column "photo"') as string,
        hint: expect.stringContaining("files") as string,
      });
    });
  });

  test("says what a Parquet file should be written with that cannot be read", async () => {
    const columnData = [{ name: "url", data: names, type: "STRING" as const }];
    const compressors = { LZ4_RAW: (bytes: Uint8Array) => bytes };
    parquetWriteFile({ filename: at("lz4.parquet"), columnData, codec: "LZ4_RAW", compressors });
    await expect(entriesOf(["lz4.parquet"])).rejects.toMatchObject({
      code: "TF_INPUT_UNREADABLE",
      message: expect.stringContaining("LZ4_RAW") as string,
      hint: expect.stringContaining("Zstandard") as string,
    });
    // The writer's pages are of version 2; behind this one's header nothing is what it says.
    parquetWriteFile({ filename: at("pages.parquet"), columnData, codec: "UNCOMPRESSED" });
    const bytes = await readFile(at("pages.parquet"));
    await writeFile(at("pages.parquet"), bytes.fill(0xff, bytes.indexOf("a.jpg") - 4, bytes.indexOf("a.jpg")));
    await expect(entriesOf(["pages.parquet"])).rejects.toMatchObject({
      code: "TF_INPUT_UNREADABLE",
      message: expect.stringContaining("of version 2") as string,
      hint: expect.stringContaining('data_page_version="1.0"') as string,
    });
  });

  test.each([
    ["gap.csv", 'url\na.jpg\n""\nb.jpg', "row 2"],
    ["number.jsonl", '{"url":"a.jpg"}\n{"url":7}', "row 2"],
    ["torn.jsonl", '{"url":"a.jpg"}\n{"url":"b', "line 2"],
    ["fake.parquet", "PAR1", "no Parquet"],
  ])("what names no picture is said by its row: %s", async (name, text, said) => {
    await writeFile(at(name), text);
    await expect(entriesOf([name])).rejects.toMatchObject({ code: "TF_INPUT_UNREADABLE", message: expect.stringContaining(said) });
  });
});

/** An archive as WebDataset has them. */
async function writeArchive(path: string, members: Readonly<Record<string, string>>): Promise<void> {
  const archive = pack();
  for (const [name, text] of Object.entries(members)) archive.entry({ name }, text);
  archive.finalize();
  await pipeline(archive, createWriteStream(path));
}

const long = `${"folder/".repeat(40)}img.0.jpg`;

describe("archives", () => {
  test("give their pictures in place, with keys, and nothing else of them", async () => {
    await mkdir(at("shards"));
    await writeArchive(at("shards/2.tar"), { "000.jpg": "second" });
    await writeArchive(at("shards/10.tar"), { "x/001.a.jpg": "first", "x/001.json": "{}", [long]: "third", ".hidden.jpg": "" });
    const entries = await entriesOf(["shards/{2,10}.tar"]);
    expect(entries.map(sourceOf)).toEqual(["shards/2.tar/000.jpg", "shards/10.tar/x/001.a.jpg", `shards/10.tar/${long}`]);
    expect(entries.map(keyOf)).toEqual(["000", "x/001", `${"folder/".repeat(40)}img`]);
    expect(entries.map(formatEntry).map(parseEntry)).toEqual(entries);
    await using sources = openSources({ base });
    const opened = await Promise.all(entries.map((entry) => sources.open(entry, new AbortController().signal)));
    expect(opened.map(textOf)).toEqual(["second", "first", "third"]);
  });

  test.skipIf(process.platform !== "linux")("are closed again where there are many, and no picture of them is lost", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `${index}.tar`);
    for (const name of names) await writeArchive(at(name), { "a.jpg": name, "b.jpg": name });
    const entries = await entriesOf(["*.tar"]);
    const openFiles = async (): Promise<number> => (await readdir("/proc/self/fd")).length;
    const before = await openFiles();
    {
      await using sources = openSources({ base });
      const open = (entry: Entry) => sources.open(entry, new AbortController().signal);
      const opened = await Array.fromAsync(readAhead(entries, open, sources.ahead));
      expect(opened.map(textOf)).toEqual(names.flatMap((name) => [name, name]));
      expect((await openFiles()) - before).toBeLessThan(80);
      expect(textOf(await open(entries[0]!))).toBe("0.tar");
      expect(textOf(await open({ tar: "gone.tar", name: "a.jpg", at: 0, bytes: 1 }))).toBe("TF_INPUT_NOT_FOUND");
    }
    expect(await openFiles()).toBe(before);
  });

  test.skipIf(process.platform !== "linux").each(["--format=gnu", "--format=posix", "--format=posix --sparse-version=0.1"])(
    "that hold a picture as a sparse file say so, by its own name: tar -S %s",
    async (options) => {
      await writeFile(at("holes.tif"), "");
      await truncate(at("holes.tif"), 2 ** 20);
      execFileSync("tar", ["-S", ...options.split(" "), "-cf", "a.tar", "holes.tif"], { cwd: base });
      await expect(entriesOf(["a.tar"])).rejects.toMatchObject({
        code: "TF_INPUT_UNREADABLE",
        message: expect.stringMatching(/"a.tar".*"holes.tif".*sparse/),
      });
    },
  );

  test("of a folder that was packed as it stands give their pictures: all names begin with ./", async () => {
    await writeArchive(at("a.tar"), { "./a.jpg": "first", "./.hidden.jpg": "", "./.trash/b.jpg": "", "./x/c.jpg": "second" });
    expect((await entriesOf(["a.tar"])).map(sourceOf)).toEqual(["a.tar/./a.jpg", "a.tar/./x/c.jpg"]);
  });

  test("are as many as a range of numbers says, none left out, whether there is one or not", async () => {
    for (const name of ["08", "09", "10", "11"]) await writeArchive(at(`${name}.tar`), { "a.jpg": name });
    expect((await entriesOf(["{09..11}.tar"])).map(sourceOf)).toEqual(["09.tar/a.jpg", "10.tar/a.jpg", "11.tar/a.jpg"]);
    expect((await entriesOf(["{11..10}.tar"])).map(sourceOf)).toEqual(["11.tar/a.jpg", "10.tar/a.jpg"]);
    expect((await entriesOf(["0{8..8}.tar"])).map(sourceOf)).toEqual(["08.tar/a.jpg"]);
    await expect(entriesOf(["{09..12}.tar"])).rejects.toMatchObject({
      code: "TF_INPUT_NOT_FOUND",
      message: expect.stringContaining('"12.tar"'),
    });
    await writeFile(at("{1..2}.jpg"), "");
    expect(await entriesOf(["{1..2}.jpg"])).toEqual(["{1..2}.jpg"]);
    expect(await entriesOf(["https://example.org/{0..1}/{9..10}.jpg"])).toEqual(
      ["0/9", "0/10", "1/9", "1/10"].map((name) => `https://example.org/${name}.jpg`),
    );
    await expect(entriesOf(["{0..9}{0..9999999}.tar"])).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  });

  test("keep the paths that they were named by, also where a glob names them from the root", async () => {
    await mkdir(at("shards"));
    for (const name of ["0", "1"]) await writeArchive(at(`shards/${name}.tar`), { "a.jpg": name });
    const found = await findInputs([at("shards/*.tar")], { base });
    expect(found.roots).toEqual([at("shards/0.tar"), at("shards/1.tar")]);
    expect((await Array.fromAsync(found.entries)).map(sourceOf)).toEqual(found.roots.map((root) => `${root}/a.jpg`));
  });

  test("that are cut off are refused", async () => {
    await writeArchive(at("a.tar"), { "a.jpg": "x".repeat(5000), "b.jpg": "y".repeat(5000) });
    await truncate(at("a.tar"), 7000);
    await expect(entriesOf(["a.tar"])).rejects.toMatchObject({ code: "TF_INPUT_UNREADABLE" });
  });
});

describe("servers", () => {
  let server: Server;
  let url = "";
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const asked: string[] = [];
  beforeEach(async () => {
    asked.length = 0;
    server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.range ?? ""}`.trim());
      answer(request, response);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const remote = { retries: 3, firstPause: 1 };
  const read = async (entry: Entry, options: RemoteOptions = {}): Promise<unknown> => {
    await using sources = openSources({ base, maxBytes: 100, remote: { ...remote, ...options } });
    const item = await sources.open(entry, new AbortController().signal);
    return textOf(item);
  };

  test("are asked again for what may pass, and not for what does not", async () => {
    const answers: Record<string, readonly (number | "cut")[]> = {
      "/slow.jpg": [503, "cut", 429, 200],
      "/dead.jpg": [500],
      "/gone.jpg": [404],
      "/no.jpg": [403],
    };
    answer = ({ url: path = "" }, response) => {
      const list = answers[path]!;
      const now = list[Math.min(asked.filter((each) => each === path).length, list.length) - 1]!;
      if (now === "cut") {
        response.writeHead(200, { "content-length": 10 }).write("half");
        response.destroy();
      } else response.writeHead(now).end(now === 200 ? "picture" : "");
    };
    expect(await read(`${url}/slow.jpg`)).toBe("picture");
    expect(await read(`${url}/dead.jpg`)).toBe("TF_INPUT_AWAY");
    expect(await read(`${url}/gone.jpg`)).toBe("TF_INPUT_NOT_FOUND");
    expect(await read(`${url}/no.jpg`)).toBe("TF_INPUT_UNREADABLE");
    const counts = Map.groupBy(asked, (path) => path);
    expect([...counts].map(([path, all]) => [path, all.length])).toEqual([
      ["/slow.jpg", 4],
      ["/dead.jpg", 4],
      ["/gone.jpg", 1],
      ["/no.jpg", 1],
    ]);
  });

  test("stop sending where a picture is larger than allowed", async () => {
    answer = (_, response) => response.end("x".repeat(101));
    expect(await read(`${url}/large.jpg`)).toBe("TF_IMAGE_TOO_LARGE");
  });

  test("are asked again when they say, and not at all where that is long", async () => {
    answer = ({ url: path }, response) => {
      const isSecond = asked.filter((each) => each === path).length > 1;
      if (isSecond) response.end("picture");
      else response.writeHead(503, { "retry-after": path === "/soon.jpg" ? "1" : "3600" }).end();
    };
    const began = performance.now();
    expect(await read(`${url}/soon.jpg`)).toBe("picture");
    expect(performance.now() - began).toBeGreaterThan(990);
    expect(await read(`${url}/tomorrow.jpg`)).toBe("TF_INPUT_AWAY");
    expect(asked).toEqual(["/soon.jpg", "/soon.jpg", "/tomorrow.jpg"]);
  });

  test("that say nothing are away, before their answer and in the middle of it", async () => {
    answer = ({ url: path }, response) => {
      if (path === "/half.jpg") response.writeHead(200, { "content-length": 10 }).write("half");
    };
    // By a clock of the test's: on a busy machine a server may hear of a request when its sender has given it up.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    for (const name of ["half.jpg", "silent.jpg"]) {
      let heard = asked.length;
      const state = { isOver: false };
      const reading = read(`${url}/${name}`, { retries: 1, timeout: 60_000 }).finally(() => (state.isOver = true));
      while (!state.isOver) {
        for (let turn = 0; turn < 20; turn++) await setImmediate();
        // Once the server has heard, all is silent; before that a pause between two tries may have to pass.
        await vi.advanceTimersByTimeAsync(asked.length > heard ? 60_000 : 5);
        heard = asked.length;
      }
      expect(await reading).toBe("TF_INPUT_AWAY");
    }
    expect(asked).toEqual(["/half.jpg", "/half.jpg", "/silent.jpg", "/silent.jpg"]);
  });

  test("may take their time for an archive, as long as they go on", async () => {
    await writeArchive(at("slow.tar"), { "a.jpg": "x".repeat(3000), "b.jpg": "y".repeat(3000) });
    const bytes = await readFile(at("slow.tar"));
    answer = (_, response) => {
      let sent = 0;
      const timer = setInterval(() => {
        response.write(bytes.subarray(sent, (sent += 500)));
        if (sent < bytes.length) return;
        clearInterval(timer);
        response.end();
      }, 110);
    };
    // Sent in more than two seconds, and a machine may be busy for nearly as long.
    expect(await entriesOf([`${url}/slow.tar`], { remote: { ...remote, timeout: 2000 } })).toHaveLength(2);
  });

  test("of an archive that nobody wants to the end any more are left, without a word about the archive", async () => {
    await writeArchive(at("cut.tar"), { "a.jpg": "x".repeat(3000), "b.jpg": "y".repeat(3000) });
    const bytes = await readFile(at("cut.tar"));
    let isClosed = false;
    answer = (_, response) => {
      response.on("close", () => (isClosed = true));
      response.write(bytes.subarray(0, 4000));
    };
    const controller = new AbortController();
    const { entries } = await findInputs([`${url}/cut.tar`], { base, signal: controller.signal });
    const read = async (): Promise<void> => {
      for await (const _ of entries) setTimeout(() => controller.abort(), 50);
    };
    await expect(read()).rejects.toMatchObject({ code: "TF_ABORTED" });
    await expect.poll(() => isClosed).toBe(true);
  });

  test("that give no parts of files are not listened to any longer", async () => {
    let isClosed = false;
    answer = (_, response) => {
      response.on("close", () => (isClosed = true));
      response.writeHead(200).write("x".repeat(1000));
    };
    const entry = { tar: `${url}/far.tar`, name: "a.jpg", at: 512, bytes: 5 };
    expect(await read(entry)).toBe("TF_INPUT_UNREADABLE");
    await expect.poll(() => isClosed).toBe(true);
  });

  test("are not asked for a member without bytes", async () => {
    expect(await read({ tar: `${url}/far.tar`, name: "a.jpg", at: 512, bytes: 0 })).toBe("");
    expect(asked).toEqual([]);
  });

  test("give members of archives by the bytes that they take", async () => {
    await writeArchive(at("far.tar"), { "a.jpg": "first", "b.jpg": "second" });
    const bytes = await readFile(at("far.tar"));
    answer = ({ headers }, response) => {
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? "") ?? [];
      if (from === undefined) response.end(bytes);
      else response.writeHead(206).end(bytes.subarray(Number(from), Number(to) + 1));
    };
    const entries = await entriesOf([`${url}/far.tar`]);
    expect(await Promise.all(entries.map((entry) => read(entry)))).toEqual(["first", "second"]);
    expect(asked).toEqual(["/far.tar", "/far.tar bytes=512-516", "/far.tar bytes=1536-1541"]);
  });

  const stubS3 = (): void => {
    vi.stubEnv("AWS_ENDPOINT_URL_S3", url);
    for (const [name, value] of [
      ["AWS_REGION", "eu-west-1"],
      ["AWS_ACCESS_KEY_ID", "id"],
      ["AWS_SECRET_ACCESS_KEY", "secret"],
    ] as const)
      vi.stubEnv(name, value);
  };

  test("of S3 that fail are asked as often as others, for a list and for a picture", async () => {
    stubS3();
    answer = (_, response) => response.writeHead(503).end();
    await expect(entriesOf(["s3://bucket/p/"], { remote })).rejects.toMatchObject({ code: "TF_INPUT_AWAY" });
    expect(asked).toHaveLength(4);
    expect(await read("s3://bucket/p/a.jpg")).toBe("TF_INPUT_AWAY");
    expect(asked).toHaveLength(8);
  });

  test("of S3 are not asked for a list any longer once it is not wanted", async () => {
    stubS3();
    const controller = new AbortController();
    answer = () => controller.abort();
    const listing = entriesOf(["s3://bucket/p/"], { remote, signal: controller.signal });
    await expect(listing).rejects.toMatchObject({ code: "TF_ABORTED" });
  });

  test("of S3 that find this machine's clock wrong are asked again by theirs", async () => {
    stubS3();
    const tomorrow = new Date(Date.now() + 86_400_000);
    const dates: unknown[] = [];
    answer = ({ headers }, response) => {
      dates.push(headers["x-amz-date"]);
      response.setHeader("date", tomorrow.toUTCString());
      if (dates.length > 1) response.end("picture");
      else response.writeHead(403).end("<Error><Code>RequestTimeTooSkewed</Code><Message>Your clock is wrong</Message></Error>");
    };
    expect(await read("s3://bucket/p/a.jpg")).toBe("picture");
    expect(dates[1]).toContain(tomorrow.toISOString().slice(0, 10).replaceAll("-", ""));
  });

  test("of S3 list what is below a prefix, page by page, and give it", async () => {
    stubS3();
    const page = (keys: readonly string[], next?: string): string =>
      `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>${next === undefined ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`}${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join("")}</ListBucketResult>`;
    let failures = 1;
    answer = (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", url);
      if (searchParams.has("list-type"))
        response.end(searchParams.has("continuation-token") ? page(["p/c.png"]) : page(["p/a b.jpg", "p/readme.txt"], "more"));
      else if (pathname === "/bucket/p/a%20b.jpg" && failures-- > 0) response.writeHead(503).end();
      else if (pathname === "/bucket/p/a%20b.jpg") response.end("picture");
      else response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
    };
    const entries = await entriesOf(["s3://bucket/p/"]);
    expect(entries).toEqual(["s3://bucket/p/a b.jpg", "s3://bucket/p/c.png"]);
    expect(await Promise.all(entries.map((entry) => read(entry)))).toEqual(["picture", "TF_INPUT_NOT_FOUND"]);
  });
});
