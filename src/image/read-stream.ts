import { TensorFaceError, throwIfAborted } from "../core/index.ts";
import { checkBytes, type DecodeLimits } from "./decode.ts";

/**
 * The chunks of a web stream. Its source is let go when the signal fires or no more is wanted: a download ends then. A reader and not
 * `for await`, which waits for the next chunk whatever the signal says, and which Safari does not have for streams.
 * @throws {TF_INPUT_UNREADABLE} when somebody else reads it, or has
 * @throws {TF_ABORTED} when the signal fires; what the stream fails with
 */
export async function* chunksOf<Chunk>(stream: ReadableStream<Chunk>, signal: AbortSignal | undefined): AsyncGenerator<Chunk> {
  throwIfAborted(signal);
  if (stream.locked) throw usedStream();
  const reader = stream.getReader();
  const letGo = (): void => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener("abort", letGo, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // To one who reads, a stream that was let go has ended.
      throwIfAborted(signal);
      if (done) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener("abort", letGo);
    letGo();
  }
}

/** For a stream, or an answer of fetch, that gives nothing any more. */
export function usedStream(): TensorFaceError {
  return new TensorFaceError("TF_INPUT_UNREADABLE", "the picture's stream was read before, or is being read", {
    hint: "A stream can be read once: read it into bytes, and give those.",
  });
}

/**
 * What a server answered, before its body is read; of an answer that is not wanted the body is let go.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when it says that there is nothing
 * @throws {TF_IMAGE_TOO_LARGE} when it says that it will be larger than allowed
 */
export function checkResponse(response: Response, limits: DecodeLimits, source: string): void {
  try {
    const { ok, status, headers } = response;
    if (!ok) {
      const code = status === 404 || status === 410 ? "TF_INPUT_NOT_FOUND" : "TF_INPUT_UNREADABLE";
      throw new TensorFaceError(code, `${source} answered with HTTP status ${status}`);
    }
    checkBytes(Number(headers.get("content-length") ?? 0), limits, source);
  } catch (error) {
    void response.body?.cancel().catch(() => undefined);
    throw error;
  }
}
