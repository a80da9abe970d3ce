import { createAnalyzer, type FaceAnalysis } from "../../src/_entries/browser.ts";

/** What the test calls in the page. */
declare global {
  // oxlint-disable-next-line no-var -- a property of the page's global object
  var analyzePictures: (names: readonly string[], device: "wasm" | "webgpu") => Promise<PageAnswer>;
}

export interface PageAnswer {
  readonly device: string;
  readonly isIsolated: boolean;
  readonly analyses: readonly FaceAnalysis[];
}

globalThis.analyzePictures = async (names, device) => {
  await using analyzer = await createAnalyzer({ modelsUrl: "/models/", device });
  const analyses: FaceAnalysis[] = [];
  for (const name of names) {
    const response = await fetch(`/pictures/${name}`);
    analyses.push(await analyzer.analyze(await response.blob(), { source: name }));
  }
  return { device: analyzer.device, isIsolated: globalThis.crossOriginIsolated, analyses };
};
