import type { AnalysisOutcome, ModelManifest, TaskDefinition } from "tensorface/browser";
import { isBuiltInTask } from "../../../src/core/index.ts";

/** The API of the server that the page came from: for devices that cannot run the networks, and for models that only the server has. */

/** Whether there is such a server: a page from a plain web space has none. */
export async function hasServer(): Promise<boolean> {
  try {
    const answer = await fetch(new URL("./readyz", document.baseURI), { cache: "no-store" });
    return answer.headers.get("content-type")?.includes("json") === true;
  } catch {
    return false;
  }
}

/** Whether the server has models of its owner's; they are not sent to the page. */
export async function hasServerModels(): Promise<boolean> {
  try {
    const answer = await fetch(new URL("./server.json", document.baseURI), { cache: "no-store" });
    const told: unknown = await answer.json();
    return typeof told === "object" && told !== null && "ownModels" in told && told.ownModels === true;
  } catch {
    return false;
  }
}

/** A network of the server's. */
export interface ServerModel {
  readonly id: string;
  readonly title: string;
  /** What it tells beside what is built in. */
  readonly tasks: readonly TaskDefinition[];
}

/** The networks that the server uses; `refused` where it wants another token. */
export async function listServerModels(token: string | undefined): Promise<readonly ServerModel[] | "refused"> {
  const answer = await fetch(new URL("./v1/models", document.baseURI), { headers: authorization(token), cache: "no-store" });
  if (answer.status === 401) return "refused";
  const { models }: { readonly models: readonly ModelManifest[] } = await answer.json();
  return models.map((manifest) => ({ id: manifest.id, title: manifest.title, tasks: ownTasksOf(manifest) }));
}

function ownTasksOf(manifest: ModelManifest): readonly TaskDefinition[] {
  if (manifest.kind !== "head") return [];
  // A manifest without the kind of a task that is not built in is refused where it is read: on the server.
  return manifest.outputs.flatMap(({ task: name, kind, labels, unit }) =>
    isBuiltInTask(name) || kind === undefined ? [] : [{ name, kind, labels, unit }],
  );
}

function authorization(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

export interface ServerRequest {
  readonly signal: AbortSignal;
  /** What a server that is open to other machines asks for. */
  readonly token: string | undefined;
  /** Ids of the models that are to answer; all of the server's where it is undefined. */
  readonly models: readonly string[] | undefined;
}

/**
 * Sends a picture, again and again where the server has too much to do and says when to ask it anew. It leaves the device: ask before. A failure
 * is an outcome too.
 */
export async function analyzeOnServer(picture: Blob, source: string, { signal, token, models }: ServerRequest): Promise<AnalysisOutcome> {
  const url = new URL("./v1/analyze", document.baseURI);
  if (models !== undefined) url.searchParams.set("models", models.join(","));
  const type = picture.type.startsWith("image/") ? picture.type : "application/octet-stream";
  const headers = { "content-type": type, ...authorization(token) };
  try {
    for (;;) {
      const answer = await fetch(url, { method: "POST", body: picture, signal, headers });
      const outcome: AnalysisOutcome = await answer.json();
      if (!isForLater(outcome)) return { ...outcome, schema: "tensorface.analysis/1", source };
      await pause(Number(answer.headers.get("retry-after") ?? 1), signal);
    }
  } catch {
    const message = "the server does not answer";
    const hint = "Check the connection, and try again.";
    return { schema: "tensorface.analysis/1", source, error: { code: "TF_INPUT_UNREADABLE", message, hint } };
  }
}

/** Whether the server did not look at the picture, and will. */
function isForLater(outcome: AnalysisOutcome): boolean {
  return "error" in outcome && (outcome.error.code === "TF_RATE_LIMITED" || outcome.error.code === "TF_OVERLOADED");
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}
