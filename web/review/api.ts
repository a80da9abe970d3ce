import type {
  DecisionRequest,
  LearntClasses,
  QueueRequest,
  RelatedFace,
  ReviewPage,
  ReviewState,
} from "../../src/datasets/review/index.ts";
/** What the page asks of the server of a review. */
export interface ReviewApi {
  readonly state: () => Promise<ReviewState>;
  readonly queue: (request: QueueRequest) => Promise<ReviewPage>;
  /** Settles once the decisions are on the disk. */
  readonly decide: (requests: readonly DecisionRequest[]) => Promise<ReviewState>;
  /** Faces on which this reviewer's word stands, the last one at the end. */
  readonly history: () => Promise<readonly string[]>;
  /** Other pictures of a face's subject, and its copies. */
  readonly related: (id: string) => Promise<readonly RelatedFace[]>;
  readonly learnt: () => Promise<LearntClasses>;
}

async function ask<T>(path: string, body?: readonly DecisionRequest[]): Promise<T> {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options).catch(() => {
    throw new Error("the review's server does not answer; start `tensorface dataset review` again and open its address");
  });
  const answer: T & { readonly error?: { readonly message: string } } = await response.json();
  if (!response.ok) throw new Error(answer.error?.message ?? `the server answered ${response.status}`);
  return answer;
}

/** The server that the page came from. */
export const askServer: ReviewApi = {
  state: () => ask("./api/state"),
  queue: ({ label, offset, limit, reason }) => {
    const query = { class: label, offset: String(offset), limit: String(limit), ...(reason !== undefined && { reason }) };
    return ask(`./api/queue?${new URLSearchParams(query)}`);
  },
  decide: (requests) => ask("./api/decisions", requests),
  history: () => ask("./api/history"),
  related: (id) => ask(`./api/related?${new URLSearchParams({ id })}`),
  learnt: () => ask("./api/learnt"),
};
