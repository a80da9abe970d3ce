import { describe, expect, it } from "vitest";
import { difference, gradientImage } from "../../test/fuzz/pictures.ts";
import { decode } from "./decode.node.ts";
import { encodingFormats } from "./encode.ts";
import { encode } from "./encode.node.ts";
import { createRasterImage } from "./raster.ts";

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

  it("refuses what a format cannot hold, another format, and what is no picture, each with a code", async () => {
    const wide = createRasterImage(16_384, 1);
    await expect(encode(wide, { format: "webp" })).rejects.toMatchObject({ code: "TF_IMAGE_TOO_LARGE" });
    await expect(encode(picture, { format: "gif" as never })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
    await expect(encode({ ...picture, width: 65 })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
    await expect(encode(undefined as never)).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  });

  it.each([0, 101, Number.NaN])("refuses quality %d", async (quality) => {
    await expect(encode(picture, { format: "jpeg", quality })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  });
});
