# As 1, without a far date: core hours of every hour, and a calendar of holidays with one day to come (here the Saturday). The coming 400 days have an open day, so the
# edit passes, in the closed window too ("closes only"). After that day nothing passes any more, and no fix does: nobody may lift hard.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
arena oneday; clock "$CLOSED"
say "1: the edit"; sed -i 's/^core_hours.*/core_hours = ["daily 00:00-24:00"]\nholidays = ["c"]/' freezegate.toml; printf '[calendars.c]\ndates = [2025-07-12]\nvalid_until = 2099-01-01\n' >> freezegate.toml; commit one; push origin main | grep -E 'refused|error|policy edit|exit'
git revert --no-edit HEAD > /dev/null
for t in "2025-07-13 23:00:00" "2025-07-20 12:00:00" "2026-09-13 12:00:00" "2030-01-06 12:00:00"; do clock "$t"; echo "-- fix: revert, $t"; push origin main | grep -E 'refused|opens  |exit'; done
