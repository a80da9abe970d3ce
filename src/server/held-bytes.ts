import type { FastifyReply, FastifyRequest } from "fastify";
import { TensorFaceError } from "../core/index.ts";

/** The bytes of pictures and answers that are in memory, of all requests together: a body counts while it arrives, not only once it waits. */
export interface HeldBytes {
  readonly bytes: number;
  /** Whether not one more byte may come. */
  readonly isFull: boolean;
  /** Begins to count for a request, until its answer has left or its client is gone. */
  open(request: FastifyRequest, reply: FastifyReply): void;
  /** What one request holds. */
  of(request: FastifyRequest): Holding;
  /** Whether so many more bytes may come. */
  hasRoomFor(bytes: number): boolean;
}

export interface Holding {
  /** Counts bytes that came. @throws {TF_OVERLOADED} when all requests together hold too many */
  readonly add: (bytes: number) => void;
  /** Bytes that are let go of before the request ends. */
  readonly remove: (bytes: number) => void;
}

export function createHeldBytes(maxBytes: number): HeldBytes {
  let held = 0;
  const holdings = new WeakMap<FastifyRequest, Holding & { readonly close: () => void }>();

  const createHolding = (): Holding & { readonly close: () => void } => {
    let own = 0;
    let isClosed = false;
    return {
      add: (bytes) => {
        if (isClosed) return;
        own += bytes;
        held += bytes;
        if (held > maxBytes) throw new TensorFaceError("TF_OVERLOADED", `the server holds ${maxBytes} bytes of requests already`);
      },
      remove: (bytes) => {
        if (isClosed) return;
        own -= bytes;
        held -= bytes;
      },
      close: () => {
        held -= own;
        own = 0;
        isClosed = true;
      },
    };
  };

  return {
    get bytes() {
      return held;
    },
    get isFull() {
      return held >= maxBytes;
    },
    open: (request, reply) => {
      const holding = createHolding();
      holdings.set(request, holding);
      reply.raw.once("finish", holding.close);
      reply.raw.once("close", holding.close);
    },
    of: (request) => holdings.get(request)!,
    hasRoomFor: (bytes) => held + bytes <= maxBytes,
  };
}
