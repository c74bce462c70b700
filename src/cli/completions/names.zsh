# Names of the policy, codes and refs come from the program. Everything else comes from the function above.
functions[_freezegate_without_names]=$functions[_freezegate]
_freezegate() {
    local program=${~${(Q)words[1]}}
    local -a names
    names=(${(f)"$($program complete -- "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null </dev/null)"})
    if (( $#names )); then
        compadd -- $names
        return
    fi
    _freezegate_without_names "$@"
}

