/**
 * Who may import whom, as data. The design's table, and the one place where it is written for machines.
 * `check-layers.ts` fails on an import that is not listed here.
 */
const serving = ["core", "files", "image", "models", "runtime"] as const;
const analysis = [...serving, "detect", "align", "classify"] as const;
const learning = ["report", "graph", "convert", "datasets", "features", "train", "evaluate"] as const;

export const layers: Readonly<Record<string, readonly string[]>> = {
  core: [],
  files: ["core"],
  report: ["core"],
  image: ["core", "files"],
  graph: ["core"],
  runtime: ["core"],
  models: ["core", "files", "graph", "runtime"],
  detect: ["core", "image", "models"],
  align: ["core", "image"],
  classify: ["core", "image", "models"],
  analyze: analysis,
  datasets: ["core", "files", "report", "image"],
  features: ["core", "files", "image", "graph", "runtime", "models", "datasets"],
  train: ["core", "files", "report", "image", "graph", "runtime", "models", "align", "datasets", "features"],
  convert: ["core", "files", "graph", "runtime", "models", "classify"],
  evaluate: ["core", "datasets", "report"],
  predict: [...analysis, ...learning, "analyze"],
  bulk: [...serving, "report", "analyze"],
  server: [...analysis, "analyze", "datasets"],
  retrain: [...analysis, ...learning, "analyze", "predict"],
  cli: [...analysis, ...learning, "analyze", "predict", "retrain", "bulk", "server"],
  _entries: [...analysis, ...learning, "analyze", "predict", "retrain", "bulk", "server", "cli"],
};

/** Packages that only one room may name. */
export const guardedPackages: readonly { readonly pattern: RegExp; readonly room: string }[] = [
  { pattern: /^onnxruntime-/, room: "runtime" },
  { pattern: /^sharp$/, room: "image" },
  { pattern: /^(fastify|@fastify\/)/, room: "server" },
  { pattern: /^citty$/, room: "cli" },
  { pattern: /^protobufjs/, room: "graph" },
];

/** Rooms that run in Node alone; elsewhere `node:` modules and `Buffer` stay in `*.node.ts`. */
export const nodeOnlyRooms: readonly string[] = ["bulk", "cli", "convert", "predict", "server"];

export interface SourceFile {
  /** From the repository's root, `/` between folders: `src/detect/ssd.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const importPattern =
  /(?:^|[\s;])(?:import|export)\s(?:[^"';]*?\sfrom\s*)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|new URL\(\s*["'](\.[^"']+\.ts)["']/g;

/** Every forbidden import of one file; tests may import what they need from the rooms, but keep the guarded packages apart too. */
export function findViolations(file: SourceFile): Violation[] {
  const room = /^src\/([^/]+)\//.exec(file.path)?.[1];
  if (room === undefined) return [];
  const isTest = file.path.endsWith(".test.ts");
  const allowed = layers[room];
  if (allowed === undefined) return [{ path: file.path, line: 1, message: `room "${room}" is not in the table of scripts/layers.ts` }];
  const violations: Violation[] = [];
  for (const match of file.text.matchAll(importPattern)) {
    const specifier = match[1] ?? match[2] ?? match[3]!;
    const message = isTest ? undefined : judge(file.path, room, allowed, specifier);
    if (message !== undefined) violations.push({ path: file.path, line: file.text.slice(0, match.index + 1).split("\n").length, message });
  }
  return violations;
}

function judge(path: string, room: string, allowed: readonly string[], specifier: string): string | undefined {
  if (specifier.startsWith(".")) {
    const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
    const targetRoom = /^src\/([^/]+)\//.exec(target)?.[1];
    if (targetRoom === undefined) return `"${specifier}" leaves src/`;
    if (targetRoom !== room && !allowed.includes(targetRoom)) return `room "${room}" may not import room "${targetRoom}" ("${specifier}")`;
    return undefined;
  }
  const isNodeFile = path.endsWith(".node.ts") || room === "_entries" || nodeOnlyRooms.includes(room);
  if (specifier.startsWith("node:") && !isNodeFile) return `"${specifier}" belongs in a *.node.ts file`;
  const guard = guardedPackages.find(({ pattern }) => pattern.test(specifier));
  if (guard !== undefined && guard.room !== room) return `only room "${guard.room}" may import "${specifier}"`;
  return undefined;
}
