# Lockout, in the closed window, nothing signed: many environments with long names, or many environments and regions (which "close only"), then a target that takes the policy's own file to all of them.
# Each later edit of the policy reaches all, so its entry in the record is large: beyond 1 MiB nothing passes any more. Should come: a policy that is too large is refused, all others can be taken back.
# N: how many environments, LETTERS: how long their names are, REGIONS: how many regions.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
arena a --record "$ROOT/record.jsonl"; clock "$CLOSED"; begin=$(git rev-parse HEAD)
t() { push origin main | sed 's/^remote: //; s/ *$//' | grep -E 'refused|error|policy edit|allowed|MiB|KiB|exit' | cut -c1-110; }
long=$(printf 'x%.0s' $(seq ${LETTERS:-60}))
say "1: environments"
[ "${REGIONS:-0}" = 0 ] || clock "$OPEN"   # regions open something
for i in $(seq ${REGIONS:-0}); do printf '[regions.r%s]\ntimezones = ["UTC"]\n' $i; done >> freezegate.toml
for i in $(seq ${N:-2500}); do printf '[environments.%s%s]\nduring_core_hours = "off"\n' $long $i; done >> freezegate.toml; commit environments; t
say "2: a target of all"; clock "$CLOSED"; printf '[[targets]]\npaths = ["freezegate.toml"]\nenvironment = "*"\n' >> freezegate.toml; commit target; t
say "3: taken back in the open"; clock "2025-07-13 12:00:00"; git revert --no-edit HEAD >/dev/null; t
say "4: the first policy"; git checkout -q $begin -- freezegate.toml; commit first; t
say "5: the record"; env -u LD_PRELOAD $FG record verify "$ROOT/record.jsonl" | head -3
