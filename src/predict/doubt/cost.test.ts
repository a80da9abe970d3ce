import { expect, test } from "vitest";
import { type CleaningCost, tellCost } from "./cost.ts";

/** What is told of pictures that are looked at in pieces of 8, each of which takes so many milliseconds. */
function toldOf(total: number, milliseconds: (done: number) => number): CleaningCost[] {
  const told: CleaningCost[] = [];
  let time = 0;
  const listen = tellCost(
    (cost) => told.push(cost),
    () => time,
  );
  for (let done = 8; done <= total; done += 8) {
    time += milliseconds(done);
    listen({ stage: "look at pictures", done, total });
  }
  return told;
}

test("the cost is told once, by the rate of those after the first, which also load the networks", () => {
  expect(toldOf(1000, (done) => (done <= 64 ? 5000 : 400))).toEqual([{ pictures: 872, seconds: expect.closeTo(43.6, 6) }]);
});

test("of few pictures none is told", () => {
  expect(toldOf(248, () => 400)).toEqual([]);
  expect(toldOf(256, () => 400)).toHaveLength(1);
});
