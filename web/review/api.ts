import type { DecisionRequest, ReviewPage, ReviewState } from "../../src/datasets/review/index.ts";

/** Which faces of a class are shown. */
interface QueueRequest {
  readonly label: string;
  readonly offset: number;
  readonly limit: number;
}

/** What the page asks of the server of a review. */
export interface ReviewApi {
  readonly state: () => Promise<ReviewState>;
  readonly queue: (request: QueueRequest) => Promise<ReviewPage>;
  /** Settles once the decision is on the disk. */
  readonly decide: (request: DecisionRequest) => Promise<ReviewState>;
}

async function ask<T>(path: string, body?: DecisionRequest): Promise<T> {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const answer: T & { readonly error?: { readonly message: string } } = await response.json();
  if (!response.ok) throw new Error(answer.error?.message ?? `the server answered ${response.status}`);
  return answer;
}

/** The server that the page came from. */
export const askServer: ReviewApi = {
  state: () => ask("./api/state"),
  queue: ({ label, offset, limit }) =>
    ask(`./api/queue?${new URLSearchParams({ class: label, offset: String(offset), limit: String(limit) })}`),
  decide: (request) => ask("./api/decisions", request),
};
