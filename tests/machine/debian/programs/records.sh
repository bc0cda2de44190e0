# Data: a database in memory and on the disk, and programs that parse and print.
cd /work
sqlite3 base <<'S'
PRAGMA journal_mode = WAL;
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, born INTEGER, height REAL);
CREATE TABLE visit (person INTEGER REFERENCES person, day INTEGER, minutes INTEGER);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
  INSERT INTO person SELECT i, printf('person %05d', (i * 7919) % 4001), 1930 + i * 31 % 90, 1.4 + (i * 17 % 600) / 1000.0 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
  INSERT INTO visit SELECT i * 13 % 4000 + 1, i % 365, i * 101 % 240 FROM n;
CREATE INDEX by_day ON visit (day, person);
BEGIN; UPDATE person SET height = height * 1.01 WHERE born < 1950; DELETE FROM visit WHERE minutes < 3; COMMIT;
SELECT count(*), sum(minutes), avg(minutes), max(day) FROM visit;
SELECT p.name, count(*) AS n, sum(v.minutes) FROM person p JOIN visit v ON v.person = p.id GROUP BY p.id ORDER BY n DESC, p.name LIMIT 5;
SELECT born / 10, round(avg(height), 9), total(height) FROM person GROUP BY 1 ORDER BY 1;
SELECT day, rank() OVER (ORDER BY sum(minutes) DESC) AS r FROM visit GROUP BY day ORDER BY r, day LIMIT 4;
SELECT json_group_array(json_object('n', name, 'h', height)) FROM (SELECT * FROM person ORDER BY name LIMIT 3);
BEGIN; DELETE FROM person; ROLLBACK;
VACUUM;
PRAGMA integrity_check;
S
sqlite3 base .dump | md5sum
sync
sqlite3 base 'SELECT group_concat(name) FROM (SELECT name FROM person ORDER BY height DESC, id LIMIT 4)'
echo "perl"
perl -MJSON::PP -e '
  my %tree = map { my $n = $_; ("key $n" => [map { { id => $_ * $n, text => "\x{e9}" x ($_ % 5) } } 1 .. 8]) } 1 .. 60;
  my $json = JSON::PP->new->canonical->utf8;
  my $text = $json->encode(\%tree);
  print length $text, " ", $json->encode($json->decode($text)) eq $text ? "same" : "different", "\n";
  my ($words, %seen) = (0);
  while ($text =~ /"([a-z]+) ?(\d*)"/g) { $seen{$1}++; $words++ }
  print "$words ", join(",", map { "$_=$seen{$_}" } sort keys %seen), "\n";'
echo "python"
PYTHONHASHSEED=0 python3.11 - <<'P'
import ast, csv, io, json, re, sqlite3, subprocess, sys, threading, zlib
rows = list(sqlite3.connect("base").execute("SELECT * FROM person ORDER BY id"))
text = io.StringIO()
csv.writer(text).writerows(rows)
print(len(rows), zlib.crc32(text.getvalue().encode()), zlib.adler32(json.dumps(rows).encode()))
packed = zlib.compress(text.getvalue().encode(), 9)
print(len(packed), zlib.decompress(packed).decode() == text.getvalue())
print(len(re.findall(r"person 0(\d)\1", text.getvalue())))
source = open("/usr/lib/python3.11/argparse.py").read()
print(len(list(ast.walk(ast.parse(source)))), hash(ast.dump(ast.parse("f(x) + 1"))) != 0)
total, lock = [0], threading.Lock()
def work(n):
    for i in range(2000):
        with lock: total[0] += i % n
threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 9)]
for t in threads: t.start()
for t in threads: t.join()
print(total[0])
print(subprocess.run(["sh", "-c", "seq 1 100 | paste -sd+ | bc"], capture_output=True, text=True).stdout.strip())
try: [][1]
except IndexError as error: print(type(error).__name__, error)
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
print(deep(900), sys.maxsize)
P
echo "processes"
for n in $(seq 1 60); do (echo $((n * n)) > out.$n) & done; wait; cat out.* | sort -n | md5sum
seq 1 3000 | m4 -s | md5sum
(trap 'echo caught' USR1; kill -USR1 $BASHPID; echo on)
mkfifo pipe && (seq 1 5000 > pipe &) && md5sum < pipe
