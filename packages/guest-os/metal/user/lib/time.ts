/** Calendar dates from seconds since 1970, UTC. */
import { put, putByte, putDecimal, putTwo } from "./print";
import { cstr } from "@mercury/toolchain/metal";

export const secondsPerDay: u32 = 86400;

/** Year, month (1 to 12) and day (1 to 31) of a day number, counted from 1970-01-01. */
// @ts-ignore: decorator
@unmanaged export class Day {
  year: u32;
  month: u32;
  day: u32;
}

/**
 * The Gregorian calendar repeats every 400 years (146,097 days); counting years from March puts the leap day last, so that month lengths follow one line.
 */
export function dayFrom(days: u32, result: Day): void {
  const shifted = days + 719468;
  const era = shifted / 146097;
  const ofEra = shifted % 146097;
  const yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36524 - ofEra / 146096) / 365;
  const ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const month = (5 * ofYear + 2) / 153;
  result.day = ofYear - (153 * month + 2) / 5 + 1;
  result.month = month < 10 ? month + 3 : month - 9;
  result.year = yearOfEra + era * 400 + (result.month <= 2 ? 1 : 0);
}

const scratch: usize = memory.data(12);

/** `2007-09-10` */
export function putDate(seconds: u32): void {
  const day = changetype<Day>(scratch);
  dayFrom(seconds / secondsPerDay, day);
  putDecimal(day.year);
  putByte(0x2d);
  putTwo(day.month);
  putByte(0x2d);
  putTwo(day.day);
}

/** `12:34:56` */
export function putClock(seconds: u32): void {
  const ofDay = seconds % secondsPerDay;
  putTwo(ofDay / 3600);
  putByte(0x3a);
  putTwo((ofDay / 60) % 60);
  putByte(0x3a);
  putTwo(ofDay % 60);
}

/** `2007-09-10 12:34` */
export function putTimestamp(seconds: u32): void {
  putDate(seconds);
  putByte(0x20);
  const ofDay = seconds % secondsPerDay;
  putTwo(ofDay / 3600);
  putByte(0x3a);
  putTwo((ofDay / 60) % 60);
}

/** Three letters of the weekday: 1970-01-01 was a Thursday. */
export function putWeekday(seconds: u32): void {
  const names = cstr`ThuFriSatSunMonTueWed`;
  const at = names + 3 * ((seconds / secondsPerDay) % 7);
  for (let index: usize = 0; index < 3; index++) putByte(load<u8>(at + index));
}

/** Three letters of month 1 to 12. */
export function putMonth(month: u32): void {
  const names = cstr`JanFebMarAprMayJunJulAugSepOctNovDec`;
  const at = names + 3 * (month - 1);
  for (let index: usize = 0; index < 3; index++) putByte(load<u8>(at + index));
}

/** Weekday, month, day, time, zone and year, as date(1) prints them. */
export function putFullDate(seconds: u32): void {
  const day = changetype<Day>(scratch);
  dayFrom(seconds / secondsPerDay, day);
  putWeekday(seconds);
  putByte(0x20);
  putMonth(day.month);
  putByte(0x20);
  putTwo(day.day);
  putByte(0x20);
  putClock(seconds);
  put(cstr` UTC `);
  putDecimal(day.year);
}
