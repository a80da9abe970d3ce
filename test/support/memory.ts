import { readdir, readFile } from "node:fs/promises";

/** Bytes of memory that the processes below this one take, each shared page counted by its share. Linux alone tells. */
export async function memoryBelow(parent: number = process.pid): Promise<number> {
  const sizes = (await processesBelow(parent)).map(async (id) => {
    const rollup = await readFile(`/proc/${id}/smaps_rollup`, "utf8").catch(() => "");
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

/** Seconds of processor time that the processes below this one have taken so far. */
export async function processorBelow(parent: number = process.pid): Promise<number> {
  const ticks = (await processesBelow(parent)).map(async (id) => {
    const stat = await readFile(`/proc/${id}/stat`, "utf8").catch(() => "");
    // Behind the name, which may hold anything: state, ten numbers, and ticks of a hundredth of a second in user and system code.
    const [, user, system] = /^\d+ \(.*\) \S(?: -?\d+){10} (\d+) (\d+)/s.exec(stat) ?? [];
    return Number(user ?? 0) + Number(system ?? 0);
  });
  return (await Promise.all(ticks)).reduce((sum, count) => sum + count, 0) / 100;
}

async function processesBelow(parent: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const [, parentId] = /^\d+ \(.*\) \S (\d+)/s.exec(stat) ?? [];
    if (parentId !== undefined) parents.set(Number(name), Number(parentId));
  }
  const isBelow = (id: number | undefined): boolean => {
    if (id === undefined) return false;
    const above = parents.get(id);
    return above === parent || isBelow(above);
  };
  return [...parents.keys()].filter(isBelow);
}
