import { expect, test } from "vitest";
import { serveWorkMetrics } from "./metrics.ts";

test("Prometheus hears how far all workers are, and what failed by code", async () => {
  await using metrics = await serveWorkMetrics(0);
  metrics.hear({
    kind: "progress",
    state: {
      shards: { done: 3, all: 5 },
      pictures: { done: 30_123, all: 50_000 },
      faces: 40_000,
      failed: { TF_IMAGE_CORRUPT: 7 },
      own: { pictures: 10_000, shards: 1, seconds: 300 },
      since: 12_000,
    },
  });
  metrics.hear({ kind: "culprit", shard: 1, source: "anna.jpg" });
  const response = await fetch(`http://127.0.0.1:${metrics.port}/metrics`);
  const page = await response.text();
  expect(response.headers.get("content-type")).toContain("text/plain");
  for (const line of [
    "tensorface_bulk_pictures_done 30123",
    "tensorface_bulk_shards 5",
    "tensorface_bulk_pictures_per_second 40",
    `tensorface_bulk_seconds_left ${(50_000 - 30_123) / 40}`,
    'tensorface_bulk_failed{code="TF_IMAGE_CORRUPT"} 7',
  ])
    expect(page).toContain(`${line}\n`);
  expect(page).not.toContain("anna");
  // The shard with those failures is begun anew by somebody else.
  metrics.hear({
    kind: "progress",
    state: {
      shards: { done: 3, all: 5 },
      pictures: { done: 30_000, all: 50_000 },
      faces: 40_000,
      failed: {},
      own: { pictures: 10_000, shards: 1, seconds: 300 },
      since: 12_000,
    },
  });
  expect(await (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text()).not.toContain("TF_IMAGE_CORRUPT");
  expect((await fetch(`http://127.0.0.1:${metrics.port}/`)).status).toBe(404);
  await expect(serveWorkMetrics(metrics.port)).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE" });
});
