import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Dataset } from "../dataset.node.ts";
import { writeSuspicions } from "../suspicion.node.ts";
import { openReview } from "./open-review.node.ts";

vi.mock(import("node:os"), async (original) => ({
  ...(await original()),
  // As in a container that runs as a number without a name.
  userInfo: () => {
    throw Object.assign(new Error("A system error occurred: uv_os_get_passwd returned ENOENT"), { code: "ERR_SYSTEM_ERROR" });
  },
}));

test("a user without a name reviews under the system's variable, or under none", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tensorface-review-"));
  await writeSuspicions(directory, "mood", []);
  async function* records(): AsyncGenerator<never> {}
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that a review asks of a dataset
  const dataset = { directory, info: {}, records } as unknown as Dataset;
  const reviewerOf = async (): Promise<string> => {
    await using review = await openReview(dataset, "mood", {});
    return review.session.state().reviewer;
  };
  vi.stubEnv("USER", "ada");
  expect(await reviewerOf()).toBe("ada");
  vi.stubEnv("USER", "");
  expect(await reviewerOf()).toBe("reviewer");
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});
