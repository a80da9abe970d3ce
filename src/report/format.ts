/** A whole number with thousands apart: `12345` as `12,345`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `0.7123` as `71.2 %`. */
export function formatShare(share: number, digits: number = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** A share that somebody chose, with no digit that says nothing: `80 %`, `97.5 %`. */
export function formatLevel(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
