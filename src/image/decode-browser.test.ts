import { afterEach, describe, expect, test, vi } from "vitest";
import { fromOtherRealm } from "../core/testing.ts";
import { decode } from "./decode.browser.ts";

/** What is decoded is tested in a real browser (test/browser); here is what is refused before one is needed. */
describe("decode in a browser", () => {
  afterEach(() => vi.unstubAllGlobals());

  test.each([[null], [undefined], [5], [[]], [{}], [{ width: "2", height: "2" }], [new Uint16Array(3)]])(
    "%o is no picture",
    async (input) => {
      await expect(decode(input as never)).rejects.toMatchObject({
        code: "TF_INVALID_ARGUMENT",
        hint: expect.stringContaining("files[0]"),
      });
    },
  );

  test.each([
    new Blob(["x"]),
    new File(["x"], "x.png"),
    new Blob(["x"]).stream(),
    new URL("data:,x"),
    new TextEncoder().encode("x"),
    new TextEncoder().encode("x").buffer,
  ])("%o of an iframe is read as one of the page", async (input) => {
    await expect(decode(fromOtherRealm(input))).rejects.toMatchObject({ code: "TF_IMAGE_FORMAT_UNSUPPORTED" });
  });

  test("pixels of an iframe's canvas are converted by the browser, as the page's own are", async () => {
    const seen: unknown[] = [];
    vi.stubGlobal("createImageBitmap", async (input: unknown) => {
      seen.push(input);
      throw new DOMException("no pixels here", "InvalidStateError");
    });
    const pixels = { width: 2, height: 2, data: new Uint8ClampedArray(16), [Symbol.toStringTag]: "ImageData" };
    await expect(decode(pixels as never)).rejects.toThrow("no pixels here");
    expect(seen).toEqual([pixels]);
  });

  test("lets a stream go when the signal fires while it waits for it", async () => {
    const cancelled = Promise.withResolvers<unknown>();
    const silent = new ReadableStream<Uint8Array>({ cancel: cancelled.resolve });
    const reason = new Error("enough");
    const controller = new AbortController();
    const work = decode(silent, { signal: controller.signal });
    controller.abort(reason);
    await expect(work).rejects.toMatchObject({ code: "TF_ABORTED" });
    expect(await cancelled.promise).toBe(reason);
  });

  test.each([
    ["too large", { status: 200, headers: { "content-length": "1000000000" } }, "TF_IMAGE_TOO_LARGE"],
    ["none", { status: 500 }, "TF_INPUT_UNREADABLE"],
  ] as const)("ends a download that is %s", async (_what, init, code) => {
    const cancelled = Promise.withResolvers<unknown>();
    const response = new Response(new ReadableStream<Uint8Array>({ cancel: cancelled.resolve }), init);
    await expect(decode(response)).rejects.toMatchObject({ code });
    await cancelled.promise;
  });
});
