import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Outside } from "./outside.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the machine is stopped when its time is up, and the next one, too", () => {
  const outside = new Outside(5);
  const [first, second] = [vi.fn(), vi.fn()];
  outside.onInterruption(first);
  vi.advanceTimersByTime(4999);
  expect(outside.interruption).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(outside.interruption).toEqual({ kind: "timeout" });
  expect(first).toHaveBeenCalledOnce();
  outside.onInterruption(second);
  expect(second).toHaveBeenCalledOnce();
  outside.release();
});

test("what came first is the reason, and nothing comes after the release", () => {
  const outside = new Outside(5);
  const stop = vi.fn();
  outside.onInterruption(stop);
  process.emit("SIGTERM", "SIGTERM");
  vi.advanceTimersByTime(5000);
  expect(outside.interruption).toEqual({ kind: "signal", signal: "SIGTERM" });
  outside.release();
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) expect(process.listeners(signal)).toEqual([]);

  const released = new Outside(5);
  released.release();
  vi.advanceTimersByTime(5000);
  expect(released.interruption).toBeUndefined();
});
