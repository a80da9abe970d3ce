import { lookup as lookupAddress } from "node:dns";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { TensorFaceError } from "../core/index.ts";

export interface FetchPublicOptions {
  /** Largest answer, in bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Told the length of every piece as it comes; what it throws, the call rejects with. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Redirects that are followed; each target is judged anew. @default 3 */
  readonly maxRedirects?: number | undefined;
  /** Which addresses may be reached. @default only public unicast ones */
  readonly isAllowed?: ((address: string) => boolean) | undefined;
  /** Finds the addresses of a name. @default the system's resolver */
  readonly resolve?: typeof lookupAddress | undefined;
}

/** Whether an IP address belongs to the public internet: not private, loopback, link-local, multicast, or mapped to such. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}

/**
 * Fetches a file from a public host. The address that a name resolves to is judged at the moment of the connection, which
 * then goes to that very address, so that a name cannot change its mind in between (DNS rebinding).
 * @throws {TF_URL_REFUSED} for other schemes, credentials, and hosts that are not public
 * @throws {TF_INPUT_UNREADABLE} when the host cannot be reached, does not answer with 200 or breaks off, and when the signal is aborted
 * @throws {TF_REQUEST_TOO_LARGE} when the answer exceeds the limit
 */
export async function fetchPublic(address: string, options: FetchPublicOptions): Promise<Uint8Array> {
  let url = new URL(address);
  for (let redirects = options.maxRedirects ?? 3; redirects >= 0; redirects--) {
    const answer = await fetchOnce(url, options);
    if (answer instanceof Uint8Array) return answer;
    url = answer;
  }
  throw new TensorFaceError("TF_INPUT_UNREADABLE", `${address} redirects too often`);
}

function judgeUrl(url: URL, isAllowed: (address: string) => boolean): void {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new TensorFaceError("TF_URL_REFUSED", `scheme "${url.protocol}" is not http(s)`);
  if (url.username !== "" || url.password !== "") throw new TensorFaceError("TF_URL_REFUSED", "an address with credentials is not fetched");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(host) && !isAllowed(host)) throw new TensorFaceError("TF_URL_REFUSED", `host "${host}" is not public`);
}

/** A lookup that fails unless every address of the name is allowed. */
function guardedLookup(isAllowed: (address: string) => boolean, resolve: typeof lookupAddress): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "");
      const forbidden = addresses.find(({ address }) => !isAllowed(address));
      if (forbidden !== undefined || addresses.length === 0) {
        return callback(new TensorFaceError("TF_URL_REFUSED", `host "${hostname}" is not public`), "");
      }
      if (options.all === true) return callback(null, addresses);
      return callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

function asUnreadable(cause: unknown, message: string): TensorFaceError {
  return cause instanceof TensorFaceError ? cause : new TensorFaceError("TF_INPUT_UNREADABLE", message, { cause });
}

/** The body, or where to look instead. */
function fetchOnce(url: URL, options: FetchPublicOptions): Promise<Uint8Array | URL> {
  const isAllowed = options.isAllowed ?? isPublicAddress;
  judgeUrl(url, isAllowed);
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | URL>();
  const lookup = guardedLookup(isAllowed, options.resolve ?? lookupAddress);
  const outgoing = request(url, {
    lookup,
    signal: options.signal,
    agent: false,
    headers: { accept: "image/*", "user-agent": "tensorface" },
  });
  outgoing.on("error", (cause) => {
    reject(asUnreadable(cause, `${url.origin} could not be reached`));
  });
  outgoing.on("response", (response) => {
    const { statusCode = 0, headers } = response;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.destroy();
      if (URL.canParse(headers.location, url.href)) resolve(new URL(headers.location, url.href));
      else reject(new TensorFaceError("TF_INPUT_UNREADABLE", `${url.origin} redirects to no address`));
      return;
    }
    if (statusCode !== 200) {
      response.destroy();
      reject(new TensorFaceError("TF_INPUT_UNREADABLE", `${url.origin} answered with status ${statusCode}`));
      return;
    }
    collect(response, options).then(resolve, (cause: unknown) => {
      reject(asUnreadable(cause, `${url.origin} broke off in the middle`));
    });
  });
  outgoing.end();
  return promise;
}

/** All bytes of a stream. @throws {TF_REQUEST_TOO_LARGE} as soon as there are more than `maxBytes` @throws what `onBytes` throws */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
  { maxBytes, onBytes }: Pick<FetchPublicOptions, "maxBytes" | "onBytes">,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new TensorFaceError("TF_REQUEST_TOO_LARGE", `more than ${maxBytes} bytes`);
    onBytes?.(chunk.byteLength);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
