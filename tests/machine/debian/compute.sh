# Prints what must be the same on every machine.
uname -sm
seq 1 3000 | md5sum
seq 1 20000 | sort -r | gzip -9 | gunzip | sha1sum
seq 1 4000 | awk '{ s += $1 / 3.7 } END { printf "%.15g\n", s }'
echo '2 200 ^ 3 * 7 / p' | dc
dd if=/dev/zero bs=1k count=512 2>/dev/null | tr '\000' 'x' | sha256sum
(for n in 1 2 3 4 5; do (exit $n) || echo "child $?"; done)
cat /proc/sys/kernel/osrelease
for n in $(seq 1 40); do echo $n > /tmp/f$n; done; cat /tmp/f* | sort -n | tail -n 2; ls /tmp | wc -l
