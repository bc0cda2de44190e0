import { describe, expect, test } from "vitest";
import { clockwork, counters, entries } from "../../test/clockwork.ts";
import { gdb, gdbIsThere } from "../../test/gdb.ts";
import { Debugger } from "../debug/debugger.ts";
import { packet, PacketReader, toHex } from "./packets.ts";
import { GdbSession } from "./session.ts";

const make = (): Debugger => new Debugger(clockwork(), { icount: true, interval: 20_000 });
const at = (address: number): string => `*0x${address.toString(16)}`;

/** A session whose answers are gathered as text. */
function line(target: Debugger = make()): { ask: (packets: string) => string[]; session: GdbSession } {
  const answers: string[] = [];
  const reader = new PacketReader();
  const session = new GdbSession(target, (bytes) => {
    for (const incoming of reader.feed(bytes)) answers.push(incoming.kind === "packet" ? incoming.data : incoming.kind);
  });
  return {
    session,
    ask(data) {
      session.receive(packet(data));
      return answers.splice(0);
    },
  };
}

describe("the remote serial protocol", () => {
  test("packets are found in a stream, whatever is cut where", () => {
    const data = "m1000,4}#$*\u0003";
    const bytes = packet(data);
    const reader = new PacketReader();
    const found = [...bytes].flatMap((byte) => reader.feed(Uint8Array.of(byte)));
    expect(found).toEqual([{ kind: "packet", data }]);
  });

  test("a damaged packet is asked for again", () => {
    const bytes = packet("g");
    bytes[1] = 0x68;
    const { session, ask } = line();
    const sent: string[] = [];
    const other = new GdbSession(make(), (answer) => sent.push(new TextDecoder().decode(answer)));
    other.receive(bytes);
    expect(sent).toEqual(["-"]);
    expect(ask("?")).toEqual(["T05thread:01;"]);
    expect(session.running).toBe(false);
  });

  test("memory that is not there is an error, not an end", () => {
    const { ask } = line();
    expect(ask("m7fff0000,4")).toEqual(["E0e"]);
    expect(ask("M7fff0000,1:00")).toEqual(["E0e"]);
    expect(ask("mzz,4")).toEqual(["E16"]);
    expect(ask("M1000,2:00")).toEqual(["E16"]);
    expect(ask("m1000,ffffffff")[0]?.length).toBeGreaterThan(1000);
    expect(ask("Pff=00000000")).toEqual(["E01"]);
    expect(ask("G00")).toEqual(["E01"]);
    expect(ask("qNobodyKnows")).toEqual([""]);
    expect(ask("Z0,zz,1")).toEqual(["E16"]);
    expect(ask("vCont;x")).toEqual(["E16"]);
  });

  test("without instruction time going back is refused", () => {
    const { ask } = line(new Debugger(clockwork({ icount: false }), { icount: false }));
    expect(ask("qSupported")[0]).not.toContain("Reverse");
    expect(ask("bs")).toEqual(["E01"]);
  });

  test("Control-C stops a machine that runs", () => {
    const { ask, session } = line();
    expect(ask("c")).toEqual([]);
    expect(session.work(1000).reason).toBe("count");
    session.receive(Uint8Array.of(3));
    expect(session.running).toBe(false);
    expect(ask("?")).toEqual(["T02thread:01;", "T02thread:01;"]);
  });

  test("what a guest's end is told as", () => {
    const target = make();
    const { ask, session } = line(target);
    target.writeMemory(entries.loop, Uint8Array.of(0x66, 0xba, 0xf4, 0x00, 0xb0, 0x07, 0xee));
    ask("c");
    expect(session.work(100_000)).toEqual({ reason: "exit", code: 7 });
    expect(ask("?")).toEqual(["W07", "W07"]);
  });

  test("registers by number are those of the whole set", () => {
    const { ask } = line();
    const [all = ""] = ask("g");
    expect(ask("p8")).toEqual([all.slice(64, 72)]);
    expect(ask(`P0=${toHex(Uint8Array.of(1, 2, 3, 4))}`)).toEqual(["OK"]);
    expect(ask("g")[0]?.slice(0, 8)).toBe("01020304");
  });
});

describe.skipIf(!gdbIsThere())("a real gdb", () => {
  test("breaks, steps, reads and writes", { timeout: 300_000 }, async () => {
    const output = await gdb(make(), [
      `break ${at(entries.timer)}`,
      "continue",
      'printf "at %x\\n", $eip',
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      "stepi",
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      "ignore 1 4",
      "continue",
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      `set *(int*)${counters.timer} = 1000`,
      "continue",
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      "set $ecx = 0x1234",
      'printf "ecx %x\\n", $ecx',
      "info registers eflags cr0 mxcsr fctrl",
      "info registers xmm0",
      "kill",
    ]);
    expect(output).toContain(`at ${entries.timer.toString(16)}`);
    expect([...output.matchAll(/^ticks (\d+)$/gm)].map((match) => Number(match[1]))).toEqual([0, 1, 5, 1001]);
    expect(output).toContain("ecx 1234");
    expect(output).toMatch(/^eflags .*\[ (.*)?\]/m);
    expect(output).toMatch(/^cr0 +0x/m);
    expect(output).toMatch(/^xmm0 /m);
  });

  test("watches, both ways", { timeout: 300_000 }, async () => {
    const output = await gdb(make(), [
      `watch *(int*)${counters.timer}`,
      "continue",
      "continue",
      "continue",
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      "reverse-continue",
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      "reverse-continue",
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      'printf "at %x\\n", $eip',
      "continue",
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      "kill",
    ]);
    expect(
      [...output.matchAll(/^ticks (\d+)$/gm)].map((match) => Number(match[1])),
      output,
    ).toEqual([3, 2, 1, 2]);
    expect(output).toContain(`at ${entries.timer.toString(16)}`);
  });

  test("goes back", { timeout: 300_000 }, async () => {
    const output = await gdb(make(), [
      `break ${at(entries.timer)}`,
      "ignore 1 9",
      "continue",
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      "reverse-continue",
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      "reverse-continue",
      `printf "ticks %d\\n", *(int*)${counters.timer}`,
      "stepi",
      "stepi",
      "reverse-stepi",
      "reverse-stepi",
      'printf "at %x\\n", $eip',
      "delete",
      "reverse-continue",
      "monitor position",
      "kill",
    ]);
    expect([...output.matchAll(/^ticks (\d+)$/gm)].map((match) => Number(match[1]))).toEqual([9, 8, 7]);
    expect(output).toContain(`at ${entries.timer.toString(16)}`);
    expect(output).toMatch(/No more reverse-execution history/);
    expect(output).toContain("0 instructions, 0 ns");
  });
});
