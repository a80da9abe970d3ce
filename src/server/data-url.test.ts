import { describe, expect, test } from "vitest";
import { decodeDataUrl } from "./data-url.ts";
import { start } from "./testing.ts";

const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
const base64 = bytes.toString("base64");
const refused = expect.objectContaining({ code: "TF_REQUEST_INVALID" });

describe("data URLs", () => {
  test.each([
    ["as it is", base64],
    ["without padding", base64.replace(/=+$/, "")],
    ["in lines", base64.replaceAll(/.{64}/g, "$&\r\n")],
    ["for addresses", bytes.toString("base64url")],
    ["with percent signs, as in an address", base64.replaceAll("+", "%2B").replaceAll("/", "%2F").replaceAll("=", "%3D")],
  ])("base64 %s", (_name, text) => {
    expect(Buffer.from(decodeDataUrl(`data:image/png;base64,${text}`))).toEqual(bytes);
  });

  test("all lengths", () => {
    for (let length = 0; length < 8; length++)
      expect(decodeDataUrl(`data:;base64,${bytes.subarray(0, length).toString("base64")}`).byteLength).toBe(length);
  });

  test.each([
    ["blanks for its +", base64.replaceAll("+", " ")],
    ["letters that are none of base64", `${base64.slice(0, 40)}!!!!${base64.slice(44)}`],
    ["an end in the middle", `${base64.slice(0, 40)}====${base64.slice(44)}`],
    ["one letter too many", `${bytes.subarray(0, 3).toString("base64")}A`],
    ["a sentence", "this is no picture at all, it is text"],
    ["broken percent signs", "AAAA%zz"],
  ])("%s are refused", (_name, text) => {
    expect(() => decodeDataUrl(`data:image/png;base64,${text}`)).toThrow(refused);
  });

  test("80 million letters are looked at in one go", () => {
    expect(decodeDataUrl(`data:;base64,${"AAAA".repeat(20_000_000)}`).byteLength).toBe(60_000_000);
  });

  test("blanks have a hint of their own, over HTTP too", async () => {
    const payload = { image: `data:image/png;base64,${base64.replaceAll("+", " ")}` };
    const answer = await (await start()).inject({ method: "POST", url: "/v1/analyze", payload });
    expect([answer.statusCode, answer.json().error]).toEqual([
      400,
      expect.objectContaining({ code: "TF_REQUEST_INVALID", hint: expect.stringContaining("blanks") }),
    ]);
  });
});
