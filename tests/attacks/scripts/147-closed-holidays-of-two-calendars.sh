# Of two calendars of closed holidays only the first one closed anything, as windows are told apart by the line that says them; so an edit that adds a calendar opened a closed day. The change on the closed day must be refused in all cases.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
policy() { # HOLIDAYS CALENDARS
  printf 'version = 1
[regions.us]
timezones = ["UTC"]
holidays = [%s]
on_holidays = "closed"
%s
[environments.production]
[[targets]]
paths = ["app/**"]
environment = "production"
' "$1" "$2"; }
B='[calendars.b]
dates = [2025-07-09]
valid_until = 2027-12-31'
A0='[calendars.a]
dates = [2025-01-01]
valid_until = 2027-12-31'
NL='
'
short() { grep -E '^\[|refused:|edit allows|opens nothing|^allowed'; }
change() { clock "2025-07-09 ${1:-21:45:00}"; put app/x evil; commit evil; push origin main | short; git reset -q --hard origin/main; }
begin_() { rm -f "$ROOT"/rec*; ARENA_POLICY="$POLICY" arena $1; say "$1"; rm "$SERVER/hooks/pre-receive"; policy "$2" "$3" > freezegate.toml; put app/x 1; commit policy; git push -q origin main; hook --record "$ROOT/rec.jsonl"; }
begin_ control '"b"' "$B"; echo "the change on 9 July:"; change
begin_ plain '"a", "b"' "$A0$NL$B"; echo "what status says:"; (cd "$CLONE"; at "$CLOSED" $FG status 2>&1 | head -5); echo "the change on 9 July:"; change; git reset -q --hard HEAD
begin_ attack '"b"' "$B"; echo "control, the change on 9 July:"; change
echo "control, the edit that drops the date:"; clock "2025-07-09 21:50:00"; policy '"b"' "${B/07-09/07-10}" > freezegate.toml; commit drop; push origin main | short; git reset -q --hard origin/main
echo "attack, the edit that adds a calendar:"; clock "2025-07-09 21:51:00"; policy '"a", "b"' "$A0$NL$B" > freezegate.toml; commit add; push origin main | short; git reset -q --hard origin/main
echo "the change on 9 July:"; change 21:55:00
