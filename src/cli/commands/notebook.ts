import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import { findDeno, findProgram, setUpWorkplace } from "../../notebook/index.ts";
import { type Command, defineCommand, usageError } from "../command.ts";

/** Programs that show notebooks, the newest first. */
const viewers = ["jupyter-lab", "jupyter-notebook"] as const;

/** `tensorface notebook`: a folder with the notebooks, a kernel for it, and Jupyter on the first of them. */
export const notebookCommand: Command = defineCommand({
  meta: { name: "notebook", description: "Open notebooks that show the whole way, from pictures to an app, in Jupyter." },
  args: {
    open: { type: "boolean", default: true, negativeDescription: "make the folder, and start nothing" },
    browser: { type: "boolean", default: true, negativeDescription: "start Jupyter without opening a browser" },
  },
  help: {
    operands: "[DIR]",
    examples: [
      ["tensorface notebook", "five notebooks in the folder notebooks, and the first one in the browser"],
      ["TENSORFACE_DATA=data tensorface notebook", "on data of yours: data/moods/happy, data/moods/sad, data/gender/female, ..."],
    ],
    notes: [
      "Cells are TypeScript and run in Deno: npm install deno. Jupyter is Debian's and Ubuntu's jupyter-notebook, or jupyterlab of pipx.",
      "Notebooks that are in DIR already are kept as they are. The kernel is described in DIR/.jupyter, for this folder alone.",
    ],
  },
  run: async ({ args }) => {
    const [folder = "notebooks", ...more] = args._;
    if (more.length > 0) throw usageError("notebook takes one folder");
    const viewer = args.open ? findViewer() : undefined;
    const deno = await findDeno(process.cwd());
    const { environment, notebooks } = await setUpWorkplace(folder, { deno, cache: join(folder, ".jupyter") });
    process.stdout.write(`${notebooks.join("\n")}\n`);
    if (viewer === undefined) return;
    const flags = args.browser ? [] : ["--no-browser"];
    const child = spawn(viewer, [...flags, notebooks[0]!], { stdio: "inherit", env: { ...process.env, ...environment } });
    // Ctrl-C is Jupyter's, which asks before it ends.
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    try {
      const [code] = await once(child, "exit");
      if (typeof code === "number") process.exitCode = code;
    } finally {
      process.off("SIGINT", ignore);
    }
  },
});

/** @throws {TF_TOOL_MISSING} with how to install it */
function findViewer(): string {
  const found = viewers.map((name) => findProgram(name)).find((path) => path !== undefined);
  if (found !== undefined) return found;
  throw new TensorFaceError("TF_TOOL_MISSING", `Jupyter is not installed: the PATH has neither ${viewers.join(" nor ")}`, {
    hint: "On Debian and Ubuntu: apt-get install jupyter-notebook. Elsewhere: pipx install jupyterlab. Or --no-open, and open the folder with what you have.",
  });
}
