/**
 * Who may import whom and by which door, as data. The design's table, and the one place where it is written for machines.
 * `check-layers.ts` fails on an import that is not listed here, on one that passes a door by, and on files that import each other.
 */
const serving = ["core", "files", "image", "models", "runtime"] as const;
const analysis = [...serving, "detect", "align", "classify"] as const;
const learning = ["report", "graph", "convert", "datasets", "features", "train", "evaluate"] as const;

export const layers: Readonly<Record<string, readonly string[]>> = {
  core: [],
  bridge: ["core"],
  files: ["core"],
  report: ["core"],
  image: ["bridge", "core", "files"],
  graph: ["core"],
  runtime: ["core", "files", "graph"],
  models: ["core", "files", "report", "graph", "runtime"],
  detect: ["core", "image", "models"],
  align: ["core", "image"],
  classify: ["core", "image", "models"],
  analyze: ["bridge", ...analysis],
  datasets: ["core", "files", "report", "image"],
  features: ["core", "files", "image", "graph", "runtime", "models", "datasets"],
  train: ["bridge", "core", "files", "report", "image", "graph", "runtime", "models", "align", "datasets", "features"],
  convert: ["core", "files", "graph", "runtime", "models", "classify"],
  evaluate: ["core", "datasets", "report"],
  predict: ["bridge", ...analysis, ...learning, "analyze"],
  video: ["core", "files", "image", "analyze"],
  bulk: [...serving, "report", "analyze"],
  server: [...analysis, "analyze", "datasets", "video"],
  retrain: [...analysis, ...learning, "analyze", "predict"],
  classic: [...analysis, ...learning, "analyze", "retrain"],
  notebook: [...serving, "report", "analyze"],
  cli: [...analysis, ...learning, "analyze", "predict", "retrain", "classic", "bulk", "video", "server", "notebook"],
  _entries: [...analysis, ...learning, "analyze", "predict", "retrain", "classic", "bulk", "video", "server", "notebook", "cli"],
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
export const nodeOnlyRooms: readonly string[] = ["bulk", "classic", "cli", "convert", "notebook", "predict", "server"];

/**
 * What may be opened of a room from outside: an index, of the room or of a part of it that is loaded by itself; what is bound to a platform;
 * what helps tests; a program. The package's entries are doors, each of them.
 */
export function isDoor(path: string): boolean {
  return /(?:^|\/)(?:index|main|testing)\.ts$|\.(?:node|browser)\.ts$|^src\/_entries\//.test(path);
}

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

/** Every forbidden import of one file, in a room or outside of all. Tests look behind doors, as who tests a room must. */
export function findViolations(file: SourceFile): Violation[] {
  if (isTest(file.path)) return [];
  const room = roomOf(file.path);
  if (room !== undefined && layers[room] === undefined)
    return [{ path: file.path, line: 1, message: `room "${room}" is not in the table of scripts/layers.ts` }];
  return importsOf(file).flatMap((each) => {
    const { specifier, line } = each;
    const message = specifier.startsWith(".") ? judgeFile(file.path, room, each) : judgePackage(file.path, room, specifier);
    return message === undefined ? [] : [{ path: file.path, line, message }];
  });
}

function isTest(path: string): boolean {
  return /\.(?:test|check)\.tsx?$|^test\//.test(path);
}

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

interface Import {
  readonly specifier: string;
  /** Whether the module is run with the file: not where types alone are named, nor where it is imported when it is needed. */
  readonly isRun: boolean;
  readonly line: number;
}

function importsOf({ text }: SourceFile): Import[] {
  return [...text.matchAll(importPattern)].map((match) => ({
    specifier: match[1] ?? match[2] ?? match[3]!,
    isRun: match[1] !== undefined && !/^\s*(?:import|export) type\b/.test(match[0]),
    line: text.slice(0, match.index + 1).split("\n").length,
  }));
}

function targetOf(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

function judgeFile(path: string, room: string | undefined, { specifier, isRun }: Import): string | undefined {
  const target = targetOf(path, specifier);
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) return room === undefined ? undefined : `"${specifier}" leaves src/`;
  if (targetRoom === room) return isRun ? judgeIndex(path, target, specifier) : undefined;
  if (room !== undefined && !layers[room]!.includes(targetRoom))
    return `room "${room}" may not import room "${targetRoom}" ("${specifier}")`;
  return isDoor(target)
    ? undefined
    : `"${specifier}" is no door of room "${targetRoom}": its index.ts, *.node.ts, *.browser.ts and testing.ts are`;
}

/** A room's index can be opened on every platform: only types come from behind a platform's own doors. */
function judgeIndex(path: string, target: string, specifier: string): string | undefined {
  const isIndex = path.endsWith("/index.ts") && !isNodeOnly(path);
  return isIndex && /\.(?:node|browser)\.ts$/.test(target) ? `an index names no platform: "${specifier}" is a door of its own` : undefined;
}

function isNodeOnly(path: string): boolean {
  const room = roomOf(path);
  return room === "_entries" || (room !== undefined && nodeOnlyRooms.includes(room));
}

function judgePackage(path: string, room: string | undefined, specifier: string): string | undefined {
  if (room === undefined) return undefined;
  const isNodeFile = path.endsWith(".node.ts") || isNodeOnly(path);
  if (specifier.startsWith("node:") && !isNodeFile) return `"${specifier}" belongs in a *.node.ts file`;
  const guard = guardedPackages.find(({ pattern }) => pattern.test(specifier));
  if (guard !== undefined && guard.room !== room) return `only room "${guard.room}" may import "${specifier}"`;
  return undefined;
}

/**
 * Files that import each other, directly or by way of others, also by types alone: each circle once, as a way through all of its files back to the
 * first. Imports that are made when a function is called are no part of one.
 */
export function findCircles(files: readonly SourceFile[]): string[][] {
  const known = new Set(files.map(({ path }) => path));
  const targets = new Map(
    files.map((file) => {
      const found = [...file.text.matchAll(importPattern)].flatMap(([, specifier]) => (specifier?.startsWith(".") ? [specifier] : []));
      return [file.path, found.map((specifier) => targetOf(file.path, specifier)).filter((target) => known.has(target))] as const;
    }),
  );
  const circles: string[][] = [];
  const finished = new Set<string>();
  const way: string[] = [];
  const visit = (path: string): void => {
    const start = way.indexOf(path);
    if (start >= 0) circles.push([...way.slice(start), path]);
    if (start >= 0 || finished.has(path)) return;
    way.push(path);
    for (const target of targets.get(path)!) visit(target);
    way.pop();
    finished.add(path);
  };
  for (const { path } of files) visit(path);
  return circles;
}
