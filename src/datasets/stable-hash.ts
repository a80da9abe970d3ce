/**
 * A number in [0, 1) that depends on `text` alone, the same on every machine and in every version: what decides splits and
 * folds. FNV-1a over UTF-16 code units, then the finaliser of MurmurHash3 (both public domain), which spreads close texts.
 */
export function stableFraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x100000000;
}
