/** The oldest Node that the package runs on: `engines` of package.json, which a test compares. */
const oldest = { major: 22, minor: 18 } as const;
/** The oldest that runs the sources as they are: the build spells `await using` out, which Node 22 does not know. */
const oldestForSources = 24;

/**
 * What to tell somebody whose Node is too old, or undefined. Without it the first import of something newer fails, far from its cause.
 * @param version as `process.versions.node` has it: "20.19.4"
 * @param isSource the sources run, and not what is built from them
 */
export function outdatedNode(version: string, isSource = false): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < oldest.major || (major === oldest.major && minor < oldest.minor))
    return `tensorface: needs Node ${oldest.major}.${oldest.minor} or newer, this is ${version}\n  https://nodejs.org has the current one.\n`;
  if (isSource && major < oldestForSources)
    return `tensorface: the sources need Node ${oldestForSources} or newer, this is ${version}\n  \`npm run demo\`, \`npm start\` and \`npm test\` use the one that \`npm ci\` brought; \`npx tensorface\` runs what is built.\n`;
  return undefined;
}
