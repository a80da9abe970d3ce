import type { AnalysisOutcome } from "tensorface/browser";

/** The API of the server that the page came from, for devices that cannot run the networks. */

/** Whether there is such a server: a page from a plain web space has none. */
export async function hasServer(): Promise<boolean> {
  try {
    const answer = await fetch(new URL("./readyz", document.baseURI), { cache: "no-store" });
    return answer.headers.get("content-type")?.includes("json") === true;
  } catch {
    return false;
  }
}

export interface ServerRequest {
  readonly signal: AbortSignal;
  /** What a server that is open to other machines asks for. */
  readonly token: string | undefined;
}

/** Sends a picture. It leaves the device: ask before. A failure is an outcome too. */
export async function analyzeOnServer(picture: Blob, source: string, { signal, token }: ServerRequest): Promise<AnalysisOutcome> {
  try {
    const answer = await fetch(new URL("./v1/analyze", document.baseURI), {
      method: "POST",
      body: picture,
      signal,
      headers: {
        "content-type": picture.type.startsWith("image/") ? picture.type : "application/octet-stream",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    const outcome: AnalysisOutcome = await answer.json();
    return { ...outcome, schema: "tensorface.analysis/1", source };
  } catch {
    const message = "the server does not answer";
    const hint = "Check that it is running, or open the page in a browser with WebAssembly.";
    return { schema: "tensorface.analysis/1", source, error: { code: "TF_INPUT_UNREADABLE", message, hint } };
  }
}
