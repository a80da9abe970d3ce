import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import fp from "fastify-plugin";
import type { App } from "../context.ts";

const decorator = "furtherAddresses";

/** What an app listens at beside its server's own address. */
interface FurtherAddresses {
  readonly add: (host: string, port: number) => Promise<void>;
}

/**
 * Lets an app listen at several addresses with its one server. Fastify makes a server for each that `localhost` has, and the further ones know
 * nothing of how long a connection may last, what is answered to bad HTTP, and that closing waits for their answers.
 */
export const addresses = fp(
  async (app: App) => {
    const doors: Server[] = [];
    let closed: readonly Promise<unknown>[] = [];
    const further: FurtherAddresses = {
      add: async (host, port) => {
        // As Node's HTTP server sets its own connections up.
        const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => app.server.emit("connection", socket));
        door.listen({ host, port });
        await once(door, "listening");
        doors.push(door);
      },
    };
    app.decorate(decorator, further);
    app.addHook("preClose", async () => {
      closed = doors.map(async (door) => once(door.close(), "close"));
    });
    // By now the server has closed what was idle; the rest is answered, or cut off in the end.
    app.addHook("onClose", async () => {
      await Promise.all(closed);
    });
  },
  { name: "tensorface-addresses" },
);

/** Listens at an address, or at all that `localhost` has: IPv4's and IPv6's. @returns the first of them, as an address of the web */
export async function listenAtAll(app: App, { host, port }: { readonly host: string; readonly port: number }): Promise<string> {
  if (host.toLowerCase() !== "localhost" || !app.hasDecorator(decorator)) return app.listen({ host, port });
  const [first, ...others] = await lookup(host, { all: true });
  const address = await app.listen({ host: first!.address, port });
  const further = app.getDecorator<FurtherAddresses>(decorator);
  // The system may give a name addresses that it does not have.
  for (const other of others) await further.add(other.address, Number(new URL(address).port)).catch(() => undefined);
  return address;
}
