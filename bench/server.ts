/**
 * The HTTP API under load, on loopback: throughput and latency at 1, 8 and 64 clients beside the library's own throughput on the
 * same pictures, in turns; overload; a restart under load; memory over time; and the most memory that clients can make it take.
 *
 *   npm run bench -- server [--parts load,crowd,memory,limits --seconds 20 --rounds 3 --minutes 10 --write]
 *
 * With `--write` the parts that ran replace those in docs/lab/server-load.json, and docs/lab/server.md tells what is there.
 */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import sharp from "sharp";
import { createAnalyzer } from "../src/_entries/node.ts";
import { describeMachine, type Machine, machineText, today } from "./machine.ts";
import { residentOf } from "./measured-command.ts";
import { makePictures } from "./pictures.ts";
import { replaceBetweenMarkers } from "./report.ts";
import { type Server, startServer as startProgram } from "./server/own-server.ts";
import { quantile, spread, spreadText } from "./statistics.ts";
import { flag, readWords, someOf, wholeNumber } from "../scripts/words.ts";

const { values: flags } = readWords("npm run bench -- server", {
  seconds: wholeNumber(20),
  rounds: wholeNumber(3),
  minutes: wholeNumber(10),
  parts: someOf(["load", "crowd", "memory", "limits"]),
  write: flag,
});

const clientCounts = [1, 8, 64] as const;
/** Pictures between the first ones of two clients: no divisor of their number, so that all are begun with. */
const clientStride = 23;
const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

function startServer(...extra: readonly string[]): Promise<Server> {
  return startProgram([main, "serve", "--port", "0", "--no-page", "--rate", "100000000", ...extra]);
}

interface Load {
  readonly clients: number;
  readonly perSecond: number;
  readonly latency: { readonly p50: number; readonly p97_5: number; readonly p99: number };
  /** Answers that were not 200, and connections that broke. */
  readonly failed: number;
}

async function load(server: Server, pictures: readonly Buffer[], clients: number, seconds: number): Promise<Load> {
  const requests = pictures.map((body) => ({ method: "POST" as const, headers: { "content-type": "image/jpeg" }, body }));
  let started = 0;
  const result = await autocannon({
    url: `${server.address}/v1/analyze`,
    connections: clients,
    duration: seconds,
    timeout: 60,
    requests,
    // Every client begins with another picture: else many clients in a short time would only ever send the first ones.
    setupClient: (client) => {
      const first = (started++ * clientStride) % requests.length;
      client.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
    },
  });
  const { p50, p97_5, p99 } = result.latency;
  return {
    clients,
    perSecond: result["2xx"] / result.duration,
    latency: { p50, p97_5, p99 },
    failed: result.non2xx + result.errors + result.timeouts,
  };
}

/** Pictures a second of the library alone, for `seconds`. */
async function libraryRate(pictures: readonly Buffer[], seconds: number): Promise<number> {
  await using analyzer = await createAnalyzer();
  function* endless(until: number): Generator<Buffer> {
    for (let index = 0; performance.now() < until; index++) yield pictures[index % pictures.length]!;
  }
  for await (const _ of analyzer.analyzeAll(pictures.slice(0, 8)));
  const start = performance.now();
  let done = 0;
  for await (const _ of analyzer.analyzeAll(endless(start + seconds * 1000))) done++;
  return (1000 * done) / (performance.now() - start);
}

/** With a queue of 4 and 64 clients: every request must have an answer, 200 or 503. */
async function overload(
  pictures: readonly Buffer[],
  seconds: number,
): Promise<{ readonly answered: number; readonly refused: number; readonly lost: number }> {
  await using server = await startServer("--max-queue", "4", "--concurrency", "2");
  const tally = await hammer(() => server.address, pictures, { clients: 64, milliseconds: seconds * 1000 });
  return { answered: tally.ok, refused: tally.busy, lost: tally.lost };
}

/** Stops the server under load and starts another: requests that were accepted must have an answer. */
async function restart(
  pictures: readonly Buffer[],
  seconds: number,
): Promise<{ readonly answered: number; readonly notAccepted: number; readonly lost: number }> {
  await using first = await startServer();
  let address = first.address;
  const hammering = hammer(() => address, pictures, { clients: 8, milliseconds: seconds * 1000 });
  await sleep((seconds * 1000) / 2);
  await first[Symbol.asyncDispose]();
  await using second = await startServer();
  address = second.address;
  const tally = await hammering;
  return { answered: tally.ok + tally.busy, notAccepted: tally.notAccepted, lost: tally.lost };
}

interface Tally {
  ok: number;
  busy: number;
  /** The connection was refused, or closed before the request was read: the client may simply ask again. */
  notAccepted: number;
  lost: number;
}

async function hammer(
  address: () => string,
  pictures: readonly Buffer[],
  options: { readonly clients: number; readonly milliseconds: number },
): Promise<Tally> {
  const tally: Tally = { ok: 0, busy: 0, notAccepted: 0, lost: 0 };
  const end = performance.now() + options.milliseconds;
  const client = async (first: number): Promise<void> => {
    for (let index = first; performance.now() < end; index++) {
      const outcome = await send(address(), pictures[index % pictures.length]!);
      tally[outcome]++;
      if (outcome === "notAccepted") await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await Promise.all(Array.from({ length: options.clients }, async (_, index) => client(index)));
  return tally;
}

async function send(address: string, picture: Buffer): Promise<keyof Tally> {
  try {
    const answer = await fetch(`${address}/v1/analyze`, {
      method: "POST",
      body: new Uint8Array(picture),
      headers: { "content-type": "image/jpeg", connection: "close" },
    });
    await answer.json();
    if (answer.status === 200) return "ok";
    return answer.status === 503 ? "busy" : "lost";
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
    return cause !== undefined && "code" in cause && cause.code === "ECONNREFUSED" ? "notAccepted" : "lost";
  }
}

/** Resident memory of the server under the load of 8 clients, once a minute, in MiB. */
async function soak(pictures: readonly Buffer[], minutes: number): Promise<readonly number[]> {
  await using server = await startServer();
  const samples: number[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    await load(server, pictures, 8, 60);
    const page = await (await fetch(`${server.address}/metrics`)).text();
    samples.push(Number(/^process_resident_memory_bytes (\S+)/m.exec(page)?.[1]) / 2 ** 20);
    console.error(`minute ${minute + 1}: ${samples.at(-1)!.toFixed(0)} MiB`);
  }
  return samples;
}

/** The largest picture that the server takes, all of one colour: a small file. */
const flatSide = 11_310;
const flatRequests = 24;
const stalledUploads = 40;
/** Bytes of each upload that stands still: nearly the largest request. */
const stalledBytes = 63 * 2 ** 20;

interface Peak {
  /** Resident memory before, and at most, in MiB. */
  readonly before: number;
  readonly most: number;
  /** Answers by status; 0 for an upload that was not answered while it stood still. */
  readonly statuses: Readonly<Record<number, number>>;
}

async function memoryOf({ process }: Server): Promise<{ readonly now: number; readonly most: number }> {
  const { now, most } = await residentOf(process.pid!);
  return { now: now / 2 ** 20, most: most / 2 ** 20 };
}

async function peakDuring(server: Server, warmUp: Buffer, work: () => Promise<readonly number[]>): Promise<Peak> {
  await send(server.address, warmUp);
  const { now } = await memoryOf(server);
  const statuses: Record<number, number> = {};
  for (const status of await work()) statuses[status] = (statuses[status] ?? 0) + 1;
  return { before: now, most: (await memoryOf(server)).most, statuses };
}

/** The largest flat pictures, all sent to be annotated at the same time. */
async function flatPictures(warmUp: Buffer): Promise<Peak> {
  const flat = await sharp({ create: { width: flatSide, height: flatSide, channels: 3, background: "#888" } })
    .png()
    .toBuffer();
  await using server = await startServer();
  const annotate = async (): Promise<number> => {
    const init = { method: "POST", body: new Uint8Array(flat), headers: { "content-type": "image/png" } };
    const answer = await fetch(`${server.address}/v1/annotate`, init);
    await answer.arrayBuffer();
    return answer.status;
  };
  return await peakDuring(server, warmUp, async () => Promise.all(Array.from({ length: flatRequests }, annotate)));
}

/** Uploads that send nearly everything and then stand still, to a server where nothing may wait. */
async function stalled(warmUp: Buffer): Promise<Peak> {
  await using server = await startServer("--max-queue", "0");
  const half = Buffer.alloc(stalledBytes);
  const upload = async (): Promise<number> => {
    const headers = { "content-type": "image/jpeg", "content-length": stalledBytes + 1 };
    const outgoing = request(`${server.address}/v1/analyze`, { method: "POST", headers });
    outgoing.on("error", () => {});
    outgoing.write(half);
    const answer = once(outgoing, "response").then(([response]: IncomingMessage[]) => response!.statusCode!);
    const status = await Promise.race([answer, sleep(20_000, 0)]);
    outgoing.destroy();
    return status;
  };
  return await peakDuring(server, warmUp, async () => Promise.all(Array.from({ length: stalledUploads }, upload)));
}

/** What was measured, and where and when. */
interface Conditions {
  readonly date: string;
  readonly machine: Machine;
  readonly seconds: number;
}

/** The parts as docs/lab/server-load.json keeps them. */
interface Measured {
  readonly load?: Conditions & { readonly libraryRates: readonly number[]; readonly loads: readonly Load[] };
  readonly crowd?: Conditions & {
    readonly overload: Awaited<ReturnType<typeof overload>>;
    readonly restart: Awaited<ReturnType<typeof restart>>;
  };
  readonly memory?: Conditions & { readonly mebibytes: readonly number[] };
  readonly limits?: Conditions & { readonly flat: Peak; readonly stalled: Peak };
}

async function measureLoad(
  pictures: readonly Buffer[],
  seconds: number,
  rounds: number,
): Promise<Omit<NonNullable<Measured["load"]>, keyof Conditions>> {
  const libraryRates: number[] = [];
  const loads: Load[] = [];
  for (let round = 0; round < rounds; round++) {
    libraryRates.push(await libraryRate(pictures, seconds));
    console.error(`round ${round + 1}: library ${libraryRates.at(-1)!.toFixed(1)} pictures a second`);
    await using server = await startServer();
    await load(server, pictures, 8, 3); // Warm.
    for (const clients of clientCounts) {
      loads.push(await load(server, pictures, clients, seconds));
      console.error(`round ${round + 1}: ${clients} clients, ${loads.at(-1)!.perSecond.toFixed(1)} a second`);
    }
  }
  return { libraryRates, loads };
}

async function measure(parts: readonly string[]): Promise<Measured> {
  const { seconds } = flags;
  const conditions = { date: today(), machine: describeMachine(), seconds };
  const folder = await mkdtemp(join(tmpdir(), "tensorface-bench-"));
  try {
    const files = await makePictures(folder, 40);
    const pictures = await Promise.all(files.folder.map(async (path) => readFile(path)));
    return {
      ...(parts.includes("load") && { load: { ...conditions, ...(await measureLoad(pictures, seconds, flags.rounds)) } }),
      ...(parts.includes("crowd") && {
        crowd: { ...conditions, overload: await overload(pictures, seconds), restart: await restart(pictures, seconds) },
      }),
      ...(parts.includes("memory") && {
        memory: { ...conditions, seconds: 60, mebibytes: await soak(pictures, flags.minutes) },
      }),
      ...(parts.includes("limits") && {
        limits: { ...conditions, flat: await flatPictures(pictures[0]!), stalled: await stalled(pictures[0]!) },
      }),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function renderConditions({ date, machine }: Conditions): string {
  return `${date}, ${machineText(machine)}`;
}

function renderLoad(measured: NonNullable<Measured["load"]>): string[] {
  const { libraryRates, loads, seconds } = measured;
  const library = spread(libraryRates);
  const rows = clientCounts.map((clients) => {
    const these = loads.filter((one) => one.clients === clients);
    const rate = spread(these.map(({ perSecond }) => perSecond));
    const middle = (pick: (one: Load) => number): string => quantile(these.map(pick), 0.5).toFixed(0);
    const failed = these.reduce((sum, one) => sum + one.failed, 0);
    return [
      clients,
      spreadText(rate, 1),
      `${((100 * rate.median) / library.median).toFixed(0)} %`,
      middle((one) => one.latency.p50),
      middle((one) => one.latency.p97_5),
      middle((one) => one.latency.p99),
      failed,
      rate.n,
    ];
  });
  return [
    `**Throughput** (${renderConditions(measured)}; the clients share the cores with the server). 40 JPEG files of 480 to 1920 pixels, one face`,
    `each. The library alone, in turns with the server: ${spreadText(library, 1)} pictures a second (n = ${library.n} rounds of ${seconds} s).`,
    "Medians, with quartiles in brackets, over n rounds.",
    "",
    "| clients | pictures a second | of the library's | latency p50, ms | p97.5, ms | p99, ms | failed | n |",
    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
  ];
}

function renderCrowd({ overload, restart, ...conditions }: NonNullable<Measured["crowd"]>): string[] {
  return [
    `**Overload** (${renderConditions(conditions)}; 64 clients, a queue of 4, ${conditions.seconds} s): ${overload.answered} answered,`,
    `${overload.refused} refused with 503, ${overload.lost} lost.`,
    "",
    `**Restart under load** (the same; 8 clients, ${conditions.seconds} s): ${restart.answered} answered, ${restart.notAccepted} connections not accepted while`,
    `no server listened, ${restart.lost} lost.`,
    "",
  ];
}

function renderMemory({ mebibytes, ...conditions }: NonNullable<Measured["memory"]>): string[] {
  return [
    `**Memory** (${renderConditions(conditions)}; 8 clients without a pause), MiB resident after each minute:`,
    `${mebibytes.map((value) => value.toFixed(0)).join(", ")}.`,
  ];
}

function renderLimits({ flat, stalled, ...conditions }: NonNullable<Measured["limits"]>): string[] {
  const answers = ({ statuses }: Peak): string =>
    Object.entries(statuses)
      .map(([status, count]) => `${count} ${status === "0" ? "still waiting after 20 s" : `answered ${status}`}`)
      .join(", ");
  const memory = ({ before, most }: Peak): string => `${before.toFixed(0)} MiB before, ${most.toFixed(0)} MiB at most`;
  return [
    "",
    `**Most memory** (${renderConditions(conditions)}; n = 1 each). ${flatRequests} pictures of ${((flatSide * flatSide) / 1e6).toFixed(0)} megapixels of one colour, sent to \`/v1/annotate\``,
    `at once: ${memory(flat)}; ${answers(flat)}. ${stalledUploads} uploads of ${stalledBytes / 2 ** 20} MiB that stand still before their last byte,`,
    `with \`--max-queue 0\`: ${memory(stalled)}; ${answers(stalled)}.`,
  ];
}

function render({ load, crowd, memory, limits }: Measured): string {
  return [
    ...(load ? renderLoad(load) : []),
    ...(crowd ? renderCrowd(crowd) : []),
    ...(memory ? renderMemory(memory) : []),
    ...(limits ? renderLimits(limits) : []),
  ]
    .join("\n")
    .trim();
}

const measured = await measure(flags.parts);
console.log(render(measured));
if (flags.write) {
  const path = (name: string): string => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
  const [kept, page] = [path("lab/server-load.json"), path("lab/server.md")];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this script alone writes the file
  const before = JSON.parse(await readFile(kept, "utf8").catch(() => "{}")) as Measured;
  const all = { ...before, ...measured };
  await writeFile(kept, `${JSON.stringify(all, undefined, 2)}\n`);
  await writeFile(page, replaceBetweenMarkers(await readFile(page, "utf8"), render(all)));
}
