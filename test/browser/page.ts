import { createAnalyzer, type DetectorChoice, type FaceAnalysis } from "../../src/_entries/browser.ts";

/** What the test calls in the page. */
declare global {
  // oxlint-disable-next-line no-var -- a property of the page's global object
  var analyzePictures: (names: readonly string[], options: PageOptions) => Promise<PageAnswer>;
}

export interface PageOptions {
  readonly device: "wasm" | "webgpu";
  readonly detector?: DetectorChoice;
  readonly tasks?: readonly string[];
  readonly heicUrl?: string;
}

export interface PageAnswer {
  readonly device: string;
  readonly isIsolated: boolean;
  readonly analyses: readonly FaceAnalysis[];
}

globalThis.analyzePictures = async (names, options) => {
  await using analyzer = await createAnalyzer({ modelsUrl: "/models/", ...options });
  const analyses: FaceAnalysis[] = [];
  for (const name of names) {
    const response = await fetch(`/pictures/${name}`);
    analyses.push(await analyzer.analyze(await response.blob(), { source: name }));
  }
  return { device: analyzer.device, isIsolated: globalThis.crossOriginIsolated, analyses };
};
