# Three disks: sda for reading and writing, vda through an overlay, vdb read-only.
for disk in sda vda vdb; do
  while [ ! -b /dev/$disk ]; do sleep 1; done
  echo "$disk $(cat /sys/block/$disk/size) ro $(cat /sys/block/$disk/ro)"
done
for disk in sda vda; do
  mount -t ext4 /dev/$disk /mnt || echo "cannot mount $disk"
  cat /mnt/greeting
  seq 1 60000 > /mnt/numbers
  mkdir /mnt/many
  for n in $(seq 1 150); do echo "file $n on $disk" > /mnt/many/$n; done
  rm /mnt/greeting
  sync
  md5sum /mnt/numbers
  umount /mnt
  mount -t ext4 /dev/$disk /mnt
  md5sum /mnt/numbers
  cat /mnt/many/* | md5sum
  umount /mnt
done
mount -t ext4 -o ro /dev/vdb /mnt && cat /mnt/greeting && umount /mnt
dd if=/dev/zero of=/dev/vdb bs=512 count=1 2>/dev/null || echo "vdb refuses"
md5sum < /dev/vdb
dd if=/dev/sda bs=64k iflag=direct 2>/dev/null | wc -c
