import { join } from "node:path";
import { findDeno, findJupyter, setUpWorkplace, showInJupyter } from "../../notebook/index.ts";
import { type Command, defineCommand, usageError } from "../command.ts";

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
      ["tensorface notebook -- --port=8890", "what stands behind -- goes to Jupyter; where you are root it wants --allow-root"],
      ["TENSORFACE_DATA=data tensorface notebook", "on data of yours: data/moods/happy, data/moods/sad, data/gender/female, ..."],
    ],
    notes: [
      "Cells are TypeScript and run in Deno: npm install deno. Jupyter is Debian's and Ubuntu's jupyter-notebook, or jupyterlab of pipx.",
      "Notebooks that are in DIR already are kept as they are. The kernel is described in DIR/.jupyter, for this folder alone: a Jupyter that you start yourself finds it by JUPYTER_PATH=DIR/.jupyter.",
    ],
  },
  run: async ({ args, rawArgs }) => {
    const flags = rawArgs.includes("--") ? rawArgs.slice(rawArgs.indexOf("--") + 1) : [];
    const [folder = "notebooks", ...more] = args._.slice(0, args._.length - flags.length);
    if (more.length > 0) throw usageError("notebook takes one folder");
    const viewer = args.open ? findJupyter() : undefined;
    const deno = await findDeno(process.cwd());
    const { environment, notebooks } = await setUpWorkplace(folder, { deno, cache: join(folder, ".jupyter") });
    process.stdout.write(`${notebooks.join("\n")}\n`);
    if (viewer === undefined) return;
    const code = await showInJupyter(viewer, notebooks[0]!, { environment, flags: [...(args.browser ? [] : ["--no-browser"]), ...flags] });
    if (code !== undefined) process.exitCode = code;
  },
});
