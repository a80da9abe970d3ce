import type { Socket } from "node:net";
import fp from "fastify-plugin";
import type { App, RouteContext } from "../context.ts";

/** Time that a connection has for its first request once the server stops. */
const firstWordMs = 500;

/**
 * Closing says "not ready", answers what has come, and tells clients not to keep their connections: an open one would hold the server for a
 * minute. Who stands still, sending or reading, is cut off in the end: nobody can hold the server for ever.
 */
export const closing = fp(
  async (app: App, { workload, settings }: RouteContext) => {
    let isClosing = false;
    const unused = trackUnused(app);
    app.addHook("preClose", async () => {
      isClosing = true;
      workload.drain();
      setTimeout(() => {
        for (const socket of unused) socket.destroy();
      }, firstWordMs).unref();
      setTimeout(() => app.server.closeAllConnections(), settings.closeLimitMs).unref();
    });
    app.addHook("onSend", async (_request, reply) => {
      if (isClosing) void reply.header("connection", "close");
    });
  },
  { name: "tensorface-closing" },
);

/** Browsers open connections ahead and send nothing on them; Node takes those for busy and would wait a minute for them when it closes. */
function trackUnused(app: App): ReadonlySet<Socket> {
  const unused = new Set<Socket>();
  app.server.on("connection", (socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  app.server.on("request", ({ socket }) => unused.delete(socket));
  return unused;
}
