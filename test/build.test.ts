import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const repository = fileURLToPath(new URL("..", import.meta.url));

test("the build fails where a type is wrong, or cannot be declared", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-build-"));
  try {
    for (const name of ["package.json", "tsconfig.json"]) await cp(join(repository, name), join(folder, name));
    await symlink(join(repository, "node_modules"), join(folder, "node_modules"), "junction");
    await mkdir(join(folder, "src"));
    await writeFile(join(folder, "src", "wrong.ts"), 'export const wrong: number = "text";\n');
    await writeFile(join(folder, "src", "undeclared.ts"), "export const undeclared = class { private hidden = 1; };\n");
    const build = promisify(execFile)("npm", ["run", "build"], { cwd: folder, shell: process.platform === "win32" });
    await expect(build).rejects.toMatchObject({
      code: expect.any(Number) as number,
      // Once from each file: not assignable, and private in a class without a name.
      stdout: expect.stringMatching(/undeclared\.ts\S* error TS4094[^]*wrong\.ts\S* error TS2322/) as string,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
