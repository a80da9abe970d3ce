/** A picture of a request, as the client named it. */
export interface Upload {
  readonly source: string;
  /**
   * The file: what was sent, or what its address leads to. It is called once, within the picture's time limit, so that what goes wrong
   * here is this picture's failure and not that of the request.
   * @throws {TF_REQUEST_INVALID} when what was sent is no data URL
   * @throws {TF_URL_REFUSED} {TF_INPUT_UNREADABLE} {TF_REQUEST_TOO_LARGE} as `fetchPublic` does
   */
  readonly load: (signal: AbortSignal) => Promise<Uint8Array>;
  /** Says that the file is no longer needed. */
  readonly release: () => void;
}
