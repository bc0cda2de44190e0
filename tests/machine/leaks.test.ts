import { expect, test } from "vitest";
import { Patient } from "./patient.ts";
import { keyed } from "./report.ts";

/** Of every ten round trips one has programs that begin in virtual mode, and of which one lives on into native mode. */
const tens = 100;

/** What the kernel's allocators have free. The VMM allocates nothing after its warm-up: the seal, which every attach checks, covers what it has. */
function free(patient: Patient): Readonly<Record<string, number>> {
  return { frames: patient.variable("mm/frames/freeFrames"), tables: patient.variable("mm/zone/depth") };
}

/** A line of the shell that makes round trips in a shell of their own, and says how much the last program wrote. */
function trips(count: number): string {
  const mode = (name: string): string => `echo ${name} > /proc/mercury/mode`;
  const programs = `${mode("virtual")}; ls / | { read first; ${mode("native")}; cat > /tmp/rest; }`;
  const plain = `j=0; while [ $j -lt 9 ]; do ${mode("virtual")}; ${mode("native")}; j=$((j + 1)); done`;
  return `(i=0; while [ $i -lt ${count} ]; do ${programs}; ${plain}; i=$((i + 1)); done); wc -l < /tmp/rest`;
}

test(`${tens * 10} round trips leak no frame`, async () => {
  const patient = await Patient.boot();
  // Shell, files and slab caches have what they want after some.
  patient.type(trips(1));
  const before = free(patient);
  expect(Number(patient.type(trips(tens)).split("\n").at(-2))).toBeGreaterThan(0);
  expect(free(patient)).toEqual(before);
  const done = String(10 * tens + 10);
  expect(keyed(patient.type("cat /proc/mercury/stats"))).toMatchObject({ attaches: done, detaches: done, failures: "0", emulated: "0" });
  expect(patient.type("cat /proc/mercury/audit")).toContain("\nok\n");
});
