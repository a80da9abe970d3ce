import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { drawnModel, drawnTasks } from "../../src/models/testing.ts";
import { choosePhotos, servePage, visit } from "../support/page.ts";
import { useSite } from "./setup.ts";

/** The page of a server with models of its owner's, which are not sent to visitors: they choose which of them answer. */
const site = useSite();
const [glasses, , ageGroup] = drawnTasks;
let models: readonly string[] = [];

beforeAll(async () => {
  models = await Promise.all(
    [glasses, ageGroup].map(async (task) => {
      const path = join(site().folder, `own-${task.name}.onnx`);
      await writeFile(path, await drawnModel(task, { id: `own-${task.name}` }));
      return path;
    }),
  );
});

const offer = (page: Page) => page.getByRole("button", { name: "send photos to it" });
const answer = (page: Page, task: string) => page.getByRole("region", { name: task, exact: true });

test("both answer, ordered groups in their order; the one that is switched off does not, and the other goes on", async () => {
  await using server = await servePage(site().webRoot, { models });
  await using visitor = await visit(site().browser, server.address);
  const { page, problems } = visitor;
  const asked: string[] = [];
  page.on("request", (request) => void (request.method() === "POST" && asked.push(new URL(request.url()).search)));
  await choosePhotos(page, site().photo("portrait"));
  await answer(page, "Apparent age").waitFor();
  expect(server.uploads()).toBe(0);
  await page.locator(".settings summary").click();
  await offer(page).click();
  await answer(page, "glasses").waitFor();
  const groups = answer(page, "age-group");
  expect(await groups.locator("dt").allTextContents()).toEqual(ageGroup.labels);
  expect(await groups.locator("[data-best] dt").allTextContents()).toEqual([await groups.locator("h3 strong").textContent()]);
  const shots = process.env["SCREENSHOTS"];
  if (shots !== undefined) await page.screenshot({ path: join(shots, "server-models-1280.png"), fullPage: true });

  await page.getByRole("checkbox", { name: /^own-glasses/ }).uncheck();
  await answer(page, "glasses").waitFor({ state: "detached" });
  await groups.waitFor();
  await expect.poll(() => asked.length).toBe(2);
  const ids = new URLSearchParams(asked[1]).get("models")?.split(",");
  expect(ids).toContain("own-age-group");
  expect(ids).not.toContain("own-glasses");
  await answer(page, "Apparent age").waitFor();

  await page.getByRole("button", { name: "Analyse on this device again" }).click();
  await expect.poll(() => page.locator(".status").textContent(), { timeout: 60_000 }).toContain("Runs on this device");
  await answer(page, "Apparent age").waitFor();
  await expect.poll(() => groups.count()).toBe(0);
  expect([server.uploads(), problems]).toEqual([2, []]);
}, 300_000);

test("a server with a token lists them to who has it", async () => {
  await using server = await servePage(site().webRoot, { models, token: "open sesame" });
  await using visitor = await visit(site().browser, server.address, { viewport: { width: 390, height: 844 } });
  const { page } = visitor;
  await offer(page).click();
  await page.getByRole("textbox", { name: "Token" }).fill("open sesame");
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: "Models of this server" }).waitFor();
  const shots = process.env["SCREENSHOTS"];
  if (shots !== undefined) await page.screenshot({ path: join(shots, "server-models-390.png"), fullPage: true });
  await choosePhotos(page, site().photo("portrait"));
  await answer(page, "glasses").waitFor();
  expect(server.uploads()).toBe(1);
}, 300_000);

test("a server without any offers nothing", async () => {
  await using visitor = await visit(site().browser, site().server.address);
  const { page, problems } = visitor;
  await page.getByRole("link", { name: "Teach one" }).waitFor();
  const told = await page.evaluate(async () => (await fetch("./server.json")).json() as Promise<unknown>);
  expect(told).toEqual({ ownModels: false });
  expect([await offer(page).count(), problems]).toEqual([0, []]);
});
