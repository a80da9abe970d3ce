import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { countHeld } from "../../../test/support/garbage.ts";
import { orderedStream } from "./ordered-stream.ts";

describe("an ordered stream", () => {
  test("holds no input and no result that it has passed on", async () => {
    const references: WeakRef<object>[] = [];
    const noted = (): object => {
      const value = {};
      references.push(new WeakRef(value));
      return value;
    };
    const inputs = function* (): Generator<object> {
      for (let index = 0; index < 200; index++) yield noted();
    };
    const work = async (): Promise<object> => {
      await setImmediate();
      return noted();
    };
    const { promise: stop } = Promise.withResolvers<never>();
    const stream = orderedStream({ inputs: inputs(), work, concurrency: 4, stop });
    for (let read = 0; read < 190; read++) await stream.next();
    // What is read ahead and the last step's own values, twice over; 390 and more were made.
    expect(references.length).toBeGreaterThan(380);
    expect(await countHeld(references)).toBeLessThan(20);
    await stream.return();
  });

  test("a stop that came before a step, or in one, ends it", async () => {
    const { promise: stop, reject } = Promise.withResolvers<never>();
    const never = async (): Promise<never> => new Promise(() => undefined);
    const stream = orderedStream({ inputs: [1, 2], work: never, concurrency: 1, stop });
    const next = stream.next();
    await setImmediate();
    reject(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
    await expect(orderedStream({ inputs: [1], work: never, concurrency: 1, stop }).next()).rejects.toThrow("enough");
  });

  test("a stop while nobody reads leaves no rejection unheard, which would end the process", async () => {
    const unheard: unknown[] = [];
    const listener = (reason: unknown): void => void unheard.push(reason);
    process.on("unhandledRejection", listener);
    const { promise: stop, reject: end } = Promise.withResolvers<never>();
    const second = Promise.withResolvers<number>();
    const work = async (value: number): Promise<number> => (value === 1 ? value : second.promise);
    const stream = orderedStream({ inputs: [1, 2], work, concurrency: 2, stop });
    await stream.next();
    end(new Error("enough"));
    await setImmediate();
    await expect(stream.next()).rejects.toThrow("enough");
    second.reject(new Error("aborted too"));
    await setImmediate();
    process.off("unhandledRejection", listener);
    expect(unheard).toEqual([]);
  });
});
