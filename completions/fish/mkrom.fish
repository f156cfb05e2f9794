# SPDX-License-Identifier: GPL-2.0-only
# fish completion for mkrom

# Whether the first word is one of the arguments
function __mkrom_verb
    set -l words (commandline -opc)
    contains -- "$words[2]" $argv
end

set -l add complete -c mkrom

$add -n 'test (count (commandline -opc)) = 1' -f -a build -d 'make a ROM'
$add -n 'test (count (commandline -opc)) = 1' -f -a set -d 'change its settings'
$add -n 'test (count (commandline -opc)) = 1' -f -a inspect -d 'show what it holds'

$add -s h -l help -d 'how it is used'
$add -l version -d 'which one it is'

$add -n '__mkrom_verb build' -l device -x -d 'PCI device id'
$add -n '__mkrom_verb build' -l bios -r -F -d 'ipxe.lkrn'
$add -n '__mkrom_verb build' -l uefi -r -F -d 'ipxe-amd64.efi'
$add -n '__mkrom_verb build set' -s o -l output -r -F -d 'write there'
$add -n '__mkrom_verb build set' -l banner -x -d 'what it calls itself'
$add -n '__mkrom_verb build set' -l timeout -x -d 'seconds to wait for Ctrl-B'
$add -n '__mkrom_verb build set' -l vlan -x -d 'the VLAN to boot on'
$add -n '__mkrom_verb build set' -l script -r -F -d 'iPXE script that boots'
$add -n '__mkrom_verb build set' -l initrd-overlay -r -F -d 'comes behind the initrd'
$add -n '__mkrom_verb inspect' -l json -d 'print as JSON'
