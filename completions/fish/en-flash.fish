# SPDX-License-Identifier: GPL-2.0-only
# fish completion for en-flash

# Whether the first word is one of the arguments
function __en_flash_command
    set -l words (commandline -opc)
    contains -- "$words[2]" $argv
end

# The cards in this machine
function __en_flash_cards
    for vendor in /sys/bus/pci/devices/*/vendor
        if test (cat $vendor) = 0x15b3
            basename (dirname $vendor)
        end
    end
end

set -l add complete -c en-flash

$add -n 'test (count (commandline -opc)) = 1' -f -a query -d 'what is in the flash'
$add -n 'test (count (commandline -opc)) = 1' -f -a verify -d 'check every checksum in it'
$add -n 'test (count (commandline -opc)) = 1' -f -a brom -d 'burn an expansion ROM'
$add -n 'test (count (commandline -opc)) = 1' -f -a rrom -d 'read the expansion ROM into a file'
$add -n 'test (count (commandline -opc)) = 1' -f -a drom -d 'delete the expansion ROM'
$add -n 'test (count (commandline -opc)) = 1' -f -a backup -d 'read the whole image into a file'
$add -n 'test (count (commandline -opc)) = 1' -f -a restore -d 'burn what backup has read'

$add -s h -l help -f -d 'how it is used'
$add -l version -f -d 'which one it is'
$add -s d -l device -x -a '(__en_flash_cards)' -d 'the card'
$add -s i -l image -r -F -d 'a file instead of a card'
$add -l access -x -a 'bar0 config' -d 'the way to the registers'
$add -l clear-semaphore -f -d 'take the flash from a program that was killed'

$add -n '__en_flash_command query' -l json -f -d 'print as JSON'
$add -n '__en_flash_command rrom backup' -l force -f -d 'overwrite the file'
