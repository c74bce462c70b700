# A new target captures a name out of the path of the policy, or out of the ref ("closes", so it passed): every push that fixes it was refused at any hour (unknown-target), and nobody may override. The new target should be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ARENA_POLICY="$POLICY"
for T in 'paths = ["{environment}.toml"]' 'paths = ["{region}.toml"]
environment = "production"' 'refs = ["refs/heads/{environment}"]'; do
arena lock; clock "$CLOSED"
say "$T"; printf '[[targets]]\n%s\n' "$T" >> freezegate.toml; commit lock; push origin main | grep -E 'refused|policy edit|allowed|exit'
clock "2025-07-13 12:00:00" # a Sunday
say "fix: revert"; git revert --no-edit HEAD >/dev/null; push origin main | grep -E 'refused|error|lift|undo|exit'; git reset -q --hard origin/main
say "fix: name it"; n=freezegate; case $T in refs*) n=main;; esac
case $T in *region*) printf '[regions.%s]\ntimezones = ["UTC"]\ncore_hours = ["Sun 03:00-03:01"]\n' $n;; *) printf '[environments.%s]\nduring_core_hours = "off"\n' $n;; esac >> freezegate.toml; commit name; push origin main | grep -E 'refused|error|lift|exit'; git reset -q --hard origin/main
say "fix: another file"; git rm -q freezegate.toml; mkdir -p policies; git show HEAD~:freezegate.toml > policies/freezegate.toml; commit move;  push origin main | grep -E 'refused|error|lift|exit'; git reset -q --hard origin/main
say "anything else"; put docs/y 1; commit docs; push origin main | grep -E 'refused|error|exit'
done
