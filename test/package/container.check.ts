import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, cp, link, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * The steps of the Dockerfile, carried out without Docker: its build stage without a network, and what its last stage copies, started as
 * its user on a file system that is read-only. Linux and root are needed for the walls; elsewhere the steps run without them.
 */
const repository = fileURLToPath(new URL("../..", import.meta.url));
const hasWalls = process.platform === "linux" && process.getuid?.() === 0;
if (!hasWalls) console.log("container test: not root on Linux, so nothing keeps the steps from the network and the disk");

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** Instructions by stage; comments left out, continued lines joined. */
function parseDockerfile(text: string): readonly (readonly Instruction[])[] {
  const lines = text.replaceAll(/\\\n/g, " ").split("\n");
  const instructions = lines.flatMap((line) => {
    const match = /^([A-Z]+)\s+(.*)$/.exec(line);
    return match === null ? [] : [{ word: match[1]!, rest: match[2]! }];
  });
  const starts = instructions.flatMap(({ word }, index) => (word === "FROM" ? [index] : []));
  return starts.map((start, stage) => instructions.slice(start, starts[stage + 1]));
}

const stages = parseDockerfile(await readFile(join(repository, "Dockerfile"), "utf8"));
const [build, final] = [stages[0]!, stages.at(-1)!];
const all = (stage: readonly Instruction[], word: string): string[] => stage.flatMap((one) => (one.word === word ? [one.rest] : []));
const only = (word: string): string => all(final, word)[0] ?? "";
const words = (word: string): string[] => JSON.parse(only(word).replace(/^.*?\[/, "[")) as string[];

let folder = "";
const app = (): string => join(folder, "build");
const root = (): string => join(folder, "root");

async function sh(cwd: string, command: string): Promise<void> {
  const before = hasWalls ? ["unshare", "--net"] : ["env"];
  // As in the image, where Node comes from the base: npm's scripts put the project's own first.
  const env = { ...process.env, NODE_OPTIONS: "", npm_config_offline: "true" };
  await promisify(execFile)(before[0]!, [...before.slice(1), "sh", "-ec", command], { cwd, env, maxBuffer: 64 * 1024 * 1024 });
}

async function copyContext(): Promise<void> {
  const ignored = (await readFile(join(repository, ".dockerignore"), "utf8"))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  await mkdir(app());
  for (const name of (await readdir(repository)).filter((name) => name !== "node_modules" && !ignored.includes(name)))
    await cp(join(repository, name), join(app(), name), { recursive: true, verbatimSymlinks: true });
  await linkPackages(join(repository, "node_modules"), join(app(), "node_modules"));
}

/**
 * Packages take two gigabytes, and a build and `npm prune` write into none of their files: they are linked, where the disk can. What npm keeps
 * beside them it writes anew, and so that is copied.
 */
async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory() && !entry.name.startsWith(".")) await linkFolder(source, target);
    else await cp(source, target, { recursive: true, verbatimSymlinks: true });
  }
}

async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkFolder(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target).catch(async () => copyFile(source, target));
  }
}

async function copyResult(): Promise<void> {
  await mkdir(root());
  for (const copied of all(final, "COPY")) {
    const paths = copied.split(/\s+/).filter((path) => !path.startsWith("--"));
    const target = join(root(), paths.at(-1)!);
    for (const path of paths.slice(0, -1)) {
      const source = join(app(), path.replace(/^\/app\//, ""));
      // The rest of the build goes.
      await rename(source, paths.at(-1) === "./" ? join(target, basename(source)) : target);
    }
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-container-"));
  await chmod(folder, 0o755);
  await copyContext();
  for (const command of all(build, "RUN")) await sh(app(), command);
  await copyResult();
  await rm(app(), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs a command in what the image holds, as its user, where nothing can be written. */
function inside(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [uid, gid] = only("USER").split(":");
  const readOnly = "for point in $(awk '{print $2}' /proc/self/mounts); do mount -o remount,bind,ro \"$point\" 2>/dev/null || true; done";
  const user = `setpriv --reuid=${uid} --regid=${gid} --clear-groups --no-new-privs --bounding-set=-all`;
  // Where /proc has been shut too, Node still finds what it needs.
  const walls = hasWalls ? ["unshare", "--mount", "sh", "-ec", `${readOnly}; exec ${user} "$@"`, "sh"] : [];
  const [program, ...rest] = [...walls, ...command.map((word) => (word === "node" ? process.execPath : word))];
  return spawn(program!, rest, { cwd: root(), env: { PATH: process.env["PATH"] ?? "", NODE_ENV: "production", ...env } });
}

async function userOf(pid: number): Promise<string | undefined> {
  return /^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];
}

describe("the Dockerfile", () => {
  test("has stages, another user than root and a health check, and fetches nothing", () => {
    expect(stages.length).toBeGreaterThan(1);
    expect(only("USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(only("HEALTHCHECK")).toContain("/healthz");
    for (const stage of stages) {
      expect(all(stage, "ADD")).toEqual([]);
      for (const command of all(stage, "RUN")) expect(command).not.toMatch(/\b(apt|apk|curl|wget|npm ci|npm install|npx)\b/);
    }
  });

  test("what it copies is enough, and little more", async () => {
    expect((await readdir(root())).toSorted()).toEqual(["LICENSE", "LICENSES", "NOTICE", "dist", "models", "node_modules", "package.json"]);
    const packages = await readdir(join(root(), "node_modules"));
    for (const name of ["vite", "vitest", "typescript", "onnxruntime-web", "node"]) expect(packages).not.toContain(name);
  });
});

describe("the image's content", () => {
  test("without a token it refuses to listen for others, and says why", async () => {
    const server = inside([...words("ENTRYPOINT"), ...words("CMD")]);
    let stderr = "";
    server.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(server, "close")) as [number];
    expect([code, stderr]).toEqual([2, expect.stringContaining("TENSORFACE_TOKEN")]);
  });

  test("read-only and as its user it serves page, API and health, and stops at SIGTERM", async () => {
    const port = await freePort();
    const token = { TENSORFACE_TOKEN: "open sesame" };
    const server = inside([...words("ENTRYPOINT"), ...words("CMD"), "--port", String(port)], token);
    let output = "";
    for (const stream of [server.stdout, server.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await expect.poll(() => output, { timeout: 60_000 }).toContain("http:");
    const address = `http://127.0.0.1:${port}`;
    const user = hasWalls ? await userOf(server.pid!) : "1000";
    expect(user).toBe("1000");

    const health = words("HEALTHCHECK").map((word) => word.replaceAll("8080", String(port)));
    const [code] = (await once(inside(health), "close")) as [number];
    expect(code).toBe(0);
    const picture = new Uint8Array(await readFile(join(repository, "examples/astronaut.png")));
    const send = async (path: string): Promise<Response> =>
      fetch(`${address}${path}`, {
        method: "POST",
        body: picture,
        headers: { "content-type": "image/png", authorization: `Bearer ${token.TENSORFACE_TOKEN}` },
      });
    expect(await (await send("/v1/analyze")).json()).toMatchObject({ faces: [{ gender: { label: "female" }, mood: { label: "happy" } }] });
    expect((await send("/v1/annotate?format=webp")).headers.get("content-type")).toBe("image/webp");
    expect(await (await fetch(`${address}/`)).text()).toContain("<title>TensorFace");
    for (const path of ["models/index.json", "measures.json", "service-worker.js", "docs/"])
      expect([path, (await fetch(`${address}/${path}`)).status]).toEqual([path, 200]);

    server.kill("SIGTERM");
    expect(await once(server, "close")).toEqual([0, null]);
    const [unhealthy] = (await once(inside(health), "close")) as [number];
    expect(unhealthy).toBe(1);
  });
});
