import { describe, expect, it } from "vitest";
import { difference, gradientImage } from "../../test/fuzz/pictures.ts";
import { decode } from "./decode.node.ts";
import { encodingFormats } from "./encode.ts";
import { encode } from "./encode.node.ts";

describe("encode", () => {
  const picture = gradientImage(64, 48);

  it.each(encodingFormats)("writes %s that decodes to the picture", async (format) => {
    const result = await decode(await encode(picture, { format, quality: 95 }));
    expect(result.format).toBe(format);
    expect(difference(result.image, picture).mean).toBeLessThanOrEqual(format === "png" ? 0 : 2.5);
  });

  it("writes PNG by default, and smaller files for a lower quality", async () => {
    expect((await decode(await encode(picture))).format).toBe("png");
    const [low, high] = await Promise.all([10, 95].map((quality) => encode(picture, { format: "jpeg", quality })));
    expect(low!.length).toBeLessThan(high!.length);
  });

  it.each([0, 101, Number.NaN])("refuses quality %d", async (quality) => {
    await expect(encode(picture, { format: "jpeg", quality })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  });
});
