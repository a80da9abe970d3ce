import { MessageChannel } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { TensorFaceError } from "../core/index.ts";
import { type Answerer, type Bridge, connect, type Line, serve } from "./index.ts";
import { threadLine } from "./thread.node.ts";
import { workerLine } from "./worker.browser.ts";

interface Sums {
  readonly add: Answerer<readonly number[], number, number>;
  readonly measure: Answerer<ArrayBuffer, number>;
  readonly make: Answerer<number, ArrayBuffer>;
  readonly wait: Answerer<undefined, void>;
  readonly refuse: Answerer<string, never>;
}

/** What `make` has answered. */
const made: ArrayBuffer[] = [];
/** What `wait` was asked: each ends with its signal. */
const waits: AbortSignal[] = [];
const service: Sums = {
  add: (numbers, { tell }) => {
    let sum = 0;
    for (const number of numbers) tell((sum += number));
    return sum;
  },
  measure: (bytes) => bytes.byteLength,
  make: (length, { handOver }) => {
    const bytes = new ArrayBuffer(length);
    made.push(bytes);
    handOver(bytes);
    return bytes;
  },
  wait: async (_, { signal }) => {
    waits.push(signal);
    return new Promise<void>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new TensorFaceError("TF_ABORTED", "the work was aborted")));
    });
  },
  refuse: (message) => {
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", message, { hint: "Look elsewhere." });
  },
};

let ports: { close(): void }[] = [];
afterEach(() => {
  for (const port of ports) port.close();
  ports = [];
  waits.length = 0;
  made.length = 0;
});

test("a service that is made ready first hears what was asked and aborted until then", async () => {
  const [here, there] = lines("thread");
  const bridge = connect<Sums>(here);
  const opened = Promise.withResolvers<Sums>();
  serve(there, opened.promise);
  const controller = new AbortController();
  const asked = Promise.allSettled([
    bridge.ask("refuse", "nowhere"),
    bridge.ask("add", [1, 2]),
    bridge.ask("wait", undefined, { signal: controller.signal }),
  ]);
  controller.abort();
  await new Promise((resolve) => setTimeout(resolve, 20));
  opened.resolve({
    ...service,
    wait: (_, { signal }) => {
      if (signal.aborted) throw new TensorFaceError("TF_ABORTED", "the work was aborted");
    },
  });
  expect(await asked).toMatchObject([{ reason: { code: "TF_INPUT_NOT_FOUND" } }, { value: 3 }, { reason: { code: "TF_ABORTED" } }]);
});

function lines(kind: "thread" | "page"): [Line, Line] {
  if (kind === "thread") {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    return [threadLine(port1), threadLine(port2)];
  }
  const { port1, port2 } = new globalThis.MessageChannel();
  for (const port of [port1, port2]) port.start();
  ports.push(port1, port2);
  return [workerLine(port1), workerLine(port2)];
}

function bridged(kind: "thread" | "page"): Bridge<Sums> {
  const [here, there] = lines(kind);
  serve<Sums>(there, service);
  return connect(here);
}

describe.each(["thread", "page"] as const)("a bridge to a worker of a %s", (kind) => {
  test("has an answer for each question, and what is told before it", async () => {
    const bridge = bridged(kind);
    const news: number[] = [];
    const sums = [bridge.ask("add", [1, 2, 3], { onNews: (sum) => news.push(sum) }), bridge.ask("add", [40, 2])];
    expect(bridge.waiting).toBe(2);
    expect(await Promise.all(sums)).toEqual([6, 42]);
    expect(news).toEqual([1, 3, 6]);
    expect(bridge.waiting).toBe(0);
  });

  test("hands over what is to be transferred", async () => {
    const bytes = new ArrayBuffer(8);
    expect(await bridged(kind).ask("measure", bytes, { transfer: [bytes] })).toBe(8);
    expect(bytes.byteLength).toBe(0);
  });

  test("hands over what is to be transferred of an answer", async () => {
    const bytes = await bridged(kind).ask("make", 8);
    expect([bytes.byteLength, made.map(({ byteLength }) => byteLength)]).toEqual([8, [0]]);
  });

  test("an error of ours comes with its code, its message and its hint", async () => {
    const refused: unknown = await bridged(kind)
      .ask("refuse", "not there")
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TensorFaceError);
    expect(refused).toMatchObject({ code: "TF_INPUT_NOT_FOUND", message: "not there", hint: "Look elsewhere." });
  });

  test("an abort reaches the worker, and only the question that it was for", async () => {
    const bridge = bridged(kind);
    const controller = new AbortController();
    const stopped = bridge.ask("wait", undefined, { signal: controller.signal });
    const other = bridge.ask("wait", undefined);
    other.catch(() => undefined);
    await expect.poll(() => waits.length).toBe(2);
    controller.abort();
    await expect(stopped).rejects.toThrow(expect.objectContaining({ code: "TF_ABORTED" }));
    expect(waits.map(({ aborted }) => aborted)).toEqual([true, false]);
    await expect(bridge.ask("wait", undefined, { signal: controller.signal })).rejects.toThrow(
      expect.objectContaining({ code: "TF_ABORTED" }),
    );
    expect(waits).toHaveLength(2);
    expect(await bridge.ask("add", [1])).toBe(1);
    bridge.close(new Error("over"));
  });

  test("a worker that is gone fails who waits and who asks later, with the first reason", async () => {
    const bridge = bridged(kind);
    const waiting = bridge.ask("wait", undefined);
    bridge.close(new Error("lost"));
    bridge.close(new Error("disposed"));
    await expect(waiting).rejects.toThrow("lost");
    await expect(bridge.ask("add", [1])).rejects.toThrow("lost");
    expect(bridge.waiting).toBe(0);
  });
});

test("questions that are asked before somebody answers wait for them", async () => {
  const [here, there] = lines("thread");
  const asked = connect<Sums>(here).ask("add", [1, 2]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  serve<Sums>(there, service);
  expect(await asked).toBe(3);
});
