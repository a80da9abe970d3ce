import { open } from "node:fs/promises";
import type { PartOptions } from "../../src/files/files.node.ts";

/** A disk with room for so many bytes: what fits of a write is written, as disks do it. */
export function diskOf(bytes: number): NonNullable<PartOptions["open"]> {
  let left = bytes;
  return async (path, flags) => {
    const file = await open(path, flags);
    const append = file.appendFile.bind(file);
    const write = file.write.bind(file);
    return Object.assign(file, {
      write: async (data: Uint8Array, offset: number, length: number, position: number) => {
        if (left <= 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        const written = await write(data, offset, Math.min(length, left), position);
        left -= written.bytesWritten;
        return written;
      },
      appendFile: async (data: string | Uint8Array) => {
        const whole = Buffer.from(data);
        await append(whole.subarray(0, left));
        left -= whole.length;
        if (left < 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      },
    });
  };
}
