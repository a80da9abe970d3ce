import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** ONNX Runtime counts its users unless it is told not to: it writes a device id into the home folder and sends events home. */
test("an analysis leaves nothing in the home folder, so nothing that could be sent", async () => {
  const home = await mkdtemp(join(tmpdir(), "home-"));
  try {
    const { ORT_DISABLE_TELEMETRY: _, ...environment } = process.env;
    const { status } = spawnSync(process.execPath, ["src/cli/main.ts", "analyze", "examples/astronaut.png", "--format", "json"], {
      env: { ...environment, HOME: home, XDG_CACHE_HOME: join(home, ".cache"), XDG_CONFIG_HOME: join(home, ".config") },
    });
    expect(status).toBe(0);
    expect(await readdir(home, { recursive: true })).toEqual([]);
  } finally {
    await rm(home, { recursive: true });
  }
});
