# On a server, main and a release branch bring production to its states by one target. The release branch went from R1 to R2, main brought more, and then the release
# branch gets a commit that reaches nothing. It hid what main brought: R1 passed as a rollback in closed hours. The last push of each attack must be refused, that of a
# control allowed.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
begun() { logged a "$P" "${2-$RECORD}" > /dev/null; say "$1"; } # NAME [options of the hook]
RECORD="--record $ROOT/rec.jsonl"
on() { git checkout -q -B work "$1"; made "$2" "$3" "$4" > /dev/null; } # COMMIT MESSAGE PATH TEXT: a commit upon it
release() { # R1 and R2 on the release branch
  on main R1 app/a 1; timed "2025-07-06 12:00:00" origin HEAD:$rel; R1=$(git rev-parse HEAD)
  on $R1 R2 app/a 2; timed "2025-07-06 12:10:00" origin HEAD:$rel; R2=$(git rev-parse HEAD)
}
main_too() { on $R2 M app/m 1; timed "2025-07-06 12:20:00" origin HEAD:$main; }
nothing() { on $R2 D docs/x 1; timed "2025-07-06 12:30:00" origin HEAD:$rel; R2=$(git rev-parse HEAD); }
back() { on $R2 back app/a 1; timed "${1:-2025-07-07 18:00:00}" origin HEAD:$rel; }
begun "control: nobody else brought anything"; release; nothing; back
begun "control: main brought something before"
on main M app/m 1; timed "2025-07-06 11:00:00" origin HEAD:$main; git checkout -q main; git merge -q work
release; nothing; back
begun "attack: main brought more, and then came nothing"; release; main_too; nothing; back
begun "control: in open hours"; release; main_too; nothing; back "2025-07-12 12:00:00"
begun "attack: the log of the release branch alone knows R1" ""; release
hook $RECORD; main_too; back
