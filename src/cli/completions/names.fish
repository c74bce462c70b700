
# Names of the policy, codes and refs come from the program.
function __fish_freezegate_names
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -e words[1]
    $program complete -- $words "$current" 2>/dev/null </dev/null
end

complete -c freezegate -n "test (count (__fish_freezegate_names)) -gt 0" -f -a "(__fish_freezegate_names)"
