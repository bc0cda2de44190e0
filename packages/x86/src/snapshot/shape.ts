import { MachineError } from "../errors.ts";

/**
 * What a piece of saved state looks like. A snapshot comes from a file, so nothing in it is believed: `check` gives the same data
 * as a fresh copy, or throws a MachineError that names the place (`com1.received[3]`).
 */
export interface Shape<State> {
  check(data: unknown, place: string): State;
}

function refuse(place: string, expected: string, data: unknown): never {
  const found = Array.isArray(data) ? "a list" : typeof data === "object" && data !== null ? "a record" : JSON.stringify(data);
  throw new MachineError("snapshot", `snapshot: ${place} should be ${expected}, and is ${(found ?? "nothing").slice(0, 40)}`);
}

/** A boolean. */
export const flag: Shape<boolean> = {
  check: (data, place) => (typeof data === "boolean" ? data : refuse(place, "true or false", data)),
};

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): Shape<number> {
  return {
    check(data, place) {
      if (typeof data === "number" && Number.isInteger(data) && data >= least && data <= most) return data;
      return refuse(place, `a whole number from ${least} to ${most}`, data);
    },
  };
}

export const byte: Shape<number> = whole(0, 0xff);
export const word: Shape<number> = whole(0, 0xffff);
export const dword: Shape<number> = whole(0, 0xffff_ffff);

/** A byte array, which stays part of the file. */
export const bytes: Shape<Uint8Array> = {
  check: (data, place) => (data instanceof Uint8Array ? data : refuse(place, "bytes", data)),
};

/** Nanoseconds of machine time: a whole number that is exact. */
export const time: Shape<number> = whole(0, Number.MAX_SAFE_INTEGER);

/** One of a few numbers or words. */
export function oneOf<const Value extends number | string>(...values: readonly Value[]): Shape<Value> {
  return {
    check: (data, place) => values.find((value) => value === data) ?? refuse(place, `one of ${values.join(", ")}`, data),
  };
}

/** Nothing: a chip without state. */
export const nothing: Shape<null> = { check: (data, place) => (data === null ? null : refuse(place, "null", data)) };

/** A list of at most `most` elements, or of exactly `exactly`. */
export function list<Element>(element: Shape<Element>, size: { readonly most: number } | { readonly exactly: number }): Shape<Element[]> {
  return {
    check(data, place) {
      if (!Array.isArray(data)) return refuse(place, "a list", data);
      const fits = "most" in size ? data.length <= size.most : data.length === size.exactly;
      if (!fits) return refuse(place, `a list of ${"most" in size ? `at most ${size.most}` : size.exactly}`, `one of ${data.length}`);
      return data.map((value, index) => element.check(value, `${place}[${index}]`));
    },
  };
}

/** Something, or null. */
export function optional<State>(shape: Shape<State>): Shape<State | null> {
  return { check: (data, place) => (data === null ? null : shape.check(data, place)) };
}

/** A record of exactly these fields. */
export function record<State extends object>(fields: { readonly [Name in keyof State]: Shape<State[Name]> }): Shape<State> {
  return {
    check(data, place) {
      if (typeof data !== "object" || data === null || Array.isArray(data)) return refuse(place, "a record", data);
      const given = new Map(Object.entries(data));
      for (const name of given.keys()) if (!Object.hasOwn(fields, name)) refuse(place, `without a field ${name}`, data);
      const checked = Object.entries<Shape<unknown>>(fields).map(([name, shape]) => [
        name,
        shape.check(given.get(name), `${place}.${name}`),
      ]);
      // Every field of State has been checked by its own shape, and there are no others.
      return Object.fromEntries(checked) as State;
    },
  };
}
