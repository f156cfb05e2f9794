# SPDX-License-Identifier: GPL-2.0-only
# fish completion for iscsi-root

# Whether the first word is one of the arguments
function __iscsi_root_command
    set -l words (commandline -opc)
    contains -- "$words[2]" $argv
end

set -l add complete -c iscsi-root

$add -f
$add -n 'test (count (commandline -opc)) = 1' -a check -d 'say what is wrong with a root-path'
$add -n 'test (count (commandline -opc)) = 1' -a dhcp -d 'print the entry of a host for the DHCP server'
$add -n 'test (count (commandline -opc)) = 1' -a target -d 'print the target for the iSCSI server'
$add -n 'test (count (commandline -opc)) = 1' -a install -d 'make a root disk'

$add -s h -l help -d 'how it is used'
$add -n 'not __iscsi_root_command install' -l version -d 'which one it is'
$add -n 'not __iscsi_root_command install' -l csv -r -F -d 'many hosts, a line each'
$add -n 'not __iscsi_root_command install' -s o -l output -r -F -d 'write there'

$add -n '__iscsi_root_command check' -l json -d 'print as JSON'
$add -n '__iscsi_root_command dhcp' -l host -x -d 'name of the host'
$add -n '__iscsi_root_command dhcp' -l mac -x -d 'MAC address of the adapter'
$add -n '__iscsi_root_command dhcp' -l address -x -d 'give it this address always'
$add -n '__iscsi_root_command dhcp' -l filename -x -d 'have it load this file'
$add -n '__iscsi_root_command dhcp' -l next-server -x -d 'TFTP server of the file'
$add -n '__iscsi_root_command dhcp' -l initiator -x -d 'iSCSI name of the host'
$add -n '__iscsi_root_command dhcp' -l server -x -a 'dhcpd kea dnsmasq' -d 'which DHCP server'
$add -n '__iscsi_root_command target' -l backing -r -F -d 'what holds the disk'
$add -n '__iscsi_root_command target' -l size -x -d 'make the file this large'
$add -n '__iscsi_root_command target' -l read-only -d 'nobody may write to it'
$add -n '__iscsi_root_command target' -l portal -x -d 'where to listen'
$add -n '__iscsi_root_command target' -l initiator -x -d 'only this initiator may log in'
$add -n '__iscsi_root_command target' -l chap -r -F -d 'file of the user and the secret'
$add -n '__iscsi_root_command target' -l server -x -a 'tgt lio ietd' -d 'which iSCSI server'

$add -n '__iscsi_root_command install' -F
$add -n '__iscsi_root_command install' -l from -x -a '(__fish_complete_directories)' -d 'copy this tree'
$add -n '__iscsi_root_command install' -l suite -x -d 'have mmdebstrap make a tree'
$add -n '__iscsi_root_command install' -l mirror -x -d 'where the packages come from'
$add -n '__iscsi_root_command install' -l include -x -d 'more packages'
$add -n '__iscsi_root_command install' -l size -x -d 'size of the disk'
$add -n '__iscsi_root_command install' -l label -x -d 'label of the file system'
$add -n '__iscsi_root_command install' -l uuid -x -d 'UUID of the file system'
$add -n '__iscsi_root_command install' -l initiator -x -d 'iSCSI name of the host'
$add -n '__iscsi_root_command install' -l kernel-out -r -F -d 'copy the kernel there'
$add -n '__iscsi_root_command install' -l initrd-out -r -F -d 'copy the new initrd there'
$add -n '__iscsi_root_command install' -l force -d 'also where the disk holds something'
$add -n '__iscsi_root_command install' -l dry-run -d 'print the plan, write nothing'
$add -n '__iscsi_root_command install' -l json -d 'print as JSON'
