
# Names of the policy, codes and refs come from the program. Everything else comes from the function above.
_freezegate_with_names() {
    local word="${COMP_WORDS[COMP_CWORD]}" program="${1/#\~\//$HOME/}" IFS=$'\n'
    local before=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
    # of `--kind=deploy`, bash completes what follows the `=`
    case "${word}" in
        =) before+=("=") ;;
        --*=*) [[ "$2" == --* ]] || before+=("${word%%=*}") ;;
    esac
    COMPREPLY=( $("${program}" complete -- "${before[@]}" "$2" 2>/dev/null </dev/null) )
    [[ "${#COMPREPLY[@]}" -gt 0 ]] || { IFS=$' \t\n'; _freezegate "$@"; }
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _freezegate_with_names -o nosort -o bashdefault -o default freezegate
else
    complete -F _freezegate_with_names -o bashdefault -o default freezegate
fi
