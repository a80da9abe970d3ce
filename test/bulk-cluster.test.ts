import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readStatus } from "../src/bulk/bulk-work.node.ts";
import { drawManyPictures } from "./support/bulk.ts";
import { run } from "./support/command.ts";
import { hasRedis, startRedis } from "./support/redis.ts";

let base = "";
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "tensorface-cluster-"));
  await drawManyPictures(join(base, "photos"), 5);
});
afterAll(() => rm(base, { recursive: true, force: true }));

const words = z.array(z.string());
const composeSchema = z.object({
  services: z.object({ queue: z.object({ command: words }), plan: z.object({ command: words }), work: z.object({ command: words }) }),
});
const jobSchema = z.object({
  kind: z.literal("Job"),
  spec: z.object({
    completions: z.int(),
    completionMode: z.literal("Indexed"),
    template: z.object({ spec: z.object({ containers: z.tuple([z.object({ args: words })]) }) }),
  }),
});
const example = async <Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.infer<Schema>> =>
  schema.parse(parse(await readFile(new URL(`../examples/bulk/${name}`, import.meta.url), "utf8")));

/** The words of a container, with what it calls its volume and its queue as they are here. */
const here = (command: readonly string[], queue = ""): string[] =>
  command.map((word) => word.replace(/^\/collection/, base).replace("redis://queue:6379", queue));

/** The guide's question to DuckDB, of a collection in which pictures are from 1900 and 1901 in turns. */
async function smilesByYear(): Promise<unknown> {
  const guide = await readFile(new URL("../docs/guide/at-scale.md", import.meta.url), "utf8");
  const query = /```sql\n(.*?)```/s.exec(guide)![1]!.replaceAll(/'(\w+\.parquet)'/g, (_, name) => `'${join(base, name)}'`);
  const database = await DuckDBInstance.create(":memory:");
  const connection = await database.connect();
  try {
    const years = "SELECT printf('photos/%04d.jpg', i) AS url, 1900 + i % 2 AS year FROM range(5) t(i)";
    await connection.run(`COPY (${years}) TO '${join(base, "collection.parquet")}'`);
    const rows = z.array(z.record(z.string(), z.coerce.number()));
    return rows.parse((await connection.runAndReadAll(query)).getRowObjectsJson());
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

test.skipIf(!hasRedis)(
  "the commands of the Compose file and of the Kubernetes Job do what their pages say",
  async () => {
    const { services } = await example("compose.yaml", composeSchema);
    const { spec } = await example("job.yaml", jobSchema);
    const { args } = spec.template.spec.containers[0];
    expect(args).toContain(String(spec.completions));
    const policy = services.queue.command.at(services.queue.command.indexOf("--maxmemory-policy") + 1);
    expect((await run(here(services.plan.command))).stderr).toContain("6 pictures in 1 shard");
    const pod = (index: number) => run(here(args), { env: { JOB_COMPLETION_INDEX: String(index) } });
    expect((await pod(99)).code).toBe(0);
    expect((await readStatus(join(base, "results"))).done.shards).toBe(0);
    await mkdir(join(base, "queue"));
    await using redis = await startRedis(join(base, "queue"), policy);
    const worked = await run(here(services.work.command, redis.url));
    expect(worked.stderr).toContain("1 of 1 shard done, 6 of 6 pictures");
    expect((await pod(0)).stderr).toContain("1 of 1 shard done");
    expect((await run(["bulk", "merge", join(base, "results"), "--out", join(base, "faces.parquet"), "--rows", "faces"])).code).toBe(0);
    expect(await smilesByYear()).toEqual([
      { year: 1900, faces: 2, smiles: 2 },
      { year: 1901, faces: 2, smiles: 2 },
    ]);
  },
  120_000,
);

test("the guide's costs are worked out from the measured rate", async () => {
  const page = async (name: string): Promise<string> => readFile(new URL(`../docs/${name}`, import.meta.url), "utf8");
  const [, measured] = /The library alone, in turns with the server: ([\d.]+) pictures a second/.exec(await page("lab/server.md"))!;
  const perCore = Number(measured) / 2;
  const guide = (await page("guide/at-scale.md")).split("### What it costs")[1]!;
  expect(guide).toContain(`${measured} pictures a second`);
  const rows = [...guide.matchAll(/^\| (.+?) +\| +([\d,]+) \| +([\d.]+) (min|h) \| +([\d.]+) (days|h) \|$/gm)];
  const coresOf = (where: string): number => [...where.matchAll(/\d+/g)].reduce((product, [digits]) => product * Number(digits), 1);
  const secondsIn = { min: 60, h: 3600, days: 86_400 } as const;
  const worked = rows.map(([, where, rate, million, unit, hundred, unitOfHundred]) => ({
    rate: Number(rate!.replace(",", "")) / (perCore * coresOf(where!)),
    million: (Number(million) * secondsIn[unit as "min" | "h"] * perCore * coresOf(where!)) / 1e6,
    hundred: (Number(hundred) * secondsIn[unitOfHundred as "h" | "days"] * perCore * coresOf(where!)) / 1e8,
  }));
  expect(worked).toHaveLength(3);
  for (const shares of worked) for (const share of Object.values(shares)) expect(Math.abs(share - 1)).toBeLessThan(0.025);
  const [, hours] = /a million pictures take (\d+) hours of one core/.exec(guide)!;
  expect(Number(hours)).toBe(Math.round(1e6 / perCore / 3600));
});

test("what does not go together is refused before any work, and a file in the way is called one", async () => {
  const part = await run(["bulk", "work", join(base, "results"), "--part", "1"]);
  expect(part).toMatchObject({ code: 2, stderr: expect.stringContaining("--part needs --parts N") });
  const inTheWay = await run(["bulk", "plan", join(base, "photos"), "--out", join(base, "photos/0000.jpg")]);
  expect(inTheWay).toMatchObject({ code: 1, stderr: expect.stringContaining("A file has that name") });
});
