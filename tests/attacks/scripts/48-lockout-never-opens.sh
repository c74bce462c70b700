# Closed at every hour of every week, without one endless freeze; nobody may override hard: the edit passed ("closes"), and no fix did. The edit should be refused, also later; only the push of the revert (nothing changes) should pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ARENA_POLICY="$POLICY"
one() { arena never; clock "$CLOSED"; say "$1"; eval "$2"; commit close; push origin main | grep -E 'refused|policy edit|error|exit'
for t in "2025-07-13 12:00:00" "2025-07-12 03:00:00" "2026-01-03 12:00:00" "2025-07-11 03:30:00"; do clock "$t"; git revert --no-edit HEAD >/dev/null; push origin main | grep -E 'refused|error|exit' | tr '\n' ' '; git reset -q --hard origin/main; echo; done; }
one "core hours all week" "sed -i 's/^core_hours.*/core_hours = [\"daily 00:00-24:00\"]/' freezegate.toml"
one "duration longer than the window" "sed -i 's/^\[environments.production\]/&\nduration = \"2h\"\nchange_windows = [{ hours = \"Sun 12:00-12:01\", timezone = \"UTC\" }]/' freezegate.toml"
one "change window within core hours" "sed -i 's/^\[environments.production\]/&\nchange_windows = [{ hours = \"Wed 20:00-21:00\", timezone = \"UTC\" }]/' freezegate.toml"
one "two weekly freezes" "printf '[[freezes]]\nname = \"x\"\nfrom = \"Mon 00:00\"\nuntil = \"Fri 00:00\"\ntimezone = \"UTC\"\n[[freezes]]\nname = \"y\"\nfrom = \"Thu 00:00\"\nuntil = \"Tue 00:00\"\ntimezone = \"UTC\"\n' >> freezegate.toml"
one "until 2099" "printf '[[freezes]]\nname = \"x\"\nfrom = 2020-01-01T00:00:00\nuntil = 2099-01-01T00:00:00\ntimezone = \"UTC\"\n' >> freezegate.toml"
