import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { readSettings, writeSettings } from "./settings.node.ts";

test("paths hold from any folder, that of a network made elsewhere too; names stay names", async () => {
  const folder = await mkdtemp(join(tmpdir(), "settings-"));
  try {
    const [file, network] = [join(folder, "settings.json"), join(folder, "net.onnx")];
    await writeFile(network, "");
    const source = relative(process.cwd(), join(folder, "pictures"));
    const names = ["emotion", "faceres:conv_pw_9_relu/clip_by_value", "nsfwjs/mobilenet_v2", "age-gender-5+mood-5"];
    await writeSettings(file, { source, backbone: [...names, relative(process.cwd(), network)].join(",") });
    expect(await readSettings(file)).toEqual({ source: join(folder, "pictures"), backbone: [...names, network].join(",") });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
