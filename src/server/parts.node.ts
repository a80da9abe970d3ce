import { annotateFaces, type NodeAnalyzerOptions } from "../analyze/index.ts";
import { createAnalyzer } from "../analyze/create-analyzer.node.ts";
import { packageVersion } from "../files/package.node.ts";
import { decode } from "../image/decode.node.ts";
import { encode } from "../image/encode.node.ts";
import { analyzeVideo, type FrameAnalyzer } from "../video/analyze-video.node.ts";
import { jsonLine } from "../video/index.ts";
import { loadMediabunny } from "../video/mediabunny.node.ts";
import type { FilmFollower, ServerParts } from "./options.ts";

/** Quality of annotated JPEG and WebP pictures: no visible loss. */
const annotatedQuality = 92;

/**
 * What the API runs on this machine: an analyzer, and the way to draw its answers.
 * @param options the analyzer's
 * @throws as `createAnalyzer` does
 *
 * @example
 * const parts = await createServerParts();
 * await app.register(tensorface, { prefix: "/faces", parts });
 * app.addHook("onClose", () => parts.analyzer.dispose());
 */
export async function createServerParts(options: NodeAnalyzerOptions = {}): Promise<ServerParts> {
  const analyzer = await createAnalyzer(options);
  const annotate: ServerParts["annotate"] = async (bytes, analysis, format, signal) => {
    const { image } = await decode(bytes, { ...options.limits, source: analysis.source, signal });
    return encode(annotateFaces(image, analysis), { format, quality: annotatedQuality });
  };
  const video: FilmFollower = {
    load: loadMediabunny,
    async *follow(film, { select, every, source, signal, maxPixels, maxSeconds }) {
      const analyze: FrameAnalyzer["analyze"] = async (image, how) => select(await analyzer.analyze(image, how));
      const asked = { every, source, signal, maxPixels, maxSeconds };
      for await (const told of analyzeVideo(film, { analyze }, asked)) yield jsonLine(told);
    },
  };
  return { analyzer, annotate, video, manifests: analyzer.manifests, version: packageVersion() };
}
