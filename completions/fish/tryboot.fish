# SPDX-License-Identifier: GPL-2.0-only
# fish completion for tryboot

set -l add complete -c tryboot

$add -l kernel -r -F -d 'the kernel'
$add -l append -x -d "more words for the kernel's command line"
$add -l disk -r -F -d 'the root disk, of which a copy is used'
$add -l iscsi-target -x -d "the target's address"
$add -l iscsi-iqn -x -d "the target's name"
$add -l iscsi-lun -x -d 'LUN, hexadecimal'
$add -l iscsi-chap -r -F -d 'file of the user and the secret'
$add -l port -x -a '1 2' -d "the adapter's port with the network"
$add -l device-id -x -d "the adapter's PCI device id"
$add -l rom -r -F -d "the adapter's expansion ROM"
$add -l firmware -x -a 'bios uefi' -d "the machine's firmware"
$add -l memory -x -d "the machine's memory, MiB"
$add -l limit -x -d 'seconds that a boot may take'
$add -l without -x -a 'link dhcp target lun root' -d 'leave a part out'
$add -l report -r -F -d 'write a report, one HTML file'
$add -l pcap -r -F -d 'write what passed the port'
$add -l keep -x -a '(__fish_complete_directories)' -d 'leave all logs there'
$add -l name -x -d 'what the image is called'
$add -l json -d 'print the result as JSON'
$add -l lab -x -a '(__fish_complete_directories)' -d 'the programs of this lab'
$add -l version -d 'which one it is'
$add -s h -l help -d 'how it is used'
