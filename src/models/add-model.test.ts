import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addUserModel, removeUserModel } from "./add-model.node.ts";
import { listOwnModels } from "./installed.node.ts";
import { expectHead, openModelFile } from "./model-file.ts";
import { drawnModel, drawnTasks } from "./testing.ts";
import { findUserModel, userModelIds } from "./user-models.node.ts";

const [glasses, wears] = drawnTasks;
let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tensorface-add-"));
  folder = join(root, "user");
});
afterEach(() => rm(root, { recursive: true }));

const add = async (id: string, task: (typeof drawnTasks)[number], replace = false): Promise<void> => {
  const bytes = await drawnModel(task, { id });
  const manifest = expectHead(await openModelFile(bytes, id));
  await addUserModel(folder, { manifest, bytes, folder: undefined }, { replace });
};
const taskOf = async (id: string): Promise<string | undefined> => {
  const found = await findUserModel(folder, id);
  await found?.read();
  return found?.manifest.kind === "head" ? found.manifest.outputs[0]!.task : undefined;
};
/** What a process that was killed leaves. */
const leftOver = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.startsWith("."));

interface Killed {
  readonly id: string;
  /** Without it the model is removed. */
  readonly replaceBy?: (typeof drawnTasks)[number];
  /** The process dies behind its nth renaming, or before the first. */
  readonly renamed: number;
}

/** Adds, replaces or removes a model in a process of its own, which is killed on the way without a word. */
async function killed({ id, replaceBy, renamed }: Killed): Promise<void> {
  const file = join(root, "new.onnx");
  if (replaceBy !== undefined) await writeFile(file, await drawnModel(replaceBy, { id }));
  const room = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    const end = () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); };
    const { rename } = fs.promises;
    let count = 0;
    fs.promises.rename = async (...paths) => {
      if (${renamed} === 0) await end();
      await rename(...paths);
      if (++count === ${renamed}) await end();
    };
    syncBuiltinESMExports();
    const { addUserModel, removeUserModel } = await import(${room("./add-model.node.ts")});
    const { openModelFile } = await import(${room("./model-file.ts")});
    const folder = ${JSON.stringify(folder)};
    if (${replaceBy === undefined}) await removeUserModel(folder, ${JSON.stringify(id)});
    else {
      const bytes = fs.readFileSync(${JSON.stringify(file)});
      const { manifest } = await openModelFile(bytes, "new");
      await addUserModel(folder, { manifest, bytes, folder: undefined }, { replace: true });
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "ignore", "inherit"] });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
}

describe("a model whose process is killed", () => {
  test("between stepping aside and its replacement is found again, and nothing else is left", async () => {
    await add("kept", glasses);
    await killed({ id: "kept", replaceBy: wears, renamed: 1 });
    expect(await taskOf("kept")).toBe("glasses");
    expect(await leftOver()).toEqual([]);
  });

  test("can be removed and replaced", async () => {
    await add("kept", glasses);
    await killed({ id: "kept", replaceBy: wears, renamed: 1 });
    await removeUserModel(folder, "kept");
    expect(await userModelIds(folder)).toEqual([]);
    await add("kept", glasses);
    await killed({ id: "kept", replaceBy: wears, renamed: 1 });
    await expect(add("kept", wears)).rejects.toMatchObject({ code: "TF_MODEL_EXISTS" });
    await add("kept", wears, true);
    expect(await taskOf("kept")).toBe("wears");
    expect(await leftOver()).toEqual([]);
  });

  describe("by version 0.1.0, which did not write a model's name on what stepped aside,", () => {
    const aside = ".old-0f8fad5b-d9cb-469f-a165-70867728950e";
    const stepAside = async (id: string): Promise<void> => rename(join(folder, id), join(folder, aside));

    test("is found again by the name of its file", async () => {
      await add("kept", glasses);
      await stepAside("kept");
      expect(await taskOf("kept")).toBe("glasses");
      expect(await leftOver()).toEqual([]);
      await stepAside("kept");
      expect(await userModelIds(folder)).toEqual(["kept"]);
    });

    test("stays replaced where another took its place, and one half removed is cleared away", async () => {
      await add("kept", glasses);
      await stepAside("kept");
      await mkdir(join(folder, ".old-7c9e6679-7425-40de-944b-e07fc1f90ae7"));
      await cp(join(folder, aside), join(root, "copy"), { recursive: true });
      await add("other", wears);
      expect(await userModelIds(folder)).toEqual(["kept", "other"]);
      await add("kept", wears, true);
      await cp(join(root, "copy"), join(folder, aside), { recursive: true });
      expect(await taskOf("kept")).toBe("wears");
      expect(await leftOver()).toEqual([]);
    });
  });

  test("behind its replacement stays replaced, and the next who adds clears away", async () => {
    await add("kept", glasses);
    await killed({ id: "kept", replaceBy: wears, renamed: 2 });
    expect(await taskOf("kept")).toBe("wears");
    await add("other", glasses);
    expect(await leftOver()).toEqual([]);
    expect(await userModelIds(folder)).toEqual(["kept", "other"]);
  });

  test("before it is in its place, or half removed, is not there", async () => {
    await killed({ id: "never", replaceBy: wears, renamed: 0 });
    await add("gone", glasses);
    await killed({ id: "gone", renamed: 1 });
    expect(await userModelIds(folder)).toEqual([]);
    await add("other", glasses);
    expect(await leftOver()).toEqual([]);
  });
});

test("a name that begins as what stepped aside is a name as any other", async () => {
  await add("old-kept", glasses);
  await killed({ id: "old-kept", replaceBy: wears, renamed: 1 });
  const models = await listOwnModels(folder);
  expect(models.map((model) => ("manifest" in model ? model.manifest.id : model.error))).toEqual(["old-kept"]);
});

test("models are read from a folder that may not be written", async () => {
  await add("kept", glasses);
  await chmod(folder, 0o555);
  try {
    expect(await taskOf("kept")).toBe("glasses");
    expect(await taskOf("other")).toBeUndefined();
  } finally {
    await chmod(folder, 0o755);
  }
});

test("a model that is replaced again and again is there for whoever reads meanwhile", async () => {
  await add("busy", glasses);
  const done = new AbortController();
  const replacing = (async () => {
    for (let round = 0; round < 12; round++) await add("busy", round % 2 === 0 ? wears : glasses, true);
    done.abort();
  })();
  const seen = new Set<string | undefined>();
  while (!done.signal.aborted) seen.add((await findUserModel(folder, "busy"))?.manifest.id);
  await replacing;
  expect([...seen]).toEqual(["busy"]);
});

test("a model that was replaced or removed after it was opened is not called damaged", async () => {
  await add("busy", glasses);
  const opened = (await findUserModel(folder, "busy"))!;
  await add("busy", wears, true);
  await expect(opened.read()).rejects.toMatchObject({ code: "TF_MODEL_NOT_FOUND", message: expect.stringContaining("was replaced") });
  await removeUserModel(folder, "busy");
  await expect(opened.read()).rejects.toMatchObject({ code: "TF_MODEL_NOT_FOUND", message: expect.stringContaining("was removed") });
  await add("busy", glasses);
  const damaged = (await findUserModel(folder, "busy"))!;
  await writeFile(join(folder, "busy", "busy.onnx"), "other bytes");
  await expect(damaged.read()).rejects.toMatchObject({ code: "TF_MODEL_CORRUPT" });
});
