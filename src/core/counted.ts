/** The word for so many: `face` for one, `faces` for none and for others. @param many where it is not the word with an s */
export function nounFor(count: number, one: string, many: string = `${one}s`): string {
  return count === 1 ? one : many;
}

/** `1 face`, `0 faces`, `2 faces`; of `counted(1, "person stands", "people stand")` all agrees. @param many where it is not the word with an s */
export function counted(count: number, one: string, many?: string): string {
  return `${count} ${nounFor(count, one, many)}`;
}
