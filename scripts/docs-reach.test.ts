import { describe, expect, test } from "vitest";
import { unreachedPages } from "./docs-reach.ts";

const pages = new Map([
  ["README.md", "[guide](docs/guide/README.md#start) and [elsewhere](https://example.org/docs/lab/lost.md)"],
  ["docs/guide/README.md", "[numbers](../lab/numbers.md)"],
  ["docs/lab/numbers.md", "[back](../../README.md)"],
]);

describe("pages that README.md leads to", () => {
  test("are followed from page to page, also in a circle", () => {
    expect(unreachedPages(pages, "README.md")).toEqual([]);
  });

  test("a planted page that nothing links to is found, also where it links to others", () => {
    const planted = new Map([...pages, ["docs/lab/lost.md", "[numbers](numbers.md)"]]);
    expect(unreachedPages(planted, "README.md")).toEqual(["docs/lab/lost.md"]);
  });
});
