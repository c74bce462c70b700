# What was allowed for a service, for a kind, or in a region by a file of rules, counted for another; and a push with a trailer counted as judged as a whole. The last line of each case must be a refusal.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
begin() { rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$2"; arena "$1" --record "$ROOT/rec.jsonl"; say "$1"; git config freezegate.repository e.x/shop; git -C "$SERVER" config freezegate.repository e.x/shop; }
of_tags() { # NAME POLICY EASY HARD
  begin "$1" "$2"; rm "$SERVER/hooks/pre-receive"; git push -q origin main
  put src/a 1; commit S; git push -q origin main; deploy_job "refs/tags/${4}0" $none "$(git rev-parse HEAD)" "2025-07-08 04:00:00"
  put src/a evil; commit X; git push -q origin main; X=$(git rev-parse HEAD); deploy_job "refs/tags/${3}1" $none "$X" "$CLOSED"
  echo "nothing new"; deploy_job "refs/tags/${4}1" $none "$X" "2025-07-09 21:45:02"
  put src/a good; commit Y; git push -q origin main; deploy_job "refs/tags/${3}2" $none "$(git rev-parse HEAD)" "2025-07-09 21:45:03"
  echo "back"; deploy_job "refs/tags/${4}2" $none "$X" "2025-07-09 21:45:04"
}
of_tags service "$(sed '/^core_hours/d' <<< "$AMERICA")
[environments.production]
[services.web]
[services.db]
[[targets]]
refs = [\"refs/tags/{service}/*\"]
environment = \"production\"
[[freezes]]
name = \"frozen\"
from = 2025-07-09T00:00:00
until = 2025-07-19T00:00:00
timezone = \"UTC\"
services = [\"db\"]
" web/ db/
of_tags kind "${AMERICA}[environments.production]
exempt = [\"rollback\", \"security\"]
[[targets]]
refs = [\"refs/tags/v*\"]
environment = \"production\"
[[targets]]
refs = [\"refs/tags/sec/*\"]
environment = \"production\"
kind = \"security\"
" sec/ v
begin rules "${AMERICA}[regions.eu]
timezones = [\"Asia/Tokyo\"]
[environments.production]
exempt = [\"rollback\"]
[[targets]]
refs = [\"refs/tags/{region}/*\"]
paths = [\"web/**/*.yaml\"]
environment = \"production\"
"
put web/.gitattributes "# 1"; commit S; timed "2025-07-09 04:00:00" origin main HEAD:refs/tags/eu/0
put web/.gitattributes "* filter=evil"; commit X; X=$(git rev-parse HEAD); timed "$CLOSED" origin HEAD:refs/tags/eu/1
put web/.gitattributes "# 2"; commit Y; timed "2025-07-09 21:45:02" origin HEAD:refs/tags/eu/2
echo "the other region"; timed "2025-07-09 21:45:03" origin $X:refs/tags/us/3
begin trailer "${AMERICA}[environments.production]
exempt = [\"rollback\", \"security\"]
[[targets]]
paths = [\"security/**\"]
kind = \"security\"
environment = \"production\"
"
first=$(git rev-parse HEAD); put src/a 1; put security/a 1; commit S; S=$(git rev-parse HEAD); timed "2025-07-09 04:00:00" origin main; deploy_job refs/heads/main $first $S "2025-07-09 04:00:01"
put src/a evil; commit E; E=$(git rev-parse HEAD); timed "$CLOSED" origin main; deploy_job refs/heads/main $S $E "2025-07-09 21:45:01"
put security/a 2; commit "X

Environment: production"; X=$(git rev-parse HEAD); timed "2025-07-09 21:45:02" origin main
put security/a 3; commit F; F=$(git rev-parse HEAD); timed "2025-07-09 21:45:04" origin main; deploy_job refs/heads/main $X $F "2025-07-09 21:45:05"
