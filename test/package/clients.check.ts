import { execFile } from "node:child_process";
import { cp, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAnalyzer } from "../../src/_entries/node.ts";
import { annotateFaces } from "../../src/analyze/annotate-faces.ts";
import { decode } from "../../src/image/decode.node.ts";
import { encode } from "../../src/image/encode.node.ts";
import { buildApp, listen, type ServerParts } from "../../src/server/index.ts";

/**
 * The API's description as others read it: two linters, and the clients that two generators make of it, type-checked and run against the
 * server. All of it stands in a folder of its own, since these tools want an older TypeScript than this repository's.
 */
const tools = [
  "typescript@5.9",
  "openapi-typescript@7",
  "openapi-fetch@0.17",
  "@hey-api/openapi-ts@0.99",
  "@redocly/cli@2",
  "@stoplight/spectral-cli@6",
  "@types/node@24",
];
const repository = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";

async function run(program: string, ...words: readonly string[]): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: "", npm_config_audit: "false", npm_config_fund: "false", REDOCLY_TELEMETRY: "off" };
  try {
    return (await promisify(execFile)(program, [...words], { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    // The tools say on standard output what is wrong.
    throw new Error(`${program} ${words.join(" ")}: ${Object(error).stdout ?? ""}${Object(error).stderr ?? ""}`, { cause: error });
  }
}

const tool = async (name: string, ...words: readonly string[]): Promise<string> => run(join(folder, "node_modules/.bin", name), ...words);

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "tensorface-clients-")));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "clients", version: "1.0.0", private: true }));
  await cp(join(repository, "docs/reference/openapi.json"), join(folder, "openapi.json"));
  await cp(join(repository, "examples/astronaut.png"), join(folder, "portrait.png"));
  await run("npm", "install", "--ignore-scripts", ...tools);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("redocly and spectral find no error", async () => {
  // They fail with what they found.
  await expect(tool("redocly", "lint", "--extends", "recommended", "openapi.json")).resolves.toBeTypeOf("string");
  await writeFile(join(folder, ".spectral.yaml"), 'extends: "spectral:oas"\n');
  await expect(tool("spectral", "lint", "--fail-severity", "error", "openapi.json")).resolves.toMatch(/0 errors|No results/);
});

const program = `import { readFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import { analyzePictures, annotatePicture, isReady } from "./generated";
import { createClient as createGenerated } from "./generated/client";
import type { paths } from "./paths";

async function main(): Promise<void> {
  const baseUrl = process.argv[2]!;
  const image = "data:image/png;base64," + (await readFile("portrait.png", "base64"));

  const fetching = createClient<paths>({ baseUrl });
  const first = await fetching.POST("/v1/analyze", { body: { image, source: "portrait.png" }, params: { query: { maxFaces: 1 } } });
  if (first.data === undefined || !("faces" in first.data)) throw new Error("no analysis");
  const wrong = await fetching.POST("/v1/analyze", { body: { image: "hello" } });
  const models = await fetching.GET("/v1/models");
  const drawn = await fetching.POST("/v1/annotate", { body: { image }, parseAs: "blob", params: { query: { format: "webp" } } });

  const client = createGenerated({ baseUrl });
  const second = await analyzePictures({ client, body: { images: [{ image }, { image: "data:;base64,AAAA", source: "broken" }] } });
  if (second.data === undefined || !("results" in second.data)) throw new Error("no list");
  const annotated = await annotatePicture({ client, body: { image }, query: { format: "jpeg" } });
  const ready = await isReady({ client });
  console.log(
    JSON.stringify({
      mood: first.data.faces[0]?.mood?.label,
      refused: wrong.error?.error.code,
      models: models.data?.models.length,
      drawn: drawn.data?.type,
      results: second.data.results.map((result) => ("error" in result ? result.error.code : result.faces.length)),
      annotated: annotated.data?.type,
      ready: ready.data?.status,
    }),
  );
}

void main();
`;

test("generated clients type-check, and find the face", async () => {
  await tool("openapi-typescript", "openapi.json", "--output", "paths.ts");
  await tool("openapi-ts", "--input", "openapi.json", "--output", "generated");
  await writeFile(join(folder, "use.ts"), program);
  const options =
    "--strict --skipLibCheck false --target es2023 --lib es2024,dom,dom.iterable --module commonjs --esModuleInterop --types node --outDir out use.ts";
  await tool("tsc", ...options.split(" "));
  await using analyzer = await createAnalyzer();
  const annotate: ServerParts["annotate"] = async (bytes, { faces }, format) =>
    encode(annotateFaces((await decode(bytes)).image, faces), { format });
  const app = await buildApp({ analyzer, annotate, manifests: [], version: "1.2.3" }, { logLevel: "silent" });
  try {
    const address = await listen(app, { port: 0, hasToken: false });
    expect(JSON.parse(await run(process.execPath, "out/use.js", address))).toEqual({
      mood: "happy",
      refused: "TF_REQUEST_INVALID",
      models: 0,
      drawn: "image/webp",
      results: [1, "TF_IMAGE_FORMAT_UNSUPPORTED"],
      annotated: "image/jpeg",
      ready: "ready",
    });
  } finally {
    await app.close();
  }
});
