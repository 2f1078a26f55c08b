# Completion of lwl for bash: commands, options, schemas, and the types that a schema has.

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

_lwl() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} options operands=() i
	COMPREPLY=()

	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W 'decode encode dump types --help --usage --version' \
			-- "$current")
		return
	fi
	case $command in
	decode) options='--hex --compact --pretty --include=' ;;
	encode) options='--hex --linkid= --msgid= --include=' ;;
	dump) options='--hex --interface= --brief --color= --include=' ;;
	types) options='--include=' ;;
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
	-I | --include)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		return ;;
	--linkid | --msgid | --interface)
		return ;;
	esac
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options --help --usage --version" -- "$current")
		[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-I) ((i += 1)) ;;
		--*) [ "${COMP_WORDS[i + 1]}" = = ] && ((i += 2)) ;;
		-*) ;;
		*) operands+=("${COMP_WORDS[i]}") ;;
		esac
	done
	case ${#operands[@]} in
	0)
		_lwl_schemas "$current" ;;
	1)
		case $command in
		decode | encode)
			mapfile -t COMPREPLY < <(compgen -W "$(_lwl_types "${operands[0]}")" -- "$current") ;;
		esac ;;
	esac
}

complete -F _lwl lwl
