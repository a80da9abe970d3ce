/** Some bytes of a file. */
export interface ByteRange {
  readonly at: number;
  /** 1 or more. */
  readonly bytes: number;
}

/** How they are asked for. */
export function rangeHeader({ at, bytes }: ByteRange): string {
  return `bytes=${at}-${at + bytes - 1}`;
}
