import { expect, test, vi } from "vitest";
import { withProgress } from "./terminal.ts";

test("what long work says is told at once", async () => {
  const write = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    await withProgress(async (_onProgress, _signal, say) => {
      say("the pictures are taken whole");
      expect(write).toHaveBeenCalledWith("the pictures are taken whole\n");
    });
  } finally {
    write.mockRestore();
  }
});
