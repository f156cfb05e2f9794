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

$add -s h -l help -d 'how it is used'
$add -l version -d 'which one it is'

$add -n '__iscsi_root_command check' -l json -d 'print as JSON'
$add -n '__iscsi_root_command dhcp' -l host -x -d 'name of the host'
$add -n '__iscsi_root_command dhcp' -l mac -x -d 'MAC address of the adapter'
$add -n '__iscsi_root_command dhcp' -l address -x -d 'give it this address always'
$add -n '__iscsi_root_command dhcp' -l server -x -a dhcpd -d 'which DHCP server'
$add -n '__iscsi_root_command target' -l backing -r -F -d 'what holds the disk'
$add -n '__iscsi_root_command target' -l server -x -a tgt -d 'which iSCSI server'
