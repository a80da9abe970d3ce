import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { AnalysisOutcome } from "../analyze/index.ts";
import type { HeldBytes } from "./held-bytes.ts";
import type { Workload } from "./workload.ts";

/** What `/metrics` tells, in Prometheus' form. No label ever carries a file name, an address or anything else of a person. */
export interface Metrics {
  /** The page in Prometheus' text format. */
  page(): Promise<string>;
  readonly contentType: string;
  request(method: string, route: string, status: number, seconds: number): void;
  outcome(outcome: AnalysisOutcome): void;
}

export interface MetricsSources {
  readonly workload: Workload;
  readonly held: HeldBytes;
}

export function createMetrics({ workload, held }: MetricsSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "tensorface_http_request_seconds",
    help: "Time from the first byte of a request to the end of its answer",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const pictures = new Counter({
    name: "tensorface_pictures_total",
    help: "Pictures by outcome: ok, or the error's code",
    labelNames: ["outcome"],
    registers,
  });
  const faces = new Counter({ name: "tensorface_faces_total", help: "Faces found", registers });
  const stages = new Histogram({
    name: "tensorface_stage_seconds",
    help: "Time that one picture spent in a stage",
    labelNames: ["stage"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const gauge = (name: string, help: string, read: () => number): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  };
  gauge("tensorface_queue_pictures", "Pictures that wait", () => workload.waiting);
  gauge("tensorface_running_pictures", "Pictures in work", () => workload.running);
  gauge("tensorface_held_bytes", "Bytes of requests and answers in memory", () => held.bytes);
  return {
    page: () => registry.metrics(),
    contentType: registry.contentType,
    request: (method, route, status, seconds) => requests.observe({ method, route, status }, seconds),
    outcome: (outcome) => {
      pictures.inc({ outcome: "error" in outcome ? outcome.error.code : "ok" });
      if ("error" in outcome) return;
      faces.inc(outcome.faces.length);
      stages.observe({ stage: "decode" }, outcome.timings.decodeMs / 1000);
      stages.observe({ stage: "detect" }, outcome.timings.detectMs / 1000);
      stages.observe({ stage: "classify" }, outcome.timings.classifyMs / 1000);
    },
  };
}
