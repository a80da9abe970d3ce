/** The oldest Node that the package runs on: `engines` of package.json, which a test compares. */
const oldest = { major: 22, minor: 18 } as const;

/**
 * What to tell somebody whose Node is too old, or undefined. Without it the first import of something newer fails, far from its cause.
 * @param version as `process.versions.node` has it: "20.19.4"
 */
export function outdatedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return undefined;
  return `tensorface: needs Node ${oldest.major}.${oldest.minor} or newer, this is ${version}\n  https://nodejs.org has the current one.\n`;
}
