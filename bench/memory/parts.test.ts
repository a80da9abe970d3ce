import { expect, test } from "vitest";
import { isArena, isOfV8, measureMemory, readRegions } from "./parts.ts";

const smaps = `00400000-00452000 r-xp 00000000 fe:00 260386                     /usr/bin/with space
Size:                328 kB
Rss:                 128 kB
VmFlags: rd ex mr mw me
01c00000-01d00000 rw-p 00000000 00:00 0                          [heap]
Size:               1024 kB
Rss:                 512 kB
7f0008000000-7f0008100000 rw-p 00000000 00:00 0
Size:               1024 kB
Rss:                1000 kB
7f0008100000-7f000c000000 ---p 00000000 00:00 0
Size:              64512 kB
Rss:                   0 kB
7f0010200000-7f0010300000 rw-p 00000000 00:00 0
Size:               1024 kB
Rss:                 900 kB
`;

test("mappings are read with their names and what of them is resident", () => {
  expect(readRegions(smaps).map(({ access, name, resident }) => [access, name, resident / 1024])).toEqual([
    ["r-xp", "/usr/bin/with space", 128],
    ["rw-p", "[heap]", 512],
    ["rw-p", "", 1000],
    ["---p", "", 0],
    ["rw-p", "", 900],
  ]);
});

test("a thread's arena begins at a multiple of 64 MiB and has reserved what follows", () => {
  const regions = readRegions(smaps);
  expect(regions.map((region, index) => isArena(region, regions[index + 1]))).toEqual([false, false, true, false, false]);
});

test("V8's mappings lie in the lower half, where the system places none by itself", () => {
  const regions = readRegions("2f9a55100000-2f9a55140000 rw-p 00000000 00:00 0\nRss:                 128 kB\n" + smaps);
  expect(regions.map(isOfV8)).toEqual([true, false, false, false, false, false]);
});

test.runIf(process.platform === "linux")("the parts of this process are its resident memory", async () => {
  const parts = await measureMemory();
  expect(parts.files + parts.objects + parts.spare + parts.heap + parts.arenas + parts.mapped).toBe(parts.resident);
  expect(Math.min(...Object.values(parts))).toBeGreaterThanOrEqual(0);
  expect(parts.young).toBeLessThanOrEqual(parts.objects);
  expect(parts.objects).toBeGreaterThan(2 ** 20);
});
