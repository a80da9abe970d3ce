import { registerHooks } from "node:module";

/**
 * Imports a module, with TypeScript files as ES modules whatever the nearest package.json says: `npm init` writes there that they are
 * CommonJS, in which `import` is an error. Those of packages and `.cts` files stay what they are.
 */
export async function importModule(url: string): Promise<unknown> {
  const hooks = registerHooks({
    load: (address, context, next) => {
      const isOwn = new URL(address).pathname.endsWith(".ts") && !address.includes("/node_modules/");
      return next(address, isOwn ? { ...context, format: "module-typescript" } : context);
    },
  });
  try {
    return await import(url);
  } finally {
    hooks.deregister();
  }
}
