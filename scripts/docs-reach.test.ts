import { describe, expect, test } from "vitest";
import { linksToNothing, unlistedPages, unreachedPages } from "./docs-reach.ts";

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

test("a planted page that another one links to and no list names is found", () => {
  const planted = new Map([...pages, ["docs/lab/numbers.md", "[films](films.md)"], ["docs/lab/films.md", ""]]);
  expect(unreachedPages(planted, "README.md")).toEqual([]);
  expect(unlistedPages(planted, ["README.md", "docs/guide/README.md"])).toEqual(["docs/lab/films.md"]);
});

test("a planted link to what is not packed is found, one to a folder is not", () => {
  const planted = new Map([["docs/guide/start.md", "[numbers](../lab/numbers.md), [lost](../lab/lost.md), [lab](../lab)"]]);
  expect(linksToNothing(planted, ["docs/guide/start.md", "docs/lab/numbers.md"])).toEqual(["docs/guide/start.md: docs/lab/lost.md"]);
});
