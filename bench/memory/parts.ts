import { readFile } from "node:fs/promises";
import { getHeapSpaceStatistics, getHeapStatistics } from "node:v8";

/** Where the resident memory of a process lies, in bytes. */
export interface MemoryParts {
  readonly resident: number;
  /** Programs, libraries, and networks that are mapped. */
  readonly files: number;
  /** V8's pages of objects, as it counts them, and of these the young generation. */
  readonly objects: number;
  readonly young: number;
  /** What V8 has mapped and does not count: compiled code, and pages that it has given up and keeps for the next time. */
  readonly spare: number;
  /** What malloc holds: the heap of the first thread, and the arenas of the others. */
  readonly heap: number;
  readonly arenas: number;
  /** What else is mapped by itself: the engine's arena, large pictures, stacks. */
  readonly mapped: number;
}

export const partNames = [
  "resident",
  "files",
  "objects",
  "young",
  "spare",
  "heap",
  "arenas",
  "mapped",
] as const satisfies readonly (keyof MemoryParts)[];

/** Of this process. @throws where the system tells nothing of its mappings: anywhere but on Linux */
export async function measureMemory(): Promise<MemoryParts> {
  const regions = readRegions(await readFile("/proc/self/smaps", "utf8"));
  const objects = getHeapStatistics().total_physical_size;
  const young = getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name.startsWith("new_"))
    .reduce((sum, { physical_space_size: size }) => sum + size, 0);
  return { ...sumRegions(regions, objects), young };
}

/** A mapping of `/proc/PID/smaps`. */
export interface MemoryRegion {
  readonly from: number;
  readonly to: number;
  readonly access: string;
  readonly name: string;
  readonly resident: number;
}

const mapping = /^(?<from>[\da-f]+)-(?<to>[\da-f]+) (?<access>\S{4}) \S+ \S+ \S+ *(?<name>.*)$/gm;

export function readRegions(smaps: string): MemoryRegion[] {
  const heads = [...smaps.matchAll(mapping)];
  return heads.map(({ groups, index }, at) => {
    const { from, to, access, name } = groups!;
    const said = smaps.slice(index, heads[at + 1]?.index);
    const resident = Number(/^Rss: +(\d+) kB$/m.exec(said)![1]) * 1024;
    return { from: Number.parseInt(from!, 16), to: Number.parseInt(to!, 16), access: access!, name: name!, resident };
  });
}

/** A thread's arena begins at a multiple of this, and reserves as much: what is not used yet may not be touched (glibc, malloc/arena.c). */
const arenaSize = 64 * 2 ** 20;

function sumRegions(regions: readonly MemoryRegion[], objects: number): Omit<MemoryParts, "young"> {
  const sumOf = (belongs: (region: MemoryRegion, index: number) => boolean): number =>
    regions.filter(belongs).reduce((sum, region) => sum + region.resident, 0);
  const resident = sumOf(() => true);
  const files = sumOf(({ name }) => name.startsWith("/"));
  const heap = sumOf(({ name }) => name === "[heap]");
  const arenas = sumOf((region, index) => isArena(region, regions[index + 1]));
  const spare = Math.max(0, sumOf(isOfV8) - objects);
  return { resident, files, objects, spare, heap, arenas, mapped: resident - files - heap - arenas - objects - spare };
}

/** V8 asks for places by chance in the lower half of what a process may have on x64 (its `OS::GetRandomMmapAddr`); the system's own begin at the top. */
const lowerHalf = 2 ** 46;

export function isOfV8({ from, name }: MemoryRegion): boolean {
  return name === "" && from < lowerHalf;
}

export function isArena({ from, to, access, name }: MemoryRegion, next: MemoryRegion | undefined): boolean {
  if (name !== "" || access !== "rw-p" || from % arenaSize !== 0) return false;
  const isWhole = to === from + arenaSize;
  return isWhole || (next !== undefined && next.from === to && next.access === "---p" && next.to >= from + arenaSize);
}
