/** The major version of Keras that a file names, `3` of `3.8.0`; undefined where it names none. */
export function majorVersion(version: unknown): number | undefined {
  const major = typeof version === "string" ? Number.parseInt(version, 10) : Number.NaN;
  return Number.isNaN(major) ? undefined : major;
}
