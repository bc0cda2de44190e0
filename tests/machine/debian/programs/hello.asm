; Writes a greeting by the system calls of Linux for i386.
section .text
global _start
_start:
        mov     eax, 4
        mov     ebx, 1
        mov     ecx, text
        mov     edx, length
        int     0x80
        mov     eax, 1
        xor     ebx, ebx
        int     0x80
section .data
text:   db      "hello from an assembler", 10
length  equ     $ - text
