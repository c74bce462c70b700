# A log loses what its branch was forced away from after 30 days (git-gc(1)), and with it which policy was in force then. The last push, of what production never had, must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
BEGIN="$AMERICA"'[environments.production]
exempt = ["rollback"]
[environments.staging]
during_core_hours = "off"
[[targets]]
refs = ["refs/heads/rel"]
paths = ["web/**"]
'
ARENA_POLICY="${BEGIN}environment = \"staging\"
"; arena log; git -C "$SERVER" config core.logAllRefUpdates always; say "what was forced away"
first=$(git rev-parse HEAD); put docs/x 1; commit F; timed "2025-07-08 02:00:00" origin main
git checkout -q -b k; put web/a 1; commit S; timed "2025-07-09 04:00:00" origin k:rel; put web/a evil; commit X; timed "$CLOSED" origin k:rel
git checkout -q main; git reset -q --hard "$first"; sed -i 's/^environment = "staging"/environment = "*"/' freezegate.toml; commit G; timed "2025-07-10 21:45:00" origin +main
put docs/x 2; commit H; timed "2025-07-10 21:46:00" origin main
at "2025-08-20 01:00:00" git -C "$SERVER" reflog expire --expire=90.days.ago --expire-unreachable=30.days.ago --all
git checkout -q k; put web/a good; commit Y; timed "2025-08-20 04:00:00" origin k:rel
put web/a evil; commit B; timed "2025-08-20 21:45:01" origin k:rel
say "forced away and back"
ARENA_POLICY="${BEGIN}environment = \"production\"
"; arena back; git -C "$SERVER" config core.logAllRefUpdates always
git branch b
sed -i 's/^environment = "production"/environment = "staging"/' freezegate.toml; commit C; timed "2025-07-08 02:00:00" origin main
git checkout -q -b k b; put web/a 1; commit S; timed "2025-07-09 04:00:00" origin k:rel; put web/a evil; commit X; timed "$CLOSED" origin k:rel
timed "2025-07-10 21:45:00" origin +b:main
at "2025-08-20 01:00:00" git -C "$SERVER" reflog expire --expire=90.days.ago --expire-unreachable=30.days.ago --all
git checkout -q k; put web/a good; commit Y; timed "2025-08-20 04:00:00" origin k:rel
put web/a evil; commit B; timed "2025-08-20 21:45:01" origin k:rel
