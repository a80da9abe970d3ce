import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startServer } from "./own-server.ts";

/** Programs that stand in for the server; none ends by itself, but for the one that says nothing. */
const stays = "setInterval(() => undefined, 1000)";
const says = (line: string): string[] => ["-e", `console.log(${JSON.stringify(line)}); ${stays}`];

/** Whether a process lives. */
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a server ends with the block that it serves, also where a measurement fails", async () => {
  let pid = 0;
  const measured = async (): Promise<void> => {
    await using server = await startServer(says("listening on http://127.0.0.1:1234"));
    pid = server.process.pid!;
    expect(server.address).toBe("http://127.0.0.1:1234");
    expect(lives(pid)).toBe(true);
    throw new Error("the measurement failed");
  };
  await expect(measured()).rejects.toThrow("the measurement failed");
  expect(lives(pid)).toBe(false);
});

test("one that says no address is ended, and what it said is told", async () => {
  let pid = 0;
  const onStart = (child: { readonly pid?: number | undefined }): void => void (pid = child.pid!);
  await expect(startServer(says("no port is free"), onStart)).rejects.toThrow('the server said "no port is free"');
  expect(lives(pid)).toBe(false);
});

test("one that ends without a word is not waited for", async () => {
  const started = startServer(["-e", "process.exitCode = 3"]);
  await expect(Promise.race([started, sleep(20_000, "waits")])).rejects.toThrow("the server ended with 3");
});
