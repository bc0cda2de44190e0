import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadMultiboot } from "../../src/boot/multiboot.ts";
import { memoryMap } from "../../src/boot/memory-map.ts";
import { interpreter } from "../../src/interpreter/layer.ts";

/** Port of the driver's output. */
const OUTPUT_PORT = 0xe9;

/** Instructions after which a case must have gone astray. */
const LONGEST = 600_000_000;

/** The driver, as an ELF image; undefined without a compiler for it. */
export function buildDriver(): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), "x86-driver-"));
  const output = join(folder, "driver.elf");
  const source = fileURLToPath(new URL("driver.S", import.meta.url));
  const places = [".header=0x100000", ".stubs=0x101000", ".task=0x102000", ".text=0x103000"].map((place) => `-Wl,--section-start=${place}`);
  const { status } = spawnSync("gcc", [
    "-m32",
    "-nostdlib",
    "-static",
    "-no-pie",
    "-Wl,--build-id=none",
    "-Wl,-Ttext-segment=0x100000",
    ...places,
    "-o",
    output,
    source,
  ]);
  const image = status === 0 ? new Uint8Array(readFileSync(output)) : undefined;
  rmSync(folder, { recursive: true });
  return image;
}

/** One line of hex words a case, as on our CPU. */
export function runHere(driver: Uint8Array, module: Uint8Array): string[] {
  const text: number[] = [];
  let ended = false;
  const cpu = interpreter.create({
    memory: 32 << 20,
    bus: {
      readPort: () => 0xff,
      writePort: (port, _size, value) => {
        if (port === OUTPUT_PORT) text.push(value);
        ended ||= port === 0xf4;
        if (ended) cpu.leave();
      },
      readMemory: () => 0xffffffff,
      writeMemory: () => undefined,
      acknowledge: () => 0,
      timeStamp: () => BigInt(cpu.retired),
    },
  });
  const request = { image: driver, commandLine: "", modules: [{ contents: module, name: "cases" }] };
  cpu.enterProtectedMode(loadMultiboot(request, cpu.ram, memoryMap(cpu.ram.length)));
  while (!ended) {
    const stop = cpu.run(50_000_000);
    if ((stop !== "count" && stop !== "left") || cpu.retired > LONGEST) break;
  }
  return lines(Buffer.from(text).toString("latin1"));
}

const lines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^([0-9a-f]{8} ?){17}$/.test(line));

/** The same on Bochs, from a CD image. */
export function runOnBochs(driver: Uint8Array, module: Uint8Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), "x86-bochs-"));
  const boot = join(folder, "cd", "boot", "grub");
  mkdirSync(boot, { recursive: true });
  writeFileSync(join(folder, "cd", "driver.elf"), driver);
  writeFileSync(join(folder, "cd", "cases"), module);
  writeFileSync(join(boot, "grub.cfg"), "set timeout=0\nmenuentry cases {\n multiboot /driver.elf\n module /cases\n}\n");
  spawnSync("grub-mkrescue", ["-o", join(folder, "cd.iso"), join(folder, "cd")]);
  const configuration = [
    "megs: 64",
    "cpu: model=core_duo_t2400_yonah, ips=100000000, reset_on_triple_fault=0",
    "clock: sync=none",
    'display_library: rfb, options="timeout=0"',
    "romimage: file=/usr/share/bochs/BIOS-bochs-latest",
    "vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest",
    `ata0-master: type=cdrom, path=${join(folder, "cd.iso")}, status=inserted`,
    "boot: cdrom",
    "port_e9_hack: enabled=1",
    `log: ${join(folder, "log")}`,
    "sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy",
    "panic: action=fatal",
  ];
  writeFileSync(join(folder, "bochsrc"), `${configuration.join("\n")}\n`);
  writeFileSync(join(folder, "commands"), "c\n");
  const { stdout } = spawnSync("bochs", ["-q", "-f", join(folder, "bochsrc"), "-rc", join(folder, "commands")], {
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 280_000,
    maxBuffer: 1 << 28,
  });
  rmSync(folder, { recursive: true });
  return lines(stdout.toString("latin1"));
}
