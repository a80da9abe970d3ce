import type { App } from "./context.ts";

/** Registers plugins whose routes all answer without the token, and as often as they are asked. */
export async function openToAll(app: App, plugins: (open: App) => Promise<void>): Promise<void> {
  await app.register(async (open: App) => {
    open.addHook("onRoute", (route) => {
      route.config = { ...route.config, open: true };
    });
    await plugins(open);
  });
}
