# The tool chain: the preprocessor, the compiler proper, the assembler and the linker each make what they make elsewhere, and what they made runs.
cd /tmp
cp /sessions/program.c .
for level in -O0 -O2 -O3 -Os "-O2 -msse2 -mfpmath=sse" "-O2 -march=i386 -mtune=i386" "-O2 -fPIC" "-Og -g"; do
  gcc-12 $level -S -o program.s program.c && md5sum < program.s
  gcc-12 $level -c -o program.o program.c && objdump -d program.o | md5sum
  gcc-12 $level -no-pie -Wl,--build-id=sha1 -o program program.o -lm && md5sum < program
  ./program 1 2>&1
done
gcc-12 -O2 -static -o program program.c -lm && size program && ./program 2
readelf -hl program | md5sum
nm --defined-only program | cut -d ' ' -f 2- | sort | md5sum
strip program && ./program 3
echo "a library"
echo 'int square(int x) { return x * x; }' > square.c
echo '#include <stdio.h>
int square(int); int main(void) { for (int i = 0; i < 5; i++) printf("%d ", square(i)); puts(""); return 0; }' > main.c
gcc-12 -shared -fPIC -o libsquare.so square.c && gcc-12 -o main main.c -L. -lsquare -Wl,-rpath,/tmp && ./main
ar rcsD libsquare.a square.o 2>/dev/null || { gcc-12 -c square.c && ar rcsD libsquare.a square.o; }
gcc-12 -static -o main main.c libsquare.a && ./main
echo "make"
printf 'all: main\n\t./main\nmain: main.o square.o\n\tgcc-12 -o $@ $^\n%%.o: %%.c\n\tgcc-12 -c -o $@ $<\n' > Makefile
rm -f main ./*.o && make
make -q main && echo "nothing to do"
echo "an assembler alone"
nasm -f elf32 -o hello.o /sessions/hello.asm && ld -o hello hello.o && ./hello
echo "another compiler"
tcc -o program program.c -lm && ./program 4
tcc -lm -run program.c 5
echo "and what is wrong"
echo 'int main(void) { retrun 0; }' | gcc-12 -x c - 2>&1
