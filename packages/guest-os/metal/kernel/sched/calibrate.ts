import { in8, out8 } from "mercury:vo";
import { readTimeStamp } from "@mercury/toolchain/metal";
import { PIT_CHANNEL0, PIT_COMMAND, PIT_HERTZ } from "./tick";

/** Measures the time stamp counter against channel 0 of the 8254, and reads the wall clock of the MC146818. Interrupts are off. */

/** Latch channel 0 (8254 data sheet, counter latch command). */
const LATCH_CHANNEL0: u32 = 0x00;
/** Channel 0, low then high byte, mode 2, binary. */
const RATE_GENERATOR: u32 = 0x34;
/** Counts to measure over: about 10 ms. */
const SPAN: u32 = 11_932;

/** Ticks of the time stamp counter per second. */
export function measureTimeStamp(): u64 {
  out8(PIT_COMMAND, RATE_GENERATOR);
  out8(PIT_CHANNEL0, 0);
  out8(PIT_CHANNEL0, 0);
  // The count is loaded with the next input clock; reading it once lets that pass.
  readCount();
  const first = readCount();
  const start = readTimeStamp();
  let elapsed: u32 = 0;
  let end = start;
  while (elapsed < SPAN) {
    elapsed = (first - readCount()) & 0xffff;
    end = readTimeStamp();
  }
  return ((end - start) * PIT_HERTZ) / <u64>elapsed;
}

function readCount(): u32 {
  out8(PIT_COMMAND, LATCH_CHANNEL0);
  const low = in8(PIT_CHANNEL0);
  return low | (in8(PIT_CHANNEL0) << 8);
}

const RTC_INDEX: u32 = 0x70;
const RTC_DATA: u32 = 0x71;
/** Status A bit 7: an update is under way, the time registers are not to be read. */
const UPDATE_IN_PROGRESS: u32 = 0x80;
/** Status B bit 2: binary, not BCD. Bit 1: 24 hours. */
const BINARY: u32 = 0x04;
const HOURS24: u32 = 0x02;

function rtc(register: u32): u32 {
  out8(RTC_INDEX, register);
  return in8(RTC_DATA);
}

function settle(): void {
  // An update takes at most 2 ms (MC146818 data sheet); a clock that is absent reads FFh for ever.
  for (let tries = 0; tries < 100_000; tries++) if ((rtc(0x0a) & UPDATE_IN_PROGRESS) == 0) return;
}

/** Seconds since 1970 as the real-time clock, kept in UTC, says. */
export function readWallClock(): u32 {
  settle();
  const status = rtc(0x0b);
  const second = field(0x00, status);
  const minute = field(0x02, status);
  const hour = hourOf(rtc(0x04), status);
  const day = field(0x07, status);
  const month = field(0x08, status);
  const year = field(0x09, status) + 2000;
  // An update between the first and the last read: read again.
  if (field(0x00, status) != second) return readWallClock();
  return daysFromCivil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
}

function field(register: u32, status: u32): u32 {
  return fromRegister(rtc(register), status);
}

function fromRegister(value: u32, status: u32): u32 {
  return (status & BINARY) != 0 ? value : (value >> 4) * 10 + (value & 15);
}

/** In 12-hour mode bit 7 is "afternoon" and midnight is 12. */
function hourOf(value: u32, status: u32): u32 {
  if ((status & HOURS24) != 0) return fromRegister(value, status);
  const hour = fromRegister(value & 0x7f, status) % 12;
  return (value & 0x80) != 0 ? hour + 12 : hour;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar, year 1970 or later; years start in March, so that the leap day comes last. */
export function daysFromCivil(year: u32, month: u32, day: u32): u32 {
  const shifted = month <= 2 ? year - 1 : year;
  const era = shifted / 400;
  const ofEra = shifted - era * 400;
  const ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468;
}
