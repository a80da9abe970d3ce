import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { filledImage } from "../image/index.ts";
import { createFilm } from "./create-film.browser.ts";
import { loadMediabunny } from "./mediabunny.node.ts";
import { openFilm } from "./open-film.node.ts";
import { createFilm as createFile } from "./write-film.node.ts";

/** A folder of the page's own, as browsers keep them. */
class Folder {
  readonly entries = new Map<string, Folder | Blob>();
  async getDirectoryHandle(name: string): Promise<Folder> {
    const found = this.entries.get(name);
    const folder = found instanceof Folder ? found : new Folder();
    this.entries.set(name, folder);
    return folder;
  }
  async getFileHandle(name: string) {
    this.entries.set(name, new Blob());
    const write = ({ data }: { readonly data: Uint8Array<ArrayBuffer> }) => void this.entries.set(name, new Blob([data]));
    return { createWritable: async () => new WritableStream({ write }), getFile: async () => this.entries.get(name) };
  }
  async *keys(): AsyncGenerator<string> {
    yield* this.entries.keys();
  }
  async removeEntry(name: string): Promise<void> {
    if (!this.entries.delete(name)) throw new DOMException("nothing there", "NotFoundError");
  }
}

/** Locks of a browser, which the tabs of a site share. */
class Locks {
  readonly held: { readonly name: string }[] = [];
  async request(name: string, granted: () => Promise<void>): Promise<void> {
    this.held.push({ name });
    return granted();
  }
  async query() {
    return { held: this.held };
  }
}

test("a film that was just written stays until the next one is written: its visitor may still be saving it", async ({ onTestFinished }) => {
  const root = new Folder();
  vi.stubGlobal("navigator", { storage: { getDirectory: async () => root }, locks: new Locks() });
  vi.stubGlobal("VideoEncoder", {});
  const place = await mkdtemp(join(tmpdir(), "tensorface-browser-film-"));
  onTestFinished(async () => {
    vi.unstubAllGlobals();
    await rm(place, { recursive: true });
  });
  const path = join(place, "film.mp4");
  const image = filledImage(64, 48, [90, 90, 90]);
  const made = await createFile(path);
  await made.write({ time: 0, duration: 0.1, image });
  await made.finish();
  await using film = await openFilm(path);
  const library = await loadMediabunny();
  const kept = async (): Promise<string[]> => [...(await root.getDirectoryHandle("tensorface-films")).entries.keys()];
  (await root.getDirectoryHandle("tensorface-films")).entries.set("of an earlier visit", new Blob());
  const write = async (): Promise<string[]> => {
    const writer = await createFilm(library, film);
    const meanwhile = await kept();
    await writer.write({ time: 0, duration: 0.1, image });
    await writer.finish();
    expect(await writer.file()).toMatchObject({ name: `${path.replace(".mp4", "")}-blurred.mp4`, size: expect.any(Number) as number });
    return meanwhile;
  };
  expect(await write()).toHaveLength(1);
  const [first] = await kept();
  const during = await write();
  expect(during).toHaveLength(2);
  expect(during).toContain(first);
  const second = (await kept()).find((name) => name !== first);
  await (await createFilm(library, film)).cancel();
  expect(await kept()).toContain(second);
  expect(await write()).toHaveLength(2);
  // Another tab begins with nothing, and leaves what this one may still be saving.
  const before = await kept();
  vi.resetModules();
  const { createFilm: createElsewhere } = await import("./create-film.browser.ts");
  const elsewhere = await createElsewhere(library, film);
  expect(await kept()).toEqual([...before, expect.any(String)]);
  await elsewhere.cancel();
});
