# SPDX-License-Identifier: GPL-2.0-only
# fish completion for connectx-adapterctl. Names come from the program itself.

function __connectx_adapterctl_words
    # the command and its arguments, options left out
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word --socket --list --count --skip --period-ms \
                --threshold --port --from --limit
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# The words typed so far number $argv[1]; the first are those that follow
function __connectx_adapterctl_at
    set -l words (__connectx_adapterctl_words)
    test (count $words) = $argv[1]; or return 1
    for i in (seq 2 (count $argv))
        contains -- $words[(math $i - 1)] (string split , $argv[$i])
        or return 1
    end
end

function __connectx_adapterctl_list
    connectx-adapterctl --list $argv[1] 2>/dev/null
end

set -l ctl complete -c connectx-adapterctl
set -l ports link,flap,speed,mac,module,cable,statistics

$ctl -f
$ctl -l socket -r -F -d 'control socket of the adapter'
$ctl -l json -d 'print answers as they come'
$ctl -l list -x -a 'commands data-faults opcodes statuses' -d 'names for completion'
$ctl -l help -d 'how it is used'
$ctl -l version -d 'which one it is'
$ctl -n '__connectx_adapterctl_at 0' -a '(__connectx_adapterctl_list commands | string replace -r " .*" "" | sort -u)'
$ctl -n "__connectx_adapterctl_at 1 $ports" -a '1 2'
$ctl -n '__connectx_adapterctl_at 1 fault' -a 'command data'
$ctl -n '__connectx_adapterctl_at 1 queues' -a 'eq cq qp'
$ctl -n '__connectx_adapterctl_at 1 events' -a 'link reset commands'
$ctl -n '__connectx_adapterctl_at 2 link' -a 'up down'
$ctl -n '__connectx_adapterctl_at 2 module' -a 'in out'
$ctl -n '__connectx_adapterctl_at 2 cable' -a 'bad unsupported'
$ctl -n '__connectx_adapterctl_at 2 speed' -a '1000 10000 40000 56000'
$ctl -n '__connectx_adapterctl_at 2 fault data' -a '(__connectx_adapterctl_list data-faults)'
$ctl -n '__connectx_adapterctl_at 2 fault command' -a '(__connectx_adapterctl_list opcodes) "*"'
$ctl -n '__connectx_adapterctl_at 3 fault command' -a 'status slow never stuck garbage'
$ctl -n '__fish_seen_subcommand_from flap fault' -l count -x -a always -d 'strikes'
$ctl -n '__fish_seen_subcommand_from fault' -l skip -x -d 'commands that pass before'
$ctl -n '__fish_seen_subcommand_from flap' -l period-ms -x -d 'of one flap'
$ctl -n '__fish_seen_subcommand_from temperature' -l threshold -x -d 'degrees Celsius'
$ctl -n '__fish_seen_subcommand_from training-ms' -l port -x -a '1 2' -d 'one port only'
$ctl -n '__fish_seen_subcommand_from queues' -l from -x -d 'number to begin with'
$ctl -n '__fish_seen_subcommand_from queues' -l limit -x -d 'how many'
$ctl -n '__fish_seen_subcommand_from statistics' -l reset -d 'clear the counters afterwards'
