import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { expect, test } from "vitest";
import { nativeFailure } from "./native-failure.node.ts";

const failed = (message: string, code?: string): Error => Object.assign(new Error(message), code === undefined ? {} : { code });

test.each([
  [
    failed("Cannot find module '../bin/napi-v6/darwin/x64/onnxruntime_binding.node'\nRequire stack:\n- binding.js", "MODULE_NOT_FOUND"),
    "onnxruntime-node",
  ],
  [
    failed(
      "Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /app/libonnxruntime.so.1)",
      "ERR_DLOPEN_FAILED",
    ),
    "onnxruntime-node",
  ],
  [failed('Could not load the "sharp" module using the linux-x64 runtime\nPossible solutions:'), "sharp"],
])("%s: the system is named, and what it takes", (error, name) => {
  const told = nativeFailure(error);
  expect(told).toMatchObject({
    code: "TF_SYSTEM_UNSUPPORTED",
    message: expect.stringContaining(`${name} does not run on this system`),
    cause: error,
  });
  expect(told?.message).toContain(`${process.platform} ${process.arch}`);
  expect(told?.hint).toContain("Alpine");
});

test("other errors are none", () => {
  for (const error of [failed("libonnxruntime is mentioned"), failed("Cannot find module 'x'", "MODULE_NOT_FOUND"), "text", undefined])
    expect(nativeFailure(error)).toBeUndefined();
});

test("a package whose native part is missing really says so", async () => {
  const folder = await mkdtemp(join(tmpdir(), "native-"));
  try {
    // The JavaScript of both packages, without what was built for any system.
    for (const name of ["sharp", "onnxruntime-node", "onnxruntime-common"]) {
      const source = join(import.meta.dirname, "../../node_modules", name);
      const isJavaScript = (path: string): boolean =>
        !["bin", "node_modules"].some((part) => relative(source, path).split(sep).includes(part));
      await cp(source, join(folder, "node_modules", name), { recursive: true, filter: isJavaScript });
    }
    await mkdir(join(folder, "node_modules/@img"));
    for (const name of ["@img/colour", "detect-libc", "semver"])
      await cp(join(import.meta.dirname, "../../node_modules", name), join(folder, "node_modules", name), { recursive: true });
    const door = new URL("./native-failure.node.ts", import.meta.url).href;
    const code = `import { nativeFailure } from ${JSON.stringify(door)};
      for (const name of ["onnxruntime-node", "sharp"]) await import(name).catch((error) => console.log(nativeFailure(error)?.message ?? String(error)));`;
    await writeFile(join(folder, "ask.mjs"), code);
    const { stdout, stderr } = spawnSync(process.execPath, [join(folder, "ask.mjs")], { encoding: "utf8" });
    const system = `${process.platform} ${process.arch}`;
    expect(stdout + stderr).toBe(`onnxruntime-node does not run on this system, ${system}\nsharp does not run on this system, ${system}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
