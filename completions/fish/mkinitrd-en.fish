# SPDX-License-Identifier: GPL-2.0-only
# fish completion for mkinitrd-en

set -l verbs inspect verify diff

# Whether the first word is one of the arguments
function __mkinitrd_en_verb
    set -l words (commandline -opc)
    contains -- "$words[2]" $argv
end

set -l add complete -c mkinitrd-en
set -l none -n "not __mkinitrd_en_verb $verbs"

$add -n 'test (count (commandline -opc)) = 1' -a inspect -d 'show what is in an initrd'
$add -n 'test (count (commandline -opc)) = 1' -a verify -d 'say whether an initrd is sound'
$add -n 'test (count (commandline -opc)) = 1' -a diff -d 'compare what the kernel would see in two'

$add $none -l iscsi-target -x -d 'address of the target'
$add $none -l iscsi-iqn -x -d 'name of the target'
$add $none -l iscsi-lun -x -d 'LUN, hexadecimal'
$add $none -l iscsi-initiator -x -d 'name of this host'
$add $none -l iscsi-chap -r -F -d 'file of the user and the secret'
$add $none -l iscsi-login -x -a 'iscsi-root native' -d 'who logs in'
$add $none -l ibft -x -a 'use ignore' -d "whether the firmware's table counts"
$add $none -l ip -x -d 'address of the port'
$add $none -l port -x -a '1 2 any' -d 'port of the adapter'
$add $none -l mac -x -d 'port with this address'
$add $none -l vlan -x -d 'VLAN of the port'
$add $none -l mtu -x -d 'MTU of the port'
$add $none -l link-timeout -x -d 'seconds for the link to come'
$add $none -l modules -x -a '(__fish_complete_directories)' -d 'where the drivers are'
$add $none -l load -x -a 'wrapper native insmod' -d 'what loads the drivers'
$add $none -l driver -x -a 'dkms in-tree (__fish_complete_directories)' -d 'which drivers'
$add $none -l kernel -x -d 'version of the kernel'
$add $none -l module -x -d 'a further module'
$add $none -l initiator -x -a 'none (__fish_complete_directories)' -d 'root whose iscsistart is brought along'
$add $none -s o -l output -r -F -d 'write there'
$add $none -l no-backup -d 'keep no .orig'
$add $none -l overlay-only -r -F -d 'write what would be added there'
$add $none -l rebuild -d 'write one new archive'
$add $none -l compress -x -a 'gzip bzip2 lzma xz lzo lz4 zstd none' -d 'compressor of the new archive'
$add $none -l delete -x -d 'leave this path out'
$add $none -l remove -d 'take out what an earlier run added'
$add $none -l try -d 'put it into place only if it boots'
$add $none -l try-only -d 'boot it as it is, write nothing'
$add $none -l new -d 'make a small image from nothing'
$add $none -l nfs -x -d 'address:path of the root on an NFS server'
$add $none -l ramroot -d 'keep the root in memory'
$add $none -l busybox -r -F -d 'static shell of the new image'
$add $none -l dry-run -d 'print the plan only'
$add $none -l json -d 'print the plan as JSON'
$add $none -l version -d 'which one it is'
$add -s h -l help -d 'how it is used'

$add -n '__mkinitrd_en_verb inspect' -l files -d 'list every file'
$add -n '__mkinitrd_en_verb inspect' -l shadowed -d 'list what was written over'
$add -n '__mkinitrd_en_verb inspect' -l kernel -r -F -d 'the kernel that it is for'
$add -n '__mkinitrd_en_verb inspect' -l json -d 'print as JSON'
$add -n '__mkinitrd_en_verb verify' -l modules -x -a '(__fish_complete_directories)' -d 'the drivers must be those of'
$add -n '__mkinitrd_en_verb verify' -l kernel -r -F -d 'the kernel that it is for'
$add -n '__mkinitrd_en_verb verify' -l json -d 'print as JSON'
$add -n '__mkinitrd_en_verb diff' -l json -d 'print as JSON'
