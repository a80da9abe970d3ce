import { readFile } from "node:fs/promises";
import { defineConfig } from "tsdown";
import { bundledLicences } from "./scripts/bundled-licences.ts";

/**
 * What stays a package of its own where TensorFace is installed: the engines and the picture library, which are native or large, and the
 * readers that only few need. Everything else is bundled, of each as much as is used: an installation has a ninth of the packages, and
 * the command starts sooner. `dist/licences.txt` names what is inside.
 */
const outside = [
  "onnxruntime-common",
  "onnxruntime-node",
  "onnxruntime-web",
  "sharp",
  "h5wasm",
  "libheif-js",
  "mediabunny",
  "@mediabunny/server",
  "@aws-sdk/client-s3",
  "bullmq",
  "ioredis",
];
const bundled = new RegExp(`^(?!${outside.join("|")}|\\.|/|node:|[A-Za-z]:)`);
/**
 * Types keep naming the packages that are installed beside this one. Those of zod are bundled, of them too as much as is used: 0.14 MB
 * in place of a package of 6.3 MB that nothing of ours would run.
 */
const typed = /^(?:fastify|@fastify\/[\w-]+)(?:\/|$)/;

/** Types of packages that are not installed beside this one are not asked for: only what is named in a type is. */
function noEmptyTypeImports() {
  return {
    name: "no-empty-type-imports",
    renderChunk: (code: string, { fileName }: { readonly fileName: string }) =>
      fileName.endsWith(".d.ts") ? code.replaceAll(/^import "[^"]*";\n/gm, "") : null,
  };
}

/** Docstrings stand in the types; in what is run they are a sixth of the bytes. Licences and marks for bundlers stay. */
const comments = { jsdoc: false };

const apiPage = "node_modules/@fastify/swagger-ui";

/** The API page's files lie beside the bundle; the package looks for them one folder up from its own. */
function apiPageFiles() {
  const [from, to] = ['path.join(__dirname, "..", "static")', 'path.join(__dirname, "static")'];
  return {
    name: "api-page-files",
    load: {
      filter: { id: /swagger-ui\/lib\/routes\.js$/ },
      async handler(id: string) {
        const text = (await readFile(id, "utf8")).replaceAll("'", '"');
        if (!text.includes(from)) throw new Error(`${id} no longer has ${from}`);
        return text.replace(from, to);
      },
    },
  };
}

/**
 * The library for Node by its parts, the library for browsers, the command; the threads that are
 * started by their file, for long rows of pictures and for training; and the recipes.
 */
export default defineConfig([
  {
    entry: {
      index: "src/_entries/node.ts",
      datasets: "src/_entries/datasets.ts",
      train: "src/_entries/train.ts",
      evaluate: "src/_entries/evaluate.ts",
      server: "src/_entries/server.ts",
      notebook: "src/_entries/notebook.ts",
      video: "src/_entries/video.ts",
      cli: "src/_entries/cli.ts",
      "analysis-worker": "src/analyze/schedule/analysis-worker.node.ts",
      "look-worker": "src/predict/look/look-worker.ts",
      "shard-process": "src/bulk/shards/shard-process.ts",
      "heic-worker": "src/image/heic/heic-worker.node.ts",
      "augmentation-worker": "src/train/augment/augmentation-worker.node.ts",
    },
    platform: "node",
    deps: { alwaysBundle: [bundled], dts: { neverBundle: [typed] } },
    target: "node22.18",
    outputOptions: { comments },
    // Bundled CommonJS asks where it stands.
    shims: true,
    plugins: [apiPageFiles(), bundledLicences("licences.txt"), noEmptyTypeImports()],
    copy: [{ from: `${apiPage}/static`, to: "dist" }],
    dts: { entry: ["node", "datasets", "train", "evaluate", "server", "notebook", "video"].map((name) => `src/_entries/${name}.ts`) },
    // The page is built into dist/web by another tool.
    clean: ["dist/*.js", "dist/*.d.ts"],
    outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
  },
  {
    entry: { browser: "src/_entries/browser.ts" },
    platform: "browser",
    // Parcel cannot resolve the re-exports of zod's locales.
    deps: { alwaysBundle: [/^zod(?:\/|$)/], dts: { neverBundle: [typed] } },
    target: "es2023",
    outputOptions: { comments },
    dts: true,
    clean: false,
    outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
  },
  {
    // Node takes no types from files of packages; the recipes themselves are packed too, to be copied and changed.
    entry: ["recipes/*.ts"],
    outDir: "dist/recipes",
    platform: "node",
    deps: { neverBundle: [/^tensorface/] },
    target: "node22.18",
    dts: false,
    clean: ["dist/recipes/*.js"],
    outExtensions: () => ({ js: ".js" }),
  },
]);
