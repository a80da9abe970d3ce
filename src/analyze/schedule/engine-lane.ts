import { TensorFaceError } from "../../core/index.ts";

/** Work on one picture that needs the engine: finding its faces. */
interface DetectionJob {
  readonly run: () => Promise<void>;
}

/** One face that waits to be classified, with others, in one batch. */
export interface FaceJob<Face, Answer> {
  readonly face: Face;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  readonly isCancelled: () => boolean;
}

/**
 * Decides what the networks do next. They run one call after the other, each on all cores, so that nothing competes; decoding goes
 * on beside them in threads of its own.
 *
 * Pictures are searched first; faces wait until a batch is full or no picture is ready to be searched. So one picture
 * alone is never delayed, and many pictures share their batches.
 */
export interface EngineLane<Face, Answer> {
  /** Runs `work` when it is its turn. */
  detect<Result>(work: () => Promise<Result>): Promise<Result>;
  classify(face: Face, isCancelled: () => boolean): Promise<Answer>;
  /** Settles when nothing is left to do. */
  idle(): Promise<void>;
}

export interface EngineLaneOptions<Face, Answer> {
  readonly classifyBatch: (faces: readonly Face[]) => Promise<readonly Answer[]>;
  readonly batchSize: number;
  /** Settles in the event loop's next turn: decoded pictures and new calls arrive before the next choice is made. */
  readonly nextTurn: () => Promise<void>;
}

export function createEngineLane<Face, Answer>(options: EngineLaneOptions<Face, Answer>): EngineLane<Face, Answer> {
  const { classifyBatch, batchSize, nextTurn } = options;
  const detections: DetectionJob[] = [];
  const faces: FaceJob<Face, Answer>[] = [];
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (detections.length > 0 || faces.length > 0) {
      if (faces.length >= batchSize || detections.length === 0) await runFaces(faces.splice(0, batchSize), classifyBatch);
      else await detections.shift()!.run();
      await nextTurn();
    }
    running = undefined;
  };
  const wake = (): void => {
    // Callers add all their faces in one go; the batch forms after that.
    running ??= Promise.resolve().then(drain);
  };

  return {
    detect: <Result>(work: () => Promise<Result>) => {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      detections.push({ run: () => work().then(resolve, reject) });
      wake();
      return promise;
    },
    classify: (face, isCancelled) => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      faces.push({ face, resolve, reject, isCancelled });
      wake();
      return promise;
    },
    idle: async () => running,
  };
}

async function runFaces<Face, Answer>(
  jobs: readonly FaceJob<Face, Answer>[],
  classifyBatch: (faces: readonly Face[]) => Promise<readonly Answer[]>,
): Promise<void> {
  const wanted = jobs.filter((job) => !job.isCancelled());
  for (const job of jobs) if (job.isCancelled()) job.reject(new TensorFaceError("TF_ABORTED", "the work was aborted"));
  if (wanted.length === 0) return;
  try {
    const answers = await classifyBatch(wanted.map(({ face }) => face));
    for (const [index, job] of wanted.entries()) job.resolve(answers[index]!);
  } catch (error) {
    for (const job of wanted) job.reject(error);
  }
}
