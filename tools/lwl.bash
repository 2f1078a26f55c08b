# Completion of lwl and lwl-relay for bash: commands, options, schemas, and what a schema has.

# What the schema $1 has, with the folders of -I on the line.
_lwl_types() {
	local include=() i
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-I) include+=(-I "${COMP_WORDS[i + 1]}") ;;
		-I?*) include+=("${COMP_WORDS[i]}") ;;
		esac
	done
	lwl types "${include[@]}" -- "$1" 2>/dev/null | cut -d ' ' -f 1
}

_lwl_schemas() {
	local file
	compopt -o filenames 2>/dev/null
	while IFS= read -r file; do
		case $file in
		*.lwl | *.lwlb) COMPREPLY+=("$file") ;;
		*) [ -d "$file" ] && COMPREPLY+=("$file") ;;
		esac
	done < <(compgen -f -- "$1")
}

# Commands, or interfaces, of the schema that --schema names, or of that of the library in $1.
_lwl_names() {
	local schema='' i
	for ((i = 2; i < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i]}" = --schema ] && [ "${COMP_WORDS[i + 1]}" = = ] && schema=${COMP_WORDS[i + 2]}
	done
	if [ -z "$schema" ] && [[ $1 != *.* ]]; then
		for i in "$1"*.lwl; do
			[ -e "$i" ] && COMPREPLY+=("${i%.lwl}.")
		done
		compopt -o nospace 2>/dev/null
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$(_lwl_types "${schema:-${1%%.*}.lwl}" | sed "$2" | sort -u)" -- "$1")
}

# The word at hand as (part of) an address: bash takes : as a word of its own.
_lwl_address() {
	if [ "$current" = : ] || [ "$previous" = : ]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "${current#:}")
	else
		compopt -o nospace 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
	fi
}

# Set `operands` to what stands before the cursor and is no option.
_lwl_operands() {
	local i
	operands=()
	for ((i = $1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-I) ((i += 1)) ;;
		--*) [ "${COMP_WORDS[i + 1]}" = = ] && ((i += 2)) ;;
		:) ((i += 1)) ;;
		-?*) ;;
		*) operands+=("${COMP_WORDS[i]}") ;;
		esac
	done
	# Behind a colon the word at hand is still the address.
	if [ ${#operands[@]} -gt 0 ] && { [ "$current" = : ] || [ "$previous" = : ]; }; then
		unset 'operands[-1]'
	fi
}

_lwl() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} options operands=()
	COMPREPLY=()

	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W 'decode encode dump types call serve trace --help --usage --version' \
			-- "$current")
		return
	fi
	case $command in
	decode) options='--hex --compact --pretty --include=' ;;
	encode) options='--hex --linkid= --msgid= --include=' ;;
	dump) options='--hex --interface= --brief --color= --include=' ;;
	types) options='--include=' ;;
	call) options='--schema= --include= --timeout= --compact --pretty' ;;
	serve) options='--schema= --include= --answer= --fail= --delay= --once' ;;
	trace) options='--schema= --include= --hex --color= --once' ;;
	*) return ;;
	esac
	# An option's value is behind `=', which bash makes a word of its own.
	if [ "$current" = = ]; then
		current=
	elif [ "$previous" = = ]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $previous in
	--color)
		mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current")
		return ;;
	--schema)
		_lwl_schemas "$current"
		return ;;
	-I | --include)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		return ;;
	--linkid | --msgid | --interface | --timeout | --answer | --fail | --delay)
		return ;;
	esac
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options --help --usage --version" -- "$current")
		[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
		return
	fi
	_lwl_operands 2
	case $command:${#operands[@]} in
	decode:0 | encode:0 | dump:0 | types:0)
		_lwl_schemas "$current" ;;
	decode:1 | encode:1)
		mapfile -t COMPREPLY < <(compgen -W "$(_lwl_types "${operands[0]}")" -- "$current") ;;
	call:0)
		_lwl_address 'unix: tcp: fd: exec:' ;;
	serve:0)
		_lwl_address 'unix: tcp: fd:' ;;
	trace:[01])
		_lwl_address 'unix: tcp:' ;;
	call:2)
		_lwl_names "$current" '/\.response$/d; s/\.[^.]*$//' ;;
	serve:2)
		_lwl_names "$current" 's/\.[^.]*\.[^.]*$//' ;;
	esac
}

_lwl_relay() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} operands=()
	COMPREPLY=()

	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--calls= --endpoints= --once --verbose --window= --help
			--usage --version' -- "$current")
		[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
	elif [ "$current" != = ] && [ "$previous" != = ]; then
		_lwl_operands 1
		case ${#operands[@]} in
		0) _lwl_address 'unix: tcp: fd:' ;;
		1) _lwl_address 'unix: tcp: fd: exec:' ;;
		esac
	fi
}

complete -F _lwl lwl
complete -F _lwl_relay lwl-relay
