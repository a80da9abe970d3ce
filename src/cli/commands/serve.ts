import type { ArgsDef, ParsedArgs } from "citty";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { detectorChoices, type NodeAnalyzerOptions } from "../../analyze/index.ts";
import { buildApp, listen, type ServerOptions, type ServerParts } from "../../server/index.ts";
import { type Command, defineCommand, millions, modelFlag, numberFlag, usageError } from "../command.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { restartWithSteadyMemory } from "../../runtime/steady-memory.node.ts";

/** What the command needs from the other rooms; tests give their own. */
export interface ServeDependencies {
  /** The analyzer and what else the server shows, loaded once. */
  readonly loadParts: (options: NodeAnalyzerOptions) => Promise<ServerParts>;
  /** Folder of the built page, and of the networks that it loads. */
  readonly webRoot: string;
  readonly modelRoot: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
}

const logLevels = ["silent", "error", "warn", "info", "debug"] as const;

const serveArgs = {
  host: { type: "string", default: "127.0.0.1", description: "address to listen on; others than this machine's own need a token" },
  port: { type: "string", default: "8080", description: "port to listen on; 0 takes a free one" },
  token: { type: "string", valueHint: "TOKEN", description: "clients must send it as a bearer token (default: $TENSORFACE_TOKEN)" },
  model: {
    type: "string",
    valueHint: "NAME|PATH",
    description: "also use this model: a name of `models list`, a folder or a file; again for another (default: none)",
  },
  detector: { type: "enum", options: [...detectorChoices], description: "what finds the faces (default: blazeface)" },
  "min-face": {
    type: "string",
    valueHint: "PX",
    description: "longer side of the smallest face box to look for, in pixels (default: 1/64 of the picture's longer side, at least 20)",
  },
  "max-faces": { type: "string", valueHint: "N", description: "most faces of a picture, the largest ones (default: 256)" },
  device: { type: "string", valueHint: "NAME", description: "where the networks run: cpu, webgpu, ... (default: cpu)" },
  concurrency: { type: "string", valueHint: "N", description: "pictures in work at the same time (default: 4 for each processor core)" },
  workers: {
    type: "string",
    valueHint: "N",
    description: "threads that help while pictures overlap, 250 MB each (default: one less than there are cores, at most 3)",
  },
  "max-queue": { type: "string", valueHint: "N", description: "pictures that may wait before the answer is 503 (default: 256)" },
  "max-megabytes": { type: "string", valueHint: "N", description: "largest request (default: 67)" },
  "max-megapixels": { type: "string", valueHint: "N", description: "largest picture (default: 128)" },
  video: { type: "boolean", description: "take films too, at /v1/video: one at a time, kept in memory" },
  "max-video-seconds": { type: "string", valueHint: "N", description: "longest film (default: 600)" },
  "max-video-megabytes": { type: "string", valueHint: "N", description: "largest film (default: 268)" },
  "time-limit": { type: "string", valueHint: "SECONDS", description: "longest time for one picture (default: 30)" },
  rate: { type: "string", valueHint: "N", description: "requests a minute from one client (default: 600)" },
  cors: { type: "string", valueHint: "ORIGINS", description: "other web pages that may call the API, with commas between (default: none)" },
  "allow-urls": { type: "boolean", description: "let requests name public http(s) addresses to fetch pictures from" },
  "trust-proxy": { type: "boolean", description: "believe X-Forwarded-For: only behind a proxy of your own" },
  "log-level": { type: "enum", options: [...logLevels], default: "warn", description: "what is logged, as JSON lines on stderr" },
  page: { type: "boolean", default: true, negativeDescription: "serve the API alone, without the web page" },
} as const satisfies ArgsDef;

/** The command `tensorface serve`, with its dependencies loaded when it runs. */
export function createServeCommand(loadDependencies: () => Promise<ServeDependencies>): Command {
  return defineCommand({
    meta: { name: "serve", description: "Serve the web page and the HTTP API on this machine." },
    args: serveArgs,
    help: {
      examples: [
        ["tensorface serve", "the page and the API at http://127.0.0.1:8080"],
        ["curl --data-binary @photo.jpg -H 'content-type: image/jpeg' http://127.0.0.1:8080/v1/analyze", "a picture over HTTP"],
        ["tensorface serve --model photos-model", "answers of a model of your own too; requests choose with ?tasks= and ?models="],
        ["TENSORFACE_TOKEN=secret tensorface serve --host 0.0.0.0", "for other machines, with a token"],
      ],
      notes: [
        "The page analyses pictures in the browser; only programs, and devices that cannot run the networks, send pictures to the API.",
        "No picture is written to disk or logged. /docs describes the API, /metrics is for Prometheus, /healthz and /readyz for supervisors.",
        "Ctrl-C or SIGTERM stops it: pictures under way are finished, for as long as one may take, new ones refused. A second one stops it at once.",
      ],
    },
    run: async ({ args, rawArgs }) => serve(args, await modelFlag(rawArgs), await loadDependencies()),
  });
}

async function serve(args: ParsedArgs<typeof serveArgs>, models: readonly string[], dependencies: ServeDependencies): Promise<void> {
  const { stdout, stderr } = dependencies;
  // A blank one is none: `docker -e TENSORFACE_TOKEN=` would otherwise serve everybody's machines, and let nobody in.
  const token = [args.token, dependencies.environment["TENSORFACE_TOKEN"]].find((given) => given !== undefined && given.trim() !== "");
  const options = readServerOptions(args, token, dependencies);
  const port = numberFlag("port", args.port, { min: 0, max: 65_535, whole: true });
  const parts = await dependencies.loadParts({ ...readAnalyzerOptions(args), models });
  try {
    const app = await buildApp(parts, options);
    using interrupt = listenForInterrupt(() => stderr.write("stopping: finishing the pictures under way; a second signal stops at once\n"));
    const address = await listen(app, { host: args.host, port, hasToken: token !== undefined });
    if (args.page && options.webRoot === undefined) stderr.write(noPage(dependencies.webRoot));
    stdout.write(`${options.webRoot === undefined ? "The API listens at" : "TensorFace is at"} ${address}\n`);
    if (!interrupt.stopping.aborted) await once(interrupt.stopping, "abort");
    interrupt.now.addEventListener("abort", () => app.server.closeAllConnections());
    await app.close();
    if (!interrupt.now.aborted) process.exitCode = 0;
  } finally {
    await parts.analyzer.dispose();
  }
}

function noPage(webRoot: string): string {
  return `the API alone is served: the page is not built (nothing is at ${webRoot}). In a clone, \`npm run build:web\` builds it.\n`;
}

function readServerOptions(
  args: ParsedArgs<typeof serveArgs>,
  token: string | undefined,
  { webRoot, modelRoot }: ServeDependencies,
): ServerOptions {
  const ofFilms = (["max-video-seconds", "max-video-megabytes"] as const).find((name) => args[name] !== undefined);
  if (ofFilms !== undefined && args.video !== true) throw usageError(`--${ofFilms} does nothing without --video`);
  const seconds = numberFlag("time-limit", args["time-limit"], { min: 0.001 });
  const maxSeconds = numberFlag("max-video-seconds", args["max-video-seconds"], { min: 0.001 });
  const hasPage = args.page && existsSync(webRoot);
  return {
    token,
    video: args.video === true ? { maxBytes: millions(args, "max-video-megabytes"), maxSeconds } : undefined,
    maxBodyBytes: millions(args, "max-megabytes"),
    concurrency: numberFlag("concurrency", args.concurrency, { min: 1, max: 1024, whole: true }),
    maxQueue: numberFlag("max-queue", args["max-queue"], { min: 0, whole: true }),
    requestsPerMinute: numberFlag("rate", args.rate, { min: 1, whole: true }),
    timeLimitMs: seconds === undefined ? undefined : Math.round(seconds * 1000),
    corsOrigins: args.cors?.split(",").map((origin) => origin.trim()),
    allowUrls: args["allow-urls"],
    trustProxy: args["trust-proxy"],
    logLevel: args["log-level"],
    webRoot: hasPage ? webRoot : undefined,
    modelRoot: hasPage ? modelRoot : undefined,
  };
}

function readAnalyzerOptions(args: ParsedArgs<typeof serveArgs>): NodeAnalyzerOptions {
  return {
    detector: args.detector,
    device: args.device,
    workers: numberFlag("workers", args.workers, { min: 0, max: 64, whole: true }),
    minFaceSize: numberFlag("min-face", args["min-face"], { min: 1 }),
    maxFaces: numberFlag("max-faces", args["max-faces"], { min: 1, whole: true }),
    // A request that was let in may be one picture.
    limits: { maxPixels: millions(args, "max-megapixels"), maxBytes: millions(args, "max-megabytes") },
  };
}

export const serveCommand: Command = createServeCommand(async () => {
  restartWithSteadyMemory();
  const [{ createServerParts }, { installedModelFolders }] = await Promise.all([
    import("../../server/parts.node.ts"),
    import("../../models/models.node.ts"),
  ]);
  const [modelRoot] = installedModelFolders();
  return {
    loadParts: createServerParts,
    webRoot: join(dirname(modelRoot!), "dist", "web"),
    modelRoot: modelRoot!,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
  };
});
