/*
 * Runs privileged cases on any PC that boots multiboot kernels, and writes what each did to port 0xE9, one line of hex words.
 *
 * The multiboot module is: 'PRIV', number of cases, the world (64 KB), cases of 256 bytes (encode.ts). For each case the
 * world is copied to WORLD, the case's words are stored into it, tables and segment registers are loaded, and IRET enters the
 * case's ring. Every vector leads back here. A double fault comes through a task gate, so that broken stacks do no harm.
 */
#define WORLD 0x210000
#define GDT (WORLD + 0x0000)
#define IDT (WORLD + 0x1000)
#define TSS (WORLD + 0x2000)
#define DIRECTORY (WORLD + 0x3000)
#define CODE (WORLD + 0x7000)
#define MODULE 0x400000
#define STACK 0x120000

#define DATA0 0x10
#define MAIN_TSS 0x38
#define LDT 0x48

  .section .header, "a"
  .align 4
  .long 0x1badb002, 0, -0x1badb002

/* Vector stubs, 16 bytes each, at 0x101000: cases.ts points the IDT at them. */
  .section .stubs, "ax"
  .set vector, 0
  .rept 256
  .balign 16
  pushl $vector
  jmp caught
  .set vector, vector + 1
  .endr

/* The task of a double fault starts at 0x102000. */
  .section .task, "ax"
double_fault:
  xorl %eax, %eax
  movl %eax, %dr7
  cld
  popl error
  movl $8, number
  movl TSS + 0x20, %eax
  movl %eax, eip
  movl TSS + 0x4c, %eax
  movl %eax, cs
  movl TSS + 0x24, %eax
  movl %eax, flags
  movl TSS + 0x38, %eax
  movl %eax, esp
  movl TSS + 0x50, %eax
  movl %eax, ss
  movl TSS + 0x54, %eax
  movl %eax, ds
  movl TSS + 0x48, %eax
  movl %eax, es
  movl TSS + 0x58, %eax
  movl %eax, fs
  movl TSS + 0x28, %eax
  movl %eax, eax
  movl TSS + 0x2c, %eax
  movl %eax, ecx
  movl TSS + 0x30, %eax
  movl %eax, edx
  movl TSS + 0x34, %eax
  movl %eax, ebx
  jmp report

  .text
/* On the stack: vector, error code if there is one, EIP, CS, EFLAGS, and from an outer ring ESP, SS. */
caught:
  pushl %eax
  xorl %eax, %eax
  movl %eax, %dr7
  movl %ds, %eax
  pushl %eax
  movl %es, %eax
  pushl %eax
  movl $DATA0, %eax
  movl %eax, %ds
  movl %eax, %es
  cld
  popl es
  popl ds
  popl eax
  movl %ecx, ecx
  movl %edx, edx
  movl %ebx, ebx
  movl %fs, %eax
  movl %eax, fs
  popl %ecx
  movl %ecx, number
  movl $0, error
  /* Vectors 8, 10 to 14 and 17 push an error code. */
  cmpl $32, %ecx
  jae 1f
  btl %ecx, with_error
  jnc 1f
  popl error
1:
  popl eip
  popl cs
  popl flags
  movl %esp, esp
  movl %ss, %eax
  movl %eax, ss
  testl $3, cs
  jz report
  popl esp
  popl ss

report:
  movl $DATA0, %eax
  movl %eax, %ss
  movl $STACK, %esp
  xorl %eax, %eax
  movl %eax, %fs
  movl %eax, %gs
  movl %cr2, %eax
  movl %eax, cr2
  /* A case may have taken pages of the world away. */
  movl %cr0, %eax
  andl $0x7fffffff, %eax
  movl %eax, %cr0
  call checksum
  movl %eax, sum
  movl %dr6, %eax
  movl %eax, dr6
  movl $0xffff0ff0, %eax
  movl %eax, %dr6
  movl $number, %esi
  movl $17, %edi
2:
  lodsl
  call print
  decl %edi
  jnz 2b
  movb $10, %al
  outb %al, $0xe9
  incl current
  jmp next

/* EAX = a sum over the world, in which every bit counts. */
checksum:
  movl $WORLD, %esi
  movl $0x4000, %ecx
  xorl %eax, %eax
3:
  roll $5, %eax
  addl (%esi), %eax
  addl $4, %esi
  decl %ecx
  jnz 3b
  ret

/* Eight hex digits of EAX, and a blank. */
print:
  movl %eax, %ebx
  movl $8, %ecx
4:
  roll $4, %ebx
  movl %ebx, %eax
  andl $15, %eax
  movb digits(%eax), %al
  outb %al, $0xe9
  decl %ecx
  jnz 4b
  movb $32, %al
  outb %al, $0xe9
  ret

  .global _start
_start:
  cli
  cld
  movl $STACK, %esp
  movb $0xff, %al
  outb %al, $0x21
  outb %al, $0xa1
  /* The first module of the list at offset 24 of the boot information. */
  movl 24(%ebx), %edx
  movl 0(%edx), %esi
  movl 4(%edx), %ecx
  subl %esi, %ecx
  addl $3, %ecx
  shrl $2, %ecx
  movl $MODULE, %edi
  /* Backwards when the regions overlap upwards. */
  cmpl %edi, %esi
  jae 5f
  std
  leal -4(%esi, %ecx, 4), %esi
  leal -4(%edi, %ecx, 4), %edi
5:
  rep movsl
  cld
  movl $0, current
  xorl %eax, %eax
  movl %eax, %fs
  movl %eax, %gs

next:
  /* After a task switch NT is set, and IRET would go back to the other task. */
  pushl $2
  popfl
  movl current, %eax
  cmpl MODULE + 4, %eax
  jae finish
  shll $8, %eax
  movl %eax, %ebp
  addl $(MODULE + 8 + 0x10000), %ebp
  /* Paging is off while the tables are replaced. */
  movl %cr0, %eax
  andl $0x7fffffff, %eax
  movl %eax, %cr0
  movl $(MODULE + 8), %esi
  movl $WORLD, %edi
  movl $0x4000, %ecx
  rep movsl
  leal 152(%ebp), %esi
  movl $CODE, %edi
  movl $16, %ecx
  rep movsl
  movl 36(%ebp), %ecx
  leal 40(%ebp), %esi
  jecxz 7f
6:
  movl (%esi), %edi
  movl 4(%esi), %eax
  movl %eax, (%edi)
  addl $8, %esi
  decl %ecx
  jnz 6b
7:
  lgdt gdt_pointer
  lidt idt_pointer
  ljmp $8, $8f
8:
  movl $DATA0, %eax
  movl %eax, %ds
  movl %eax, %es
  movl %eax, %ss
  xorl %eax, %eax
  movl %eax, %cr2
  movl $0xc0000080, %ecx
  movl 224(%ebp), %eax
  xorl %edx, %edx
  wrmsr
  movl 216(%ebp), %eax
  movl %eax, %cr4
  movl 220(%ebp), %eax
  movl %eax, %cr3
  movl $MAIN_TSS, %eax
  ltr %ax
  movl $LDT, %eax
  lldt %ax
  movl 0(%ebp), %eax
  movl %eax, %cr0
  movl 228(%ebp), %eax
  movl %eax, %dr0
  movl 232(%ebp), %eax
  movl %eax, %dr1
  /* The frame: only outer rings have SS:ESP in it. */
  movl 4(%ebp), %ebx
  movl stacks(, %ebx, 4), %edx
  testl %ebx, %ebx
  jz 9f
  pushl datas(, %ebx, 4)
  pushl %edx
  jmp 10f
9:
  movl %edx, %esp
10:
  pushl 8(%ebp)
  pushl codes(, %ebx, 4)
  pushl $CODE
  movl 28(%ebp), %eax
  movl 32(%ebp), %ebx
  movl %ebx, %es
  movl 20(%ebp), %edx
  movl 24(%ebp), %ebx
  movl 16(%ebp), %ecx
  movl 12(%ebp), %esi
  movl %eax, %ds
  movl %esi, %eax
  movl $0, %esi
  movl 240(%ebp), %edi
  /* Nothing but IRET after the breakpoints are set, so that only the case meets them. */
  pushl %eax
  movl 236(%ebp), %eax
  movl %eax, %dr7
  popl %eax
  movl $0, %ebp
  iretl

finish:
  movl $message, %esi
11:
  lodsb
  testb %al, %al
  jz 12f
  outb %al, $0xe9
  jmp 11b
12:
  /* Bochs and QEMU switch the power off after this word at port 0x8900; isa-debug-exit ends at port 0xF4. */
  movl $shutdown, %esi
  movw $0x8900, %dx
13:
  lodsb
  testb %al, %al
  jz 14f
  outb %al, %dx
  jmp 13b
14:
  xorl %eax, %eax
  outb %al, $0xf4
  hlt
  jmp 14b

  .data
  .align 4
current: .long 0
with_error: .long 0x27d00
number: .long 0
error: .long 0
eip: .long 0
cs: .long 0
flags: .long 0
esp: .long 0
ss: .long 0
ds: .long 0
es: .long 0
fs: .long 0
eax: .long 0
ecx: .long 0
edx: .long 0
ebx: .long 0
cr2: .long 0
sum: .long 0
dr6: .long 0
stub: .long 0
stacks: .long WORLD + 0x9000, WORLD + 0xa000, 0, WORLD + 0xb000
datas: .long 0x10, 0x21, 0, 0x33
codes: .long 0x08, 0x19, 0, 0x2b
gdt_pointer: .word 0xfff
  .long GDT
idt_pointer: .word 0x7ff
  .long IDT
digits: .ascii "0123456789abcdef"
message: .asciz "end\n"
shutdown: .asciz "Shutdown"
