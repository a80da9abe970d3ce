import { counted } from "../../core/index.ts";
import type { NodeAnalyzerOptions } from "../../analyze/index.ts";
import { createStreamSink } from "../../files/output.node.ts";
import { progressOn } from "../../report/progress.node.ts";
import { keepHeapSteady } from "../../runtime/steady-memory.node.ts";
import { listenForInterrupt } from "../interrupt.ts";

export interface FilmSettings {
  readonly film: string;
  readonly every: number | undefined;
  readonly out: string | undefined;
  readonly annotate: string | undefined;
  readonly analyzer: NodeAnalyzerOptions;
}

interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** `tensorface analyze FILM`: a line for each frame, and with --out the people and a table by second beside it. */
export async function analyzeFilm(settings: FilmSettings, { stdout, stderr }: Streams): Promise<void> {
  const { film, every, out, annotate } = settings;
  const [{ createAnalyzer }, { runFilm }] = await Promise.all([
    import("../../analyze/create-analyzer.node.ts"),
    import("../../video/film-run.node.ts"),
  ]);
  keepHeapSteady();
  const progress = progressOn(stderr);
  using interrupt = listenForInterrupt(() => progress.clear(), "stopping: nothing is written of a film that was not seen to its end");
  const sink = createStreamSink(stdout);
  await using analyzer = await createAnalyzer({ ...settings.analyzer, workers: 0 });
  const result = await runFilm(film, analyzer, {
    every,
    out,
    annotate,
    maxPixels: settings.analyzer.limits?.maxPixels,
    signal: interrupt.stopping,
    onProgress: (update) => progress.update(update),
    write: async (text) => sink.write(text),
  });
  await sink.finish();
  progress.clear();
  const where = result.written.length === 0 ? "" : `; written to ${result.written.join(", ")}`;
  stderr.write(`${counted(result.tracks, "face")} followed through ${counted(result.frames, "frame")}${where}\n`);
}
