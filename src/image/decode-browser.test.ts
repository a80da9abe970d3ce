import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { decode } from "./decode.browser.ts";

/** What is decoded is tested in a real browser (test/browser); here is what is refused before one is needed. */
describe("decode in a browser", () => {
  beforeEach(() => vi.stubGlobal("ImageData", Date));
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
});
