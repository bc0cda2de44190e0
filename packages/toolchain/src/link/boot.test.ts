import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Assembler, createAssembler } from "../assembler/block.ts";
import { mem, mem32, mem8, physical, symbol } from "../assembler/memory.ts";
import { al, cr0, cr3, cr4, dx, eax, ecx, edi, esi, esp } from "../assembler/registers.ts";
import { requireTool } from "../testing/tools.ts";
import { writeElf } from "./elf.ts";
import { linkImage } from "./image.ts";
import { multibootHeader } from "./multiboot.ts";

const loadOffset = 0xb000_0000;

/** Prints from the boot section, turns paging on (4 MB pages), goes on at the linked address, prints again, ends through isa-debug-exit. */
function program(a: Assembler): void {
  multibootHeader(a);
  a.procedure("start", { section: ".boot" });
  a.mov(esp, physical("stackTop"));
  a.mov(esi, physical("bootMessage"));
  a.call(symbol("bootPrint"));
  a.mov(edi, physical("directory"));
  a.mov(mem32(edi), 0x83);
  a.mov(mem32(edi, (loadOffset >>> 22) * 4), 0x83);
  a.mov(eax, cr4);
  a.or(eax, 0x10);
  a.mov(cr4, eax);
  a.mov(cr3, edi);
  a.mov(eax, cr0);
  a.or(eax, 0x8000_0000);
  a.mov(cr0, eax);
  a.mov(eax, symbol("high"));
  a.jmp(eax);
  print(a, "bootPrint", ".boot");

  a.procedure("high");
  a.mov(esp, symbol("stackTop"));
  a.mov(esi, symbol("highMessage"));
  a.call(symbol("highPrint"));
  a.mov(eax, mem(symbol("status")));
  a.mov(dx, 0xf4);
  a.out(dx, eax);
  const forever = a.here();
  a.hlt();
  a.jmp(forever);
  print(a, "highPrint", ".text");

  a.data("bootMessage");
  a.ascii("physical\n\0");
  a.data("highMessage");
  a.ascii("linear\n\0");
  a.data("status");
  a.data32(21);
  a.data("directory", { section: ".bss", alignment: 4096 });
  a.zero(4096);
  a.data("stack", { section: ".bss" });
  a.zero(4096);
  a.entry("stackTop");
}

function print(a: Assembler, name: string, section: string): void {
  a.procedure(name, { section });
  a.xor(ecx, ecx);
  const next = a.label();
  const done = a.label();
  a.bind(next);
  a.mov(al, mem8(esi, ecx));
  a.test(al, al);
  a.je(done);
  a.mov(dx, 0x3f8);
  a.out(dx, al);
  a.inc(ecx);
  a.jmp(next);
  a.bind(done);
  a.ret();
}

describe("a hand-assembled multiboot program", () => {
  test("runs on QEMU, before and after paging is on", (context) => {
    requireTool(context, "qemu-system-i386", "--version");
    const a = createAssembler();
    program(a);
    const image = linkImage({
      name: "test",
      program: null,
      stubs: a.finish(),
      textBase: 0xb010_0000,
      dataBase: 0xb020_0000,
      limit: 0xb040_0000,
      loadOffset,
      entry: "start",
      siteTable: false,
      blobs: [],
    });
    const folder = mkdtempSync(join(tmpdir(), "mercury-"));
    try {
      const file = join(folder, "image.elf");
      writeFileSync(file, writeElf(image));
      const { stdout, status } = spawnSync(
        "qemu-system-i386",
        ["-kernel", file, "-serial", "stdio", "-display", "none", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4"],
        { encoding: "utf8", timeout: 60_000, input: "" },
      );
      expect(stdout).toBe("physical\nlinear\n");
      expect(status).toBe((21 << 1) | 1); // QEMU's isa-debug-exit: (value << 1) | 1
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
