import { expect, test } from "vitest";
import { describeMachine, describeSystem, machineText } from "./machine.ts";

test("a system is its name and version, not the name of a build", () => {
  expect(describeSystem("Linux", "6.18.44-build7")).toBe("Linux 6.18");
  expect(describeSystem("Linux", "6.1-rc3+custom")).toBe("Linux 6.1");
  expect(describeSystem("Darwin", "25.1.0")).toBe("Darwin 25.1");
  expect(describeSystem("Windows_NT", "10.0.26100")).toBe("Windows_NT 10.0");
  expect(machineText({ processor: "AMD EPYC", cores: 2, memoryGiB: 24, system: "Linux 6.18", node: "24.21.0" })).toBe(
    "AMD EPYC, 2 cores, 24 GiB, Linux 6.18, Node 24.21.0",
  );
  expect(describeMachine().system).toMatch(/^\w+ \d+\.\d+$/);
});
