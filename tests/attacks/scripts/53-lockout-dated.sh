# Owners locked out for good: a dated freeze that begins two minutes from now and ends in 2099, pushed while open. It "closes" only, and the coming 400 days
# do have an open instant (the two minutes), so it passes. From then on no fix passes at any hour, for 73 years. The same with any `from` that lies ahead
# (a week, 390 days, 500 days): then the owners have until then.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
arena dated; clock "2025-07-13 11:58:00"   # a Sunday: open
say "1: the freeze"; printf '[[freezes]]\nname = "x"\ntimezone = "UTC"\nfrom = 2025-07-13T12:00:00\nuntil = 2099-01-01T00:00:00\n' >> freezegate.toml; commit freeze; push origin main
say "fix: revert, at several open hours of the policy before"; git revert --no-edit HEAD > /dev/null
for t in "2025-07-13 12:00:00" "2025-08-17 12:00:00" "2026-09-13 12:00:00" "2030-01-06 12:00:00"; do clock "$t"; echo "-- $t"; push origin main | grep -E 'refused|opens|exit'; done
