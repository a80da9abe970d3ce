import { expect, test, vi } from "vitest";
import type { Asked } from "../../../../src/bridge/index.ts";
import { createFilmer } from "./filmer.ts";

const blurFilm = vi.hoisted(() => vi.fn<() => Promise<unknown>>());
vi.mock("../../../../src/video/film.browser.ts", () => ({
  asItPlays: () => undefined,
  blurFilm,
  openFilm: async () => ({ source: "", [Symbol.asyncDispose]: async () => undefined }),
  // eslint-disable-next-line require-yield -- a film without frames
  followFaces: async function* () {
    return { tracks: [], told: { frames: 0, every: 1 } };
  },
  TrackSummarizer: Object,
}));

const asked = <News>(signal = new AbortController().signal) => ({ signal, tell: () => undefined }) as unknown as Asked<News>;

test("films without faces are written one after the other, and one that is given up while it waits never", async () => {
  const filmer = createFilmer({ analyze: async () => expect.unreachable(), sight: () => 1 });
  for (const film of [1, 2, 3]) await filmer.follow({ film, file: new File([], "f.mp4"), every: 1 }, asked());
  const writes = [Promise.withResolvers<unknown>(), Promise.withResolvers<unknown>()];
  for (const { promise } of writes) blurFilm.mockReturnValueOnce(promise);
  const blur = (film: number, signal?: AbortSignal) => filmer.blur({ film, effect: "fill", keep: [] }, asked(signal));
  const givenUp = new AbortController();
  const [first, second, third] = [blur(1), blur(2, givenUp.signal), blur(3)];
  await expect.poll(() => blurFilm).toHaveBeenCalledTimes(1);
  givenUp.abort();
  await expect(second).rejects.toMatchObject({ code: "TF_ABORTED" });
  expect(blurFilm).toHaveBeenCalledTimes(1);
  writes[0]!.resolve({ file: "first" });
  expect(await first).toBe("first");
  writes[1]!.resolve({ file: "third" });
  expect(await third).toBe("third");
});
