import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { portrait } from "../../test/support/pictures.ts";
import { hashFile } from "../files/files.node.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { decideCrop } from "./decide-crop.node.ts";
import { locateFaces } from "./locate.node.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "located-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("faces that another detector found, or one that is not told, are looked for again; those of this one are not", async () => {
  const file = join(folder, "located.jsonl");
  const [picture] = [{ path: portrait, sha256: await hashFile(portrait) }];
  for (const by of [{}, { by: "another:0123" }]) {
    await writeFile(file, `${JSON.stringify({ sha256: picture.sha256, faces: [], ...by })}\n`);
    expect((await locateFaces(folder, [picture])).get(picture.sha256)).toHaveLength(1);
  }
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  const last = JSON.parse(lines.at(-1)!) as object;
  await writeFile(file, `${JSON.stringify({ ...last, faces: [] })}\n`);
  expect((await locateFaces(folder, [picture])).get(picture.sha256)).toEqual([]);
});

test("a plan that cuts faces out says who finds them: what networks see of others is other features", async () => {
  const picture = { path: portrait, sha256: await hashFile(portrait) };
  const options = { runtime: createNodeRuntime(), folder };
  const { plan } = await decideCrop([picture], "face", options);
  const key = { key: "other pictures", decision: { plan: { kind: "face" }, reason: "" } };
  expect(plan.kind === "aligned" || (plan.kind === "face" && plan.finder?.startsWith("blazeface"))).toBe(true);
  await writeFile(join(folder, "crop.json"), JSON.stringify(key));
  expect((await decideCrop([picture], "face", options)).plan).toEqual(plan);
});
