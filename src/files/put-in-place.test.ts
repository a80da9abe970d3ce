import { describe, expect, test, vi } from "vitest";
import { putInPlace, type RenamingSystem } from "./put-in-place.node.ts";

const failure = (code: string): Error => Object.assign(new Error(code), { code });

function createSystem(platform: NodeJS.Platform, failures: readonly string[]) {
  const left = [...failures];
  const rename = vi.fn<RenamingSystem["rename"]>(async () => {
    const code = left.shift();
    if (code !== undefined) throw failure(code);
  });
  return { platform, rename, sleep: vi.fn<RenamingSystem["sleep"]>(async () => undefined) };
}

describe("a finished file gets its name", () => {
  test("on Windows as soon as nobody has the old one open", async () => {
    const system = createSystem("win32", ["EPERM", "EBUSY", "EACCES"]);
    await putInPlace("a.partial", "a", system);
    expect(system.rename.mock.calls).toEqual(Array.from({ length: 4 }, () => ["a.partial", "a"]));
    expect(system.sleep.mock.calls).toEqual([[10], [20], [40]]);
  });

  test.each([
    ["win32", "EPERM", 9],
    ["win32", "ENOSPC", 1],
    ["linux", "EPERM", 1],
  ] as const)("not for ever: on %s %s is the answer after %i tries", async (platform, code, tries) => {
    const system = createSystem(
      platform,
      Array.from({ length: 20 }, () => code),
    );
    await expect(putInPlace("a.partial", "a", system)).rejects.toMatchObject({ code });
    expect(system.rename).toHaveBeenCalledTimes(tries);
  });
});
