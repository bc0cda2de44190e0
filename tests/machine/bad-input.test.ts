import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mercury } from "./mercury.ts";
import { serialProgram } from "./programs/serial.ts";

let folder = "";
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-bad-"));
  const program = serialProgram();
  writeFileSync(file("text"), "no kernel at all\n".repeat(1000));
  writeFileSync(file("empty"), "");
  mkdirSync(file("folder"));
  writeFileSync(file("short.elf"), program.subarray(0, 200));
  writeFileSync(file("cut.elf"), program.subarray(0, 4096 + 100));
  const linux = Buffer.alloc(4096);
  linux.write("HdrS", 0x202, "latin1");
  writeFileSync(file("bzImage"), linux);
  writeFileSync(file("cut.cpio"), `070701${"0".repeat(50)}`);
  writeFileSync(file("cut.cpio.gz"), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]));
  writeFileSync(file("throws.ts"), "throw new Error('on purpose');\n");
  writeFileSync(file("syntax.ts"), "export default {\n");
  writeFileSync(file("unknown.ts"), "export default { memroy: 64 };\n");
  writeFileSync(file("type.js"), "export default { memory: 'much' };\n");
  writeFileSync(file("number.js"), "export default 5;\n");
  writeFileSync(file("layer.js"), "export default { vmm: { kind: 'guest', name: 'x' } };\n");
  writeFileSync(file("mode.js"), "export default { memory: 64, mode: 'native' };\n");
  writeFileSync(file("memory.js"), "export default { memory: 64 };\n");
  writeFileSync(file("cpu.js"), "export default { cpu: {} };\n");
  for (const name of ["two-layers", "no-layer"]) {
    mkdirSync(file(`node_modules/${name}`), { recursive: true });
    writeFileSync(
      file(`node_modules/${name}/package.json`),
      `{ "name": "${name}", "type": "module", "exports": { ".": "./index.js", "./package.json": "./package.json" } }`,
    );
  }
  const layer = "{ kind: 'vo', root: new URL('./', import.meta.url) }";
  writeFileSync(file("node_modules/two-layers/index.js"), `export const one = ${layer};\nexport const other = ${layer};\n`);
  writeFileSync(file("node_modules/no-layer/index.js"), "export const vo = 'none';\n");
  writeFileSync(file("package.json"), '{ "type": "module" }\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Arguments (a leading @ stands for a file of this test, EMPTY for an empty one), the exit code, and a word that the one line must say. */
const cases: readonly (readonly [string, number, RegExp])[] = [
  ["", 2, /which command/],
  ["fly", 2, /fly/],
  ["boot --fast", 2, /--fast/],
  ["boot extra", 2, /argument/],
  ["boot --memory lots", 2, /--memory.*lots/],
  ["boot --memory 15", 2, /16 to 2048/],
  ["boot --memory 4096", 2, /16 to 2048/],
  ["boot --memory -64", 2, /--memory.*"-64"/],
  ["boot --memory 64 --memory 64", 2, /--memory.*given twice/],
  ["boot --kernel", 2, /--kernel.*missing/],
  ["boot --kernel EMPTY", 2, /--kernel.*an empty name/],
  ["boot --initrd a,,b --kernel c", 2, /--initrd.*"a,,b" names an empty file/],
  ["boot --timeout -1", 2, /--timeout.*"-1"/],
  ["boot --timeout 99999999", 2, /--timeout.*"99999999" is not a time/],
  ["boot --stop-after 99999999999999999999", 2, /--stop-after.*is not a whole number/],
  ["boot --timeout soon", 2, /--timeout.*soon/],
  ["boot --mode sideways", 2, /sideways.*native, virtual, always-on/],
  ["boot --switch sideways", 2, /unknown strategy "sideways".*lazy, recompute/],
  ["boot --switch nobody:lazy", 2, /no layer or package "nobody"/],
  ["boot --switch sequenced:sideways", 2, /no strategy "sideways"; it has lazy, recompute/],
  ["boot --config @cpu.js", 2, /no layer and cannot stand in for the cpu/],
  ["boot --vo two-layers", 2, /"two-layers" exports more than one vo layer; a file for --config can say which/],
  ["boot --vo no-layer", 2, /"no-layer" exports no vo layer/],
  ["boot --vmm nobody", 2, /nobody/],
  ["boot --vmm ../../etc", 2, /no name/],
  ["boot --vmm none --mode virtual", 2, /[Ww]ithout a VMM/],
  ["boot --cpus 2", 2, /--cpus 2.*not built yet/],
  ["boot --cpus 0", 2, /--cpus/],
  ["boot --disk disk.img", 3, /disk.img cannot be opened: no such file/],
  ["boot --disk @short.elf", 3, /short.elf: a disk image of 200 bytes/],
  ["boot --disk disk.img,fast", 2, /--disk.*"fast" is none of ro/],
  ["boot --disk ,ro", 2, /--disk.*names no file/],
  ["boot --jit on", 2, /--jit on.*not built yet/],
  ["boot --gdb 70000", 2, /--gdb.*"70000" is not a whole number from 1 to 65535/],
  ["boot --restore snapshot", 3, /snapshot cannot be read/],
  ["boot --restore /bin/ls", 3, /\/bin\/ls: snapshot: this is no snapshot of a machine/],
  ["boot --restore x --memory 64", 2, /--memory cannot go with --restore/],
  ["boot --restore x --kernel y", 2, /--kernel cannot go with --restore/],
  ["boot --restore x --shuffle 1", 2, /--shuffle cannot go with --restore/],
  ["boot --save x", 2, /--save needs --stop-after/],
  ["boot --stop-after 0", 2, /--stop-after.*"0" is not a whole number/],
  ["run --restore x -- true", 2, /--restore goes with boot/],
  ["boot --shuffle much", 2, /--shuffle.*much/],
  ["boot --shuffle 4294967296", 2, /0 to 4294967295/],
  ["boot --vmm none --shuffle 1", 2, /[Ww]ithout a VMM/],
  ["boot --kernel @text --shuffle 1", 2, /--shuffle/],
  ["bench", 2, /bench.*not built yet/],
  ["rootfs build --packages a --out b", 2, /rootfs.*not built yet/],
  ["run", 2, /command/],
  ["run --kernel @text -- ls", 2, /--kernel/],
  ["boot --kernel @text --mode virtual", 2, /--mode/],
  ["boot --kernel @text --config @mode.js", 2, /mode\.js says "mode", and --kernel brings the system itself/],
  ["boot --kernel @text --config @cpu.js", 2, /cannot stand in for the cpu/],
  ["boot --restore @text --config @memory.js", 2, /memory\.js says "memory", and --restore takes all but the processor/],
  ["boot --stats @no/such/file", 3, /file cannot be written: no such file/],
  ["boot --trace @text/file", 3, /text\/file cannot be written: not a directory/],
  ["boot --stop-after 1 --save @folder", 3, /folder cannot be written: it is a directory/],
  ["run --stats /sys/none -- true", 3, /\/sys\/none cannot be written/],
  ["boot --disk @folder", 3, /folder cannot be opened: .*directory/],
  ["boot --restore @folder", 3, /folder cannot be read: .*directory/],
  ["boot --rootfs @folder", 3, /folder cannot be read: .*directory/],
  ["boot --config @folder", 3, /folder cannot be read: .*directory/],
  ["layers extra", 2, /too many arguments/],
  ["layers --config EMPTY", 2, /--config.*an empty name/],
  ["image --out @folder", 3, /folder cannot be written: it is a directory/],
  ["boot --initrd @text", 2, /--kernel/],
  ["boot --kernel @bzImage", 3, /bzImage: offset 0x1fe: not a Linux kernel/],
  ["boot --kernel /dev/zero", 3, /\/dev\/zero cannot be read: it is a device/],
  ["boot --kernel @missing", 3, /missing cannot be read: no such file/],
  ["boot --kernel @", 3, /cannot be read: .*directory/],
  ["boot --kernel @text", 3, /text: .*multiboot/],
  ["boot --kernel @empty", 3, /empty: .*multiboot/],
  ["boot --kernel @short.elf", 3, /short\.elf: /],
  ["boot --kernel @cut.elf", 3, /cut\.elf: .*offset/],
  ["boot --rootfs @text", 3, /text: at offset 0: no cpio header/],
  ["boot --rootfs @cut.cpio", 3, /cut\.cpio: at offset 0: /],
  ["boot --rootfs @cut.cpio.gz", 3, /cut\.cpio\.gz: .*gzip/],
  ["boot --config @missing.ts", 3, /missing\.ts cannot be read/],
  ["boot --config @throws.ts", 3, /throws\.ts cannot be loaded: on purpose/],
  ["boot --config @syntax.ts", 3, /syntax\.ts cannot be loaded/],
  ["boot --config @unknown.ts", 3, /unknown\.ts.*"memroy"/],
  ["boot --config @type.js", 3, /type\.js.*"memory" of a machine is a string/],
  ["boot --config @number.js", 3, /number\.js.*an object, not a number/],
  ["boot --config @layer.js", 2, /guest layer/],
  ["image", 2, /--out/],
  ["image --out @x --format floppy", 2, /floppy.*elf, iso/],
  ["image --out @no/such/folder", 3, /folder cannot be written: no such file/],
  ["image --out /dev/full", 3, /\/dev\/full cannot be written: no space left/],
];

test.each(cases)("mercury %s ends with %i", async (line, code, words) => {
  const args = line
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => (word === "EMPTY" ? "" : word.startsWith("@") ? file(word.slice(1)) : word));
  const outcome = await mercury(args, { cwd: folder });
  const [first = ""] = outcome.stderr.split("\n");
  expect(first).toMatch(words);
  expect(first).toMatch(/^mercury: /);
  expect(outcome.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(outcome.stdout).toBe("");
  expect(outcome.code).toBe(code);
});

test("a mode that the kernel's command line misspells is told on the console, and the system goes on natively", async () => {
  const { code, stdout } = await mercury(["boot", "--icount", "--timeout", "1200", "--append", "mode=sideways"], {
    input: "cat /proc/mercury/mode\npoweroff\n",
  });
  expect(stdout).toMatch(/^mercury: mode= on the command line is native, virtual or always-on; going on natively\r?$/m);
  expect(stdout).toMatch(/native\r?$/m);
  expect(code).toBe(0);
});

test("so is a strategy", async () => {
  const { code, stdout } = await mercury(["boot", "--icount", "--timeout", "1200", "--append", "switch=sideways"], {
    input: "echo virtual > /proc/mercury/mode; grep strategy /proc/mercury/last\npoweroff\n",
  });
  expect(stdout).toMatch(/^mercury: switch= on the command line is no strategy of this switch; it uses lazy\r?$/m);
  expect(stdout).toMatch(/^(# )?strategy: lazy\r?$/m);
  expect(code).toBe(0);
});
