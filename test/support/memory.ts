import { readdir, readFile } from "node:fs/promises";

/** Bytes of memory that the processes below this one take, each shared page counted by its share. Linux alone tells. */
export async function memoryBelow(parent: number = process.pid): Promise<number> {
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
  const sizes = [...parents.keys()].filter(isBelow).map(async (id) => {
    const rollup = await readFile(`/proc/${id}/smaps_rollup`, "utf8").catch(() => "");
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}
