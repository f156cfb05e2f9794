# SPDX-License-Identifier: GPL-2.0-only
# bash completion for connectx-adapterctl. Names come from the program itself.

_connectx_adapterctl()
{
	local current=${COMP_WORDS[COMP_CWORD]}
	local previous=${COMP_WORDS[COMP_CWORD - 1]}
	local program=${COMP_WORDS[0]}
	local words=() place=0 i

	COMPREPLY=()
	# the command and its arguments, options left out
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--socket | --list | --count | --skip | --period-ms | \
			--threshold | --port | --from | --limit)
			((i++))
			;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	place=${#words[@]}

	local list=""
	case $previous in
	--socket)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	--list) list="commands data-faults opcodes statuses" ;;
	--count) list="always" ;;
	--port) list="1 2" ;;
	--skip | --period-ms | --threshold | --from | --limit) return ;;
	*)
		if [[ $current == -* ]]; then
			list=$(_connectx_adapterctl_options "${words[@]}")
		else
			list=$(_connectx_adapterctl_words "$program" "$place" \
				"${words[@]}")
		fi
		;;
	esac
	# a lone * is a word here, not the files of the folder
	local noglob
	noglob=$(shopt -po noglob)
	set -f
	mapfile -t COMPREPLY < <(compgen -W "$list" -- "$current")
	eval "$noglob"
}

_connectx_adapterctl_options()
{
	case "$1 $2" in
	" ") echo "--socket --json --list --help --version" ;;
	"flap "*) echo "--count --period-ms --json" ;;
	"statistics "*) echo "--reset --json" ;;
	"fault command") echo "--count --skip --json" ;;
	"fault data") echo "--count --json" ;;
	"temperature "*) echo "--threshold --json" ;;
	"training-ms "*) echo "--port --json" ;;
	"queues "*) echo "--from --limit --json" ;;
	*) echo "--json" ;;
	esac
}

# PROGRAM, how many words stand before, those words
_connectx_adapterctl_words()
{
	local program=$1 place=$2
	shift 2
	case "$place $1" in
	0*) "$program" --list commands | cut -d ' ' -f 1 | sort -u ;;
	"1 fault") echo "command data" ;;
	"1 queues") echo "eq cq qp" ;;
	"1 link" | "1 flap" | "1 speed" | "1 mac" | "1 module" | "1 cable" | \
		"1 statistics") echo "1 2" ;;
	"2 link") echo "up down" ;;
	"2 module") echo "in out" ;;
	"2 cable") echo "bad unsupported" ;;
	"2 speed") echo "1000 10000 40000 56000" ;;
	"2 fault")
		if [[ $2 == data ]]; then
			"$program" --list data-faults
		else
			"$program" --list opcodes
			echo "*"
		fi
		;;
	"3 fault")
		if [[ $2 == command ]]; then
			echo "status slow never stuck garbage"
		fi
		;;
	"4 fault")
		if [[ $4 == status ]]; then
			"$program" --list statuses
		fi
		;;
	[1-3]" events") echo "link reset commands" ;;
	esac
}

complete -F _connectx_adapterctl connectx-adapterctl
