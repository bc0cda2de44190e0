import { expect, test } from "vitest";
import { Qmp } from "./qmp.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("answers go to the commands in their order, with events and the greeting in between", async () => {
  const sent: string[] = [];
  const qmp = new Qmp((text) => sent.push(text));
  const [first, second] = [qmp.execute("qmp_capabilities"), qmp.execute("human-monitor-command", { "command-line": "info registers" })];
  qmp.receive(bytes('{"QMP": {"version": {}}}\r\n{"return": {}}\r\n{"event": "STOP"}\r\n{"return": "EAX=0"}\r\n'));
  expect(await first).toEqual({});
  expect(await second).toBe("EAX=0");
  expect(sent.map((text) => JSON.parse(text).execute)).toEqual(["qmp_capabilities", "human-monitor-command"]);
});

test("a message may come in any number of pieces", async () => {
  const qmp = new Qmp(() => {});
  const answer = qmp.execute("query-name");
  for (const byte of bytes('{"return": {"name": "ü"}}\n')) qmp.receive(Uint8Array.of(byte));
  expect(await answer).toEqual({ name: "ü" });
});

test("an error fails its command alone", async () => {
  const qmp = new Qmp(() => {});
  const [bad, good] = [qmp.execute("nonsense"), qmp.execute("cont")];
  qmp.receive(bytes('{"error": {"class": "CommandNotFound", "desc": "no such command"}}\n{"return": {}}\n'));
  await expect(bad).rejects.toThrow("no such command");
  expect(await good).toEqual({});
});

test("the reason of a shutdown is kept", () => {
  const qmp = new Qmp(() => {});
  expect(qmp.shutdownReason).toBeUndefined();
  qmp.receive(bytes('{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}\n'));
  expect(qmp.shutdownReason).toBe("guest-shutdown");
});

test("commands without an answer fail when QEMU ends", async () => {
  const qmp = new Qmp(() => {});
  const answer = qmp.execute("cont");
  qmp.end();
  await expect(answer).rejects.toThrow("QEMU ended before it answered");
});
