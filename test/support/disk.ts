import { open } from "node:fs/promises";
import type { PartOptions } from "../../src/files/files.node.ts";

/** A disk with room for so many bytes: what fits of a write is written, as disks do it. */
export function diskOf(bytes: number): NonNullable<PartOptions["open"]> {
  let left = bytes;
  return async (path, flags) => {
    const file = await open(path, flags);
    const append = file.appendFile.bind(file);
    return Object.assign(file, {
      appendFile: async (data: string | Uint8Array) => {
        const whole = Buffer.from(data);
        await append(whole.subarray(0, left));
        left -= whole.length;
        if (left < 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      },
    });
  };
}
