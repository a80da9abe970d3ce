import { TensorFaceError, throwIfAborted } from "./errors.ts";

export interface WaitingListOptions {
  /** How many may be in work at the same time. */
  readonly atOnce: number;
  /** How large those in work may be together; one that is larger goes alone. @default without a limit */
  readonly most?: number | undefined;
}

export interface WaitingOptions {
  /** How large it is, in what `most` is counted in. @default 0 */
  readonly size?: number | undefined;
  /** Takes it out of the list; what has begun ends by itself. */
  readonly signal?: AbortSignal | undefined;
}

/** What waits for its turn: first come, first served, so that many small ones do not keep a large one waiting for ever. */
export interface WaitingList {
  readonly waiting: number;
  readonly inWork: number;
  /** Does the work when its turn comes. @throws {TF_ABORTED} when the signal comes before; what the work throws */
  run<Result>(work: () => Promise<Result>, options?: WaitingOptions): Promise<Result>;
}

interface Waiting {
  readonly size: number;
  readonly begin: () => void;
}

export function createWaitingList({ atOnce, most = Infinity }: WaitingListOptions): WaitingList {
  const list: Waiting[] = [];
  let inWork = 0;
  let used = 0;

  const fits = ({ size }: Waiting): boolean => inWork < atOnce && (inWork === 0 || used + size <= most);
  const beginNext = (): void => {
    while (list.length > 0 && fits(list[0]!)) {
      const next = list.shift()!;
      inWork++;
      used += next.size;
      next.begin();
    }
  };
  const turn = async (size: number, signal: AbortSignal | undefined): Promise<void> => {
    throwIfAborted(signal);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry: Waiting = { size, begin: resolve };
    const giveUp = (): void => {
      const index = list.indexOf(entry);
      if (index < 0) return;
      list.splice(index, 1);
      reject(new TensorFaceError("TF_ABORTED", "the work was aborted", { cause: signal?.reason }));
      beginNext();
    };
    list.push(entry);
    signal?.addEventListener("abort", giveUp, { once: true });
    beginNext();
    await promise.finally(() => signal?.removeEventListener("abort", giveUp));
  };

  return {
    get waiting() {
      return list.length;
    },
    get inWork() {
      return inWork;
    },
    async run(work, { size = 0, signal } = {}) {
      await turn(size, signal);
      try {
        return await work();
      } finally {
        inWork--;
        used -= size;
        beginNext();
      }
    },
  };
}
