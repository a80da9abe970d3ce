import { z } from "zod";

/** What V8's profiler writes (`Profiler.stop`), as far as it is read here. */
export const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

type Profile = z.infer<typeof profileSchema>;
type ProfileNode = Profile["nodes"][number];

/** Whose time it is. */
export type Owner = "engine" | "own" | "other";

/** A function, called by the one above it: a part of its time. */
export interface Frame {
  readonly name: string;
  readonly owner: Owner;
  /** Milliseconds, with all that it calls. */
  readonly milliseconds: number;
  /** The longest first. */
  readonly children: readonly Frame[];
}

/** Native code under which nothing of JavaScript stands. */
const nativeNames: ReadonlyMap<string, string> = new Map([
  ["(garbage collector)", "collecting memory"],
  ["(program)", "native code, not told apart"],
]);

/**
 * Who called whom, for how long, in one thread. Time in which it waited is left out. Node's own functions are shown where they load modules; what
 * the others take is their callers'. Equal calls from equal places are one.
 */
export function readProfile({ nodes, samples, timeDeltas }: Profile): Frame {
  const selfTimes = new Map<number, number>();
  for (const [index, id] of samples.entries()) selfTimes.set(id, (selfTimes.get(id) ?? 0) + timeDeltas[index]! / 1000);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const root = new Draft("the thread", "other");
  const add = (node: ProfileNode, above: Draft, isMeasuring = false): void => {
    if (node.callFrame.functionName === "(idle)") return;
    const draft = isShown(node) ? above.child(nameOf(node), ownerOf(node)) : above;
    const isOurs = isMeasuring || isMeasurement(node);
    // What the measuring itself takes is no part of it; what it calls is.
    if (!isOurs || draft !== above) draft.selfTime += selfTimes.get(node.id) ?? 0;
    for (const id of node.children ?? []) add(byId.get(id)!, draft, isOurs && draft === above);
  };
  add(nodes[0]!, root);
  return root.frame();
}

class Draft {
  selfTime = 0;
  readonly #name: string;
  readonly #owner: Owner;
  readonly #children = new Map<string, Draft>();

  constructor(name: string, owner: Owner) {
    this.#name = name;
    this.#owner = owner;
  }

  /** What calls itself is one. */
  child(name: string, owner: Owner): Draft {
    if (name === this.#name) return this;
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    const child = new Draft(name, owner);
    this.#children.set(name, child);
    return child;
  }

  frame(): Frame {
    const children = [...this.#children.values()].map((child) => child.frame()).toSorted((a, b) => b.milliseconds - a.milliseconds);
    const milliseconds = children.reduce((sum, child) => sum + child.milliseconds, this.selfTime);
    return { name: this.#name, owner: this.#owner, milliseconds, children };
  }
}

function isShown(node: ProfileNode): boolean {
  const { functionName, url } = node.callFrame;
  if (functionName === "(root)" || isMeasurement(node)) return false;
  return nativeNames.has(functionName) || isLoading(url) || (url !== "" && !url.startsWith("node:"));
}

/** The benchmark, and the program whose start is measured. */
function isMeasurement({ callFrame: { url } }: ProfileNode): boolean {
  return url.includes("/bench/") || url.includes("[eval");
}

function isLoading(url: string): boolean {
  return url.startsWith("node:internal/modules") || url.startsWith("node:internal/bootstrap");
}

function nameOf({ callFrame: { functionName, url } }: ProfileNode): string {
  const native = nativeNames.get(functionName);
  if (native !== undefined) return native;
  if (isLoading(url)) return "loading modules";
  // A bundle's parts are called after one of their files, with a hash.
  const file = url
    .split("/")
    .at(-1)!
    .replace(/\.[cm]?js$/, "")
    .replace(/-[\w-]{8}$/, "");
  if (isEngine(url)) return "the engine";
  return `${functionName === "" ? "(a function)" : functionName} · ${file}`;
}

function ownerOf({ callFrame: { url } }: ProfileNode): Owner {
  if (isEngine(url)) return "engine";
  return url.includes("/dist/") && !url.includes("node_modules") ? "own" : "other";
}

function isEngine(url: string): boolean {
  return url.includes("onnxruntime");
}
