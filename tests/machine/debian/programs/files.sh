# Files: sorting, digests, compression there and back, encryption, differences.
cd /tmp
gawk 'BEGIN { srand(3); for (i = 0; i < 20000; i++) printf "%08x %d line %d of many\n", rand() * 4294967295, i % 977, i }' > text
head -c 250000 /dev/zero | openssl enc -aes-128-ctr -K 000102030405060708090a0b0c0d0e0f -iv 00000000000000000000000000000000 > noise
wc text noise
echo "digests"
for sum in md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum; do $sum text noise; done
for digest in md5 sha1 sha256 sha512 sha3-256 blake2s256 ripemd160 sm3; do openssl dgst -$digest -r noise; done
echo "order"
sort text | md5sum
sort -k2,2n -k1,1r text | md5sum
sort -u -k2,2n text | wc -l
shuf --random-source=noise -n 9000 text | md5sum
cut -d ' ' -f 2 text | sort -n | uniq -c | sort -rn | head -n 5
tac text | tr a-f A-F | fold -w 60 | nl | md5sum
join -1 2 -2 2 <(sort -k2,2 text | head -n 400) <(sort -k2,2 text | head -n 30) | md5sum
comm -12 <(head -n 2000 text | sort) <(tail -n 18500 text | sort) | md5sum
split -l 3000 text part. && cat part.* | cmp - text && factor 1000000007 600851475143 18446744073709551557
echo "compression"
for tool in "gzip -n -9" "gzip -n -1" "bzip2 -9" "xz -6 -T1" "xz -9e -T1" "zstd -q -12 --single-thread"; do
  for file in text noise; do
    $tool -c < $file > packed
    md5sum < packed
    case $tool in gzip*) unpack="gzip -dc" ;; bzip2*) unpack="bzip2 -dc" ;; zstd*) unpack="zstd -dcq" ;; *) unpack="xz -dc" ;; esac
    $unpack < packed | cmp - $file && echo "$tool $file: back again"
  done
done
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - part.* | tee archive | md5sum
tar -tvf archive --full-time | head -n 3
echo "encryption"
key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
for cipher in aes-256-cbc aes-256-ofb camellia-256-cbc chacha20 aria-256-ctr; do
  openssl enc -$cipher -K $key -iv 000102030405060708090a0b0c0d0e0f < text > sealed
  md5sum < sealed
  openssl enc -d -$cipher -K $key -iv 000102030405060708090a0b0c0d0e0f < sealed | cmp - text && echo "$cipher: back again"
done
openssl pkey -in /sessions/rsa.pem -noout -text | md5sum
openssl dgst -sha256 -sign /sessions/rsa.pem noise | tee signature | md5sum
openssl pkey -in /sessions/rsa.pem -pubout > public
openssl dgst -sha256 -verify public -signature signature noise
openssl kdf -keylen 24 -kdfopt digest:SHA256 -kdfopt pass:password -kdfopt salt:salt -kdfopt iter:3000 PBKDF2
echo "differences"
sed -e 's/line 1/LINE 1/' -e '500,600d' text > other
diff -u --label a --label b text other > patch
md5sum < patch
patch -s -o patched text patch && cmp patched other && echo "patched"
grep -c 'line 1[0-9]*7 ' text
grep -E '^[0-9a-f]*(dead|beef)' text | md5sum
find /tmp -name 'part.*' | xargs cat | sed -n 's/.*line \([0-9]*\)5 of.*/\1/p' | md5sum
