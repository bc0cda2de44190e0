import type { DebugStop, Debugger } from "../debug/debugger.ts";
import type { Watchpoint } from "../cpu/breakpoints.ts";
import { MachineError } from "../errors.ts";
import { fromHex, toHex } from "./packets.ts";
import { gdbRegisters, type RegisterSource, targetDescription } from "./registers.ts";

/** What a packet asks for: an answer, or something that the session does. */
export type Reply =
  | { readonly kind: "text"; readonly text: string }
  /** OK, and no more acknowledgements from then on. */
  | { readonly kind: "quiet" }
  | { readonly kind: "run" }
  | { readonly kind: "stopped"; readonly stop: DebugStop }
  | { readonly kind: "detach" }
  | { readonly kind: "kill"; readonly text?: string };

const text = (words: string): Reply => ({ kind: "text", text: words });
const ok = text("OK");
/** An empty answer says that a packet is not known here. */
const unknown = text("");
/** Errors by Linux's numbers: no such address, not permitted, bad argument. */
const failed = { address: text("E0e"), permission: text("E01"), argument: text("E16") } as const;

/** Bytes of a packet that either end may send; qSupported tells gdb. */
const PACKET_SIZE = 0x4000;

interface Command {
  /** What the packet begins with. */
  readonly prefix: string;
  readonly reply: (session: Debugger, rest: string) => Reply;
}

const numberOf = (digits: string | undefined): number =>
  /^[0-9a-fA-F]{1,8}$/.test(digits ?? "") ? Number.parseInt(digits ?? "", 16) : Number.NaN;

function source({ machine }: Debugger): RegisterSource {
  const { registers, debug } = machine;
  if (debug === undefined) throw new MachineError("configuration", "this machine's processor cannot be debugged");
  return { registers, floating: debug.floating };
}

function readAll(session: Debugger): Reply {
  const values = source(session);
  return text(gdbRegisters.map((register) => toHex(register.read(values))).join(""));
}

function readOne(session: Debugger, rest: string): Reply {
  const register = gdbRegisters[numberOf(rest)];
  return register === undefined ? failed.argument : text(toHex(register.read(source(session))));
}

/** Sets registers to bytes; those that cannot be set may only be given the value that they have. */
function writeRegister(session: Debugger, number: number, bytes: Uint8Array | undefined): boolean {
  const register = gdbRegisters[number];
  if (register === undefined || bytes === undefined || bytes.length !== register.bits / 8) return false;
  if (toHex(register.read(source(session))) === toHex(bytes)) return true;
  return register.bits === 32 && session.setRegister(register.name, new DataView(bytes.buffer).getInt32(0, true));
}

function writeOne(session: Debugger, rest: string): Reply {
  const [number, digits = ""] = rest.split("=");
  return writeRegister(session, numberOf(number), fromHex(digits)) ? ok : failed.permission;
}

function writeAll(session: Debugger, rest: string): Reply {
  let offset = 0;
  let done = true;
  for (const [number, { bits }] of gdbRegisters.entries()) {
    const digits = rest.slice(offset, offset + bits / 4);
    offset += bits / 4;
    if (digits.length > 0 && !/x/i.test(digits)) done = writeRegister(session, number, fromHex(digits)) && done;
  }
  return done ? ok : failed.permission;
}

function readMemory(session: Debugger, rest: string): Reply {
  const [address = Number.NaN, length = Number.NaN] = rest.split(",").map(numberOf);
  if (Number.isNaN(address + length)) return failed.argument;
  const bytes = session.readMemory(address, Math.min(length, PACKET_SIZE / 2 - 8));
  return bytes.length === 0 && length > 0 ? failed.address : text(toHex(bytes));
}

function writeMemory(session: Debugger, rest: string): Reply {
  const match = /^([0-9a-f]+),([0-9a-f]+):([0-9a-f]*)$/i.exec(rest);
  const bytes = fromHex(match?.[3] ?? "x");
  if (match === null || bytes === undefined || bytes.length !== numberOf(match[2])) return failed.argument;
  return session.writeMemory(numberOf(match[1]), bytes) ? ok : failed.address;
}

/** As M, with bytes as they are. */
function writeBinary(session: Debugger, rest: string): Reply {
  const colon = rest.indexOf(":");
  const [address = Number.NaN, length = Number.NaN] = rest.slice(0, colon).split(",").map(numberOf);
  const bytes = Uint8Array.from(rest.slice(colon + 1), (character) => character.charCodeAt(0));
  if (colon < 0 || Number.isNaN(address) || bytes.length !== length) return failed.argument;
  return bytes.length === 0 || session.writeMemory(address, bytes) ? ok : failed.address;
}

/** By gdb's number: what a watchpoint watches for. */
const watchKinds: Readonly<Record<string, Watchpoint["kind"]>> = { 2: "write", 3: "read", 4: "access" };

function changeWatchpoints(session: Debugger, changed: Watchpoint, set: boolean): Reply {
  const others = session.watchpoints.filter(
    ({ kind, address, length }) => kind !== changed.kind || address !== changed.address || length !== changed.length,
  );
  session.watchpoints = set ? [...others, changed] : others;
  return ok;
}

/** Z0 and Z1 are the same here: no breakpoint changes memory. */
function changeBreakpoints(session: Debugger, rest: string, set: boolean): Reply {
  const [type = "", digits, size] = rest.split(/[,;]/);
  const address = numberOf(digits);
  const length = numberOf(size);
  const watch = watchKinds[type];
  if (watch === undefined && type !== "0" && type !== "1") return unknown;
  if (Number.isNaN(address + length)) return failed.argument;
  if (watch !== undefined) return changeWatchpoints(session, { kind: watch, address, length }, set);
  const breakpoints = new Set(session.breakpoints);
  if (set) breakpoints.add(address);
  else breakpoints.delete(address);
  session.breakpoints = breakpoints;
  return ok;
}

/** Goes back, or says that there is no way back. */
function back(move: () => DebugStop): Reply {
  try {
    return { kind: "stopped", stop: move() };
  } catch (error) {
    if (error instanceof MachineError) return failed.permission;
    throw error;
  }
}

function supported(session: Debugger): Reply {
  const reverse = session.timeline === undefined ? [] : ["ReverseStep+", "ReverseContinue+"];
  const always = [
    `PacketSize=${PACKET_SIZE.toString(16)}`,
    "QStartNoAckMode+",
    "qXfer:features:read+",
    "vContSupported+",
    "swbreak+",
    "hwbreak+",
  ];
  return text([...always, ...reverse].join(";"));
}

function describeTarget(_: Debugger, rest: string): Reply {
  const [offset, length] = rest.split(",").map(numberOf);
  if (offset === undefined || length === undefined || Number.isNaN(offset + length)) return failed.argument;
  const part = targetDescription.slice(offset, offset + length);
  return text((offset + length < targetDescription.length ? "m" : "l") + part);
}

const step = (session: Debugger): Reply => ({ kind: "stopped", stop: session.step() });
const go: Reply = { kind: "run" };

function resume(session: Debugger, rest: string): Reply {
  const [action = ""] = rest.split(";").filter((part) => part !== "");
  if (/^[cC]/.test(action)) return go;
  return /^[sS]/.test(action) ? step(session) : failed.argument;
}

/** `monitor COMMAND`: what gdb has no packet for. */
function monitor(session: Debugger, rest: string): Reply {
  const [word, argument = ""] = new TextDecoder()
    .decode(fromHex(rest) ?? new Uint8Array(0))
    .trim()
    .split(/\s+/);
  const say = (line: string): Reply => text(toHex(new TextEncoder().encode(`${line}\n`)));
  const { counters, now } = session.machine;
  if (word === "position") return say(`${counters.instructions} instructions, ${now} ns`);
  if (word === "goto" && session.timeline !== undefined && /^[0-9]+$/.test(argument)) {
    session.visit(Number(argument));
    return say(`${session.machine.counters.instructions} instructions`);
  }
  return say(
    "position: where the machine is; goto N: to the instruction N of its past (with icount; then ask for the registers by `flushregs`)",
  );
}

/** By what a packet begins with. */
const table: readonly Command[] = [
  { prefix: "qSupported", reply: supported },
  { prefix: "qXfer:features:read:target.xml:", reply: describeTarget },
  { prefix: "qAttached", reply: () => text("1") },
  { prefix: "qC", reply: () => text("QC01") },
  { prefix: "qfThreadInfo", reply: () => text("m01") },
  { prefix: "qsThreadInfo", reply: () => text("l") },
  { prefix: "qRcmd,", reply: monitor },
  { prefix: "QStartNoAckMode", reply: () => ({ kind: "quiet" }) },
  { prefix: "H", reply: () => ok },
  { prefix: "T", reply: () => ok },
  { prefix: "g", reply: readAll },
  { prefix: "G", reply: writeAll },
  { prefix: "p", reply: readOne },
  { prefix: "P", reply: writeOne },
  { prefix: "m", reply: readMemory },
  { prefix: "M", reply: writeMemory },
  { prefix: "X", reply: writeBinary },
  { prefix: "Z", reply: (session, rest) => changeBreakpoints(session, rest, true) },
  { prefix: "z", reply: (session, rest) => changeBreakpoints(session, rest, false) },
  { prefix: "vCont?", reply: () => text("vCont;c;C;s;S") },
  { prefix: "vCont", reply: resume },
  { prefix: "c", reply: () => go },
  { prefix: "C", reply: () => go },
  { prefix: "s", reply: step },
  { prefix: "S", reply: step },
  { prefix: "bs", reply: (session) => back(() => session.stepBack()) },
  { prefix: "bc", reply: (session) => back(() => session.runBack()) },
  { prefix: "D", reply: () => ({ kind: "detach" }) },
  { prefix: "vKill", reply: () => ({ kind: "kill", text: "OK" }) },
  { prefix: "k", reply: () => ({ kind: "kill" }) },
];
/** The longest that fits counts. */
const commands: readonly Command[] = table.toSorted((a, b) => b.prefix.length - a.prefix.length);

/** The reply to a packet; `stop` is why the machine stands still. */
export function answer(session: Debugger, data: string, stop: string): Reply {
  if (data === "?") return text(stop);
  const command = commands.find(({ prefix }) => data.startsWith(prefix));
  return command === undefined ? unknown : command.reply(session, data.slice(command.prefix.length));
}
