import { once } from "node:events";
import { createServer } from "node:http";
import { Gauge, Registry } from "prom-client";
import { writeFailure } from "../../files/files.node.ts";
import { paceOf } from "./describe.ts";
import type { WorkEvent, WorkState } from "./work.ts";

/** What a worker tells Prometheus. No label carries a name of a picture. */
export interface WorkMetrics extends AsyncDisposable {
  readonly port: number;
  hear(event: WorkEvent): void;
}

/**
 * Answers `GET /metrics` on all addresses of this machine, as pods are asked.
 * @param port 0 takes any that is free
 * @throws {TF_OUTPUT_UNWRITABLE} when the port is taken
 */
export async function serveWorkMetrics(port: number): Promise<WorkMetrics> {
  const registers = [new Registry()];
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `tensorface_bulk_${name}`, help, registers });
  const shards = gauge("shards_done", "Shards of the plan that are done, by all workers");
  const allShards = gauge("shards", "Shards of the plan");
  const pictures = gauge("pictures_done", "Pictures of the plan that are done, by all workers");
  const allPictures = gauge("pictures", "Pictures of the plan");
  const faces = gauge("faces", "Faces that were found");
  const own = gauge("worker_pictures", "Pictures that this worker has done");
  const rate = gauge("pictures_per_second", "Pictures a second of all workers, since this one began");
  const left = gauge("seconds_left", "Seconds until all is done, at that rate; NaN while nothing is known of it");
  left.set(NaN);
  const failed = new Gauge({ name: "tensorface_bulk_failed", help: "Pictures that failed, by code", labelNames: ["code"], registers });
  const show = (state: WorkState): void => {
    shards.set(state.shards.done);
    allShards.set(state.shards.all);
    pictures.set(state.pictures.done);
    allPictures.set(state.pictures.all);
    faces.set(state.faces);
    own.set(state.own.pictures);
    const { perSecond, secondsLeft } = paceOf(state);
    rate.set(perSecond);
    left.set(secondsLeft ?? NaN);
    // Of a shard that is begun anew the failures count no longer.
    failed.reset();
    for (const [code, count] of Object.entries(state.failed)) failed.set({ code }, count);
  };
  const server = createServer((request, response) => {
    if (request.url !== "/metrics") response.writeHead(404).end();
    else void registers[0]!.metrics().then((page) => response.writeHead(200, { "content-type": registers[0]!.contentType }).end(page));
  });
  server.listen(port);
  await once(server, "listening").catch((error: unknown) => Promise.reject(writeFailure(error, `port ${port}`)));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    hear: (event) => {
      if (event.kind === "progress") show(event.state);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
