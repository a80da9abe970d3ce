import { type ErrorReport, isTensorFaceError, TensorFaceError, throwIfAborted } from "../core/index.ts";

/**
 * Questions to a worker and their answers: the one way in which a thread, a page's worker and who started them talk to each other. A worker
 * says what it answers as a {@link Service}, an object of functions; who asks names one of them, with its types.
 *
 * A bridge keeps the order of the questions, not that of the answers. It knows nothing of pictures, of threads or of pages.
 */

/** One end of the way to a worker: `thread.node.ts` and `worker.browser.ts` make them. */
export interface Line {
  readonly send: (message: unknown, transfer: readonly Transferable[]) => void;
  readonly receive: (listener: (message: unknown) => void) => void;
}

/** What a question comes with on the worker's side. */
export interface Asked<News = never> {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Tells what is known so far. */
  readonly tell: (news: News) => void;
  /** What of the answer is handed over instead of copied. */
  readonly handOver: (...transfer: Transferable[]) => void;
}

/** Answers one kind of question. Its errors of ours reach who asked; any other is a fault of the program, and ends the worker. */
export type Answerer<Ask, Answer, News = never> = (ask: Ask, asked: Asked<News>) => Answer | Promise<Answer>;

/** What a worker answers, by name. */
// oxlint-disable-next-line typescript/no-explicit-any -- "answerers of whatever": a narrower type would refuse some of them
export type Service<Answers> = { readonly [Name in keyof Answers]: Answerer<any, any, any> };

type AskOf<One> = One extends (ask: infer Ask, asked: never) => unknown ? Ask : never;
type AnswerOf<One> = One extends (...given: never) => infer Answer ? Awaited<Answer> : never;
type NewsOf<One> = One extends (ask: never, asked: Asked<infer News>) => unknown ? News : never;

export interface AskOptions<News = never> {
  /** Tells the worker that nobody waits any more; the question is answered all the same, usually with TF_ABORTED. */
  readonly signal?: AbortSignal | undefined;
  readonly onNews?: ((news: News) => void) | undefined;
  /** What is handed over instead of copied. */
  readonly transfer?: readonly Transferable[] | undefined;
}

/** The side that asks. */
export interface Bridge<Answers extends Service<Answers>> {
  /**
   * @throws {TF_ABORTED} when the signal is aborted already
   * @throws what the worker's answerer throws, and what the bridge was closed with
   */
  readonly ask: <Name extends keyof Answers & string>(
    name: Name,
    ask: AskOf<Answers[Name]>,
    options?: AskOptions<NewsOf<Answers[Name]>>,
  ) => Promise<AnswerOf<Answers[Name]>>;
  /** The worker is gone: whoever waits, or asks from now on, fails with this. The first reason stays. */
  close(reason: unknown): void;
  /** Questions without an answer. */
  readonly waiting: number;
}

type ToWorker =
  | { readonly kind: "ask"; readonly id: number; readonly name: string; readonly ask: unknown }
  | { readonly kind: "abort"; readonly id: number };

type FromWorker =
  | { readonly kind: "news"; readonly id: number; readonly news: unknown }
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly error: ErrorReport };

interface Waiting extends PromiseWithResolvers<unknown> {
  readonly onNews: ((news: unknown) => void) | undefined;
}

/** Asks whoever serves at the other end of the line. */
export function connect<Answers extends Service<Answers>>(line: Line): Bridge<Answers> {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let closed: { readonly reason: unknown } | undefined;
  const send = (message: ToWorker, transfer: readonly Transferable[] = []): void => line.send(message, transfer);

  line.receive((given) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the other end is `serve`
    const message = given as FromWorker;
    const one = waiting.get(message.id);
    if (message.kind === "news") one?.onNews?.(message.news);
    else if (message.kind === "answer") one?.resolve(message.answer);
    else one?.reject(new TensorFaceError(message.error.code, message.error.message, { hint: message.error.hint }));
  });

  const ask = async (name: string, question: unknown, { signal, onNews, transfer }: AskOptions<unknown> = {}): Promise<unknown> => {
    throwIfAborted(signal);
    if (closed !== undefined) throw closed.reason;
    const id = ++lastId;
    const one: Waiting = { ...Promise.withResolvers<unknown>(), onNews };
    const abort = (): void => send({ kind: "abort", id });
    waiting.set(id, one);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      send({ kind: "ask", id, name, ask: question }, transfer);
      return await one.promise;
    } finally {
      signal?.removeEventListener("abort", abort);
      waiting.delete(id);
    }
  };
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types of the service hold for the other end, which is given the same
    ask: ask as Bridge<Answers>["ask"],
    close: (reason) => {
      closed ??= { reason };
      for (const { reject } of waiting.values()) reject(closed.reason);
    },
    get waiting() {
      return waiting.size;
    },
  };
}

/**
 * Answers what is asked at the other end of the line, each question as it comes. A service that has to be made ready first is given as a promise
 * of one, and questions wait for it: whoever listened only then would never hear them in Deno, which keeps no message for a listener to come.
 * A promise that fails ends the worker.
 */
export function serve<Answers extends Service<Answers>>(line: Line, service: Answers | Promise<Answers>): void {
  const underWay = new Map<number, AbortController>();
  const send = (message: FromWorker, transfer: readonly Transferable[] = []): void => line.send(message, transfer);

  const answer = async ({ id, name, ask }: ToWorker & { readonly kind: "ask" }): Promise<void> => {
    const controller = new AbortController();
    const transfer: Transferable[] = [];
    underWay.set(id, controller);
    const answerers: Readonly<Record<string, Answerer<unknown, unknown, unknown>>> = service instanceof Promise ? await service : service;
    try {
      const handOver = (...more: Transferable[]): void => void transfer.push(...more);
      const tell = (news: unknown): void => send({ kind: "news", id, news });
      const told = await answerers[name]!(ask, { signal: controller.signal, tell, handOver });
      send({ kind: "answer", id, answer: told }, transfer);
    } catch (error) {
      if (!isTensorFaceError(error)) throw error;
      send({ kind: "failure", id, error: error.toJSON() });
    } finally {
      underWay.delete(id);
    }
  };

  line.receive((given) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the other end is `connect`
    const message = given as ToWorker;
    if (message.kind === "abort") underWay.get(message.id)?.abort();
    else void answer(message);
  });
}
