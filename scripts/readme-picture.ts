import { annotateFaces, createAnalyzer, decode, encode } from "../src/_entries/node.ts";

export const readmePicture = "docs/guide/portrait.webp";

/** The portrait with what is told of it, as a WebP file. */
export async function portraitOfReadme(): Promise<Uint8Array> {
  await using analyzer = await createAnalyzer({ workers: 0 });
  const { image } = await decode("examples/astronaut.png");
  return encode(annotateFaces(image, await analyzer.analyze(image)), { format: "webp", quality: 80 });
}
