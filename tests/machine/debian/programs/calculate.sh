# Numbers: long ones, binary floating point in every language that is there, and checksums of all of it.
echo "pi and e"
echo "scale=600; 4*a(1); e(1)" | bc -l | md5sum
echo "powers"
echo "2^9689-1" | bc | tail -c 50
echo "60k 2vp 3v+p" | dc
echo "awk"
gawk 'BEGIN { for (x = 0.1; x < 40; x += 0.37) printf "%.17g %.17g %.17g %.17g %.17g %a\n", sin(x), cos(x), exp(x / 3), log(x), sqrt(x), x ^ 2.5 }' | md5sum
gawk 'BEGIN { srand(7); for (i = 0; i < 20000; i++) s += rand() * i % 17; printf "%.15g\n", s }'
gawk -M 'BEGIN { PREC = 400; printf "%.100g\n", 2 ^ 0.5 / 3 }'
echo "perl"
perl -e 'for my $i (1 .. 3000) { my $x = $i / 7; printf "%.17g %.17g %.17g %.17g %.17g\n", sin $x, cos $x, exp($x / 50), log $x, atan2($x, 3) }' | md5sum
perl -e 'my ($s, $n) = (0, 0); for (my $i = 1; $i < 300000; $i++) { $s = ($s * 69069 + $i) & 0xffffffff; $n++ if $s % 97 == 3 } print "$s $n\n"'
perl -MMath::BigInt -e 'my $f = Math::BigInt->new(150); print $f->bfac(), "\n"'
echo "python"
python3.11 - <<'P'
import decimal, fractions, hashlib, math, random, struct
h = hashlib.sha256()
for i in range(1, 4000):
    x = i / 13
    for f in (math.sin, math.cos, math.tan, math.atan, math.sqrt, math.log, math.log2, math.log1p, math.cbrt, math.gamma if x < 150 else math.lgamma, math.erf):
        h.update(struct.pack("<d", f(x)))
    h.update(struct.pack("<ddd", math.exp(x / 100), math.pow(x, 1.7), math.fmod(x * 1e9, 3.3)))
print(h.hexdigest())
random.seed(11)
print(sum(random.random() for _ in range(50000)), random.getrandbits(100), random.gauss(0, 1))
print(pow(3, 10007, 2**521 - 1) % 10**40, math.comb(400, 200) % 10**30)
decimal.getcontext().prec = 300
print(decimal.Decimal(2).sqrt().ln())
print(sum(fractions.Fraction(1, n) for n in range(1, 200)))
print(struct.pack("<feddhq", 1.1, 0.5, 5e-324, 1e308 * 10, -3, -5).hex())
print(repr(0.1 + 0.2), repr(1e22 + 1), float.hex(2 / 3), round(2.675, 2), 5e-324 / 2, 1e-310 * 3)
P
echo "lua"
lua5.4 -e 'local s = 0; for i = 1, 200000 do s = s + (i % 7) / 3 - (i // 5) * 0.25; end; print(string.format("%.14g %d %a", s, 7 // -2, 1/3), math.ult(1, -1), 3 | 8 ~ 5, 2^53 == 2^53 + 1)'
echo "guile"
guile-3.0 --no-auto-compile -c '(define (fact n) (if (= n 0) 1 (* n (fact (- n 1))))) (display (modulo (fact 300) (expt 10 40))) (newline) (display (exact->inexact (/ (fact 20) (fact 17)))) (newline) (let loop ((i 0) (s 0.)) (if (< i 20000) (loop (+ i 1) (+ s (sqrt i))) (begin (display s) (newline))))'
