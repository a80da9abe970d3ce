import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { hasSignals, start } from "../../../test/support/command.ts";
import { commands } from "../commands.ts";
import { dispatch } from "../dispatch.ts";

let root: string;
const programs = (): string => join(root, "programs");
/** In place of Jupyter: says with what it was started, and ends. */
const jupyter = `#!/bin/sh\nprintf '%s\\n' "$JUPYTER_PATH" "$@" > "$RECORD"\nexit 3\n`;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "notebook-command-"));
  await mkdir(programs());
  await writeFile(join(programs(), "jupyter-notebook"), jupyter);
  await chmod(join(programs(), "jupyter-notebook"), 0o755);
});
afterAll(() => rm(root, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = 0;
});

/** One command line in this process, with its exit code and what it said. */
async function call(...argv: string[]): Promise<{ readonly code: unknown; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  const code = await dispatch(argv, { commands, version: "0.0.0", print: (text) => out.push(text), report: (text) => err.push(text) });
  return { code: code ?? process.exitCode ?? 0, out: out.join(""), err: err.join("") };
}

describe("tensorface notebook", () => {
  test.skipIf(process.platform === "win32")(
    "opens the first notebook in Jupyter, which knows the folder's kernel and takes flags",
    async () => {
      vi.stubEnv("PATH", programs());
      vi.stubEnv("RECORD", join(root, "record.txt"));
      const folder = join(root, "mine");
      const { code, out } = await call("notebook", folder, "--no-browser", "--", "--allow-root", "--port=8890");
      expect(code).toBe(3);
      expect(out.trim().split("\n")).toHaveLength(5);
      const [kernels, ...words] = (await readFile(join(root, "record.txt"), "utf8")).trim().split("\n");
      expect(kernels!.split(":")[0]).toBe(join(folder, ".jupyter"));
      expect(words).toEqual(["--no-browser", "--allow-root", "--port=8890", join(folder, "1-data-and-charts.ipynb")]);
    },
  );

  test.skipIf(!hasSignals)("asked to end, it ends Jupyter too", async () => {
    const waiting = join(root, "waiting");
    const record = join(root, "began.txt");
    await mkdir(waiting);
    await writeFile(
      join(waiting, "jupyter-notebook"),
      `#!/bin/sh\ntrap 'exit 7' TERM\necho begun > "${record}"\nwhile :; do /bin/sleep 0.1; done\n`,
    );
    await chmod(join(waiting, "jupyter-notebook"), 0o755);
    const { child, finished } = start(["notebook", join(root, "ended")], { env: { PATH: waiting } });
    try {
      await expect.poll(() => readFile(record, "utf8").catch(() => ""), { timeout: 60_000 }).toBe("begun\n");
    } finally {
      child.kill("SIGTERM");
    }
    // The pipes close when Jupyter is gone as well.
    expect(await finished).toMatchObject({ code: 7 });
  });

  test("says what to install where Jupyter is missing, before it makes a folder", async () => {
    vi.stubEnv("PATH", join(root, "nowhere"));
    const folder = join(root, "unmade");
    const { code, err } = await call("notebook", folder);
    expect(code).toBe(1);
    expect(err).toMatch(/apt-get install jupyter-notebook.*--no-open.*\[TF_TOOL_MISSING\]/s);
    await expect(readFile(join(folder, "deno.json"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("takes one folder; flags for Jupyter alone need none", async () => {
    expect(await call("notebook", "a", "b")).toMatchObject({ code: 2, err: expect.stringContaining("takes one folder") });
    expect(await call("notebook", "--port=1")).toMatchObject({ code: 2, err: expect.stringContaining("unknown option") });
  });
});
