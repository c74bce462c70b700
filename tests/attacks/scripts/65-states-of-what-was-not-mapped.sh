# What was allowed while an environment, a service or a target reached less was a state, or "nothing new", where it was never judged. eu is open, us is closed; each case ends with what us, or production, never had.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
quiet() { push "$@" | grep -E '^\[git push'; }
BEGIN="$AMERICA"'[regions.eu]
timezones = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-10:00"]
'
TAGS='[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
PATHS='[[targets]]
paths = ["deploy/{environment}/**"]
'
BOTH='s/^regions = .*/regions = ["eu", "us"]/'
# case NAME POLICY [record]
begin() { rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$2"; arena "$1" $3; say "$1"; }
by_tags() {
  begin "$1" "$2" "--record $ROOT/rec.jsonl"
  put src/app v1; commit S; clock "2025-07-08 04:00:00"; quiet origin main HEAD:refs/tags/v1
  clock "$CLOSED"; put src/app evil; commit X; X=$(git rev-parse HEAD); quiet origin main HEAD:refs/tags/v2
  echo "nothing new"; quiet origin HEAD:refs/tags/v3
  sed -i "$BOTH" freezegate.toml; commit P; quiet origin main; echo "us"; quiet origin $X:refs/tags/v4
}
by_tags tag-of-environment "$BEGIN[environments.production]
regions = [\"eu\"]
$TAGS"
by_tags tag-of-service "$BEGIN[environments.production]
[services.web]
regions = [\"eu\"]
${TAGS}service = \"web\"
"
# the server's log tells the time of the clone that pushes
second=10
# the clock stands still, a little later
logged() { second=$((second + 1)); GIT_COMMITTER_DATE="${now%???}:$second +0000" quiet origin main; }
# eu takes the name of another region, and us that of eu
begin region-takes-a-name "$BEGIN[environments.production]
regions = [\"eu\"]
$TAGS" "--record $ROOT/rec.jsonl"
put src/app v1; commit S; clock "2025-07-08 04:00:00"; quiet origin main HEAD:refs/tags/v1
clock "$CLOSED"; put src/app evil; commit X; X=$(git rev-parse HEAD); quiet origin main HEAD:refs/tags/v2
sed -i 's/^\[regions.eu\]/[regions.europe]/; s/^\[regions.us\]/[regions.eu]/' freezegate.toml; commit P; quiet origin main; echo "the other eu"; quiet origin $X:refs/tags/v4
by_paths() { # NAME RECORD POLICY FILE EDIT BESIDE TIME: FILE goes back to what it was while less was mapped
  begin "$1" "$3" "$2"; [ -n "$2" ] || git -C $SERVER config core.logAllRefUpdates always
  put deploy/production/first 1; put "$4" 1; commit S; clock "2025-07-08 04:00:00"; GIT_COMMITTER_DATE="2025-07-08T04:00:00 +0000" quiet origin main
  second=10; now=${7/45:/44:}; clock "$7"; put "$4" evil; put "$6" 1; commit X; logged
  put "$4" good; put "$6" 2; commit Y; logged
  now=${CLOSED/45:/44:}; clock "$CLOSED"; sed -i "$5" freezegate.toml; commit P; echo "the edit"; logged
  echo "new"; put "$4" new; commit N; logged; git reset -q --hard HEAD~
  echo "back"; put "$4" evil; commit B; logged
}
EXEMPT="${BEGIN}[environments.production]
exempt = [\"rollback\"]
regions = [\"eu\"]
"
for record in "--record $ROOT/rec.jsonl" ""; do
  by_paths "paths-of-environment${record:+-record}" "$record" "$EXEMPT$PATHS" deploy/production/a "$BOTH" docs/x "$CLOSED"
  by_paths "paths-of-another-target${record:+-record}" "$record" "$(sed '/^regions = /d' <<< "$EXEMPT")
[environments.staging]
during_core_hours = \"off\"
$PATHS[[targets]]
paths = [\"web/**\"]
environment = \"staging\"
" web/a 's/^environment = "staging"/environment = "*"/' deploy/production/b "2025-07-09 04:00:00"
  by_paths "paths-of-another-pattern${record:+-record}" "$record" "$(sed '/^regions = /d' <<< "$EXEMPT")
[[targets]]
paths = [\"d/{region}/**\"]
environment = \"production\"
" d/eu/a 's|^paths = .*|paths = ["d/{region}/**", "d/**"]|' docs/x "$CLOSED"
done
NARROW="$(sed '/^regions = /d' <<< "$EXEMPT")
$PATHS"
# what maps nothing of it may be edited
left_alone() { # NAME EDIT
  for record in "--record $ROOT/rec.jsonl" ""; do
    begin "left-alone-$1${record:+-record}" "$NARROW
[environments.staging]
during_core_hours = \"off\"
" "$record"; [ -n "$record" ] || git -C $SERVER config core.logAllRefUpdates always
    clock "2025-07-09 04:00:00"; put deploy/production/a 1; commit 1; GIT_COMMITTER_DATE="2025-07-09T04:00:00 +0000" quiet origin main
    put deploy/production/a 2; commit 2; GIT_COMMITTER_DATE="2025-07-09T04:00:01 +0000" quiet origin main
    clock "$CLOSED"; sed -i "$2" freezegate.toml; commit P; quiet origin main
    echo "back"; put deploy/production/a 1; commit B; quiet origin main
  done
}
left_alone another-target '$a [[targets]]\npaths = ["batch/**"]\nenvironment = "production"'
left_alone another-pattern 's|^paths = .*|paths = ["deploy/{environment}/**", "charts/{environment}/**"]|'
left_alone alias 's/^\[environments.production\]/&\naliases = ["prod"]/'
left_alone another-alias 's/^\[environments.staging\]/&\naliases = ["test"]/'
left_alone overlapping-target '$a [[targets]]\npaths = ["deploy/production/*"]\nenvironment = "production"'
left_alone kind 's|^paths = .*|&\nkind = "config"|'
# however often it is edited
begin left-alone-many-edits "$NARROW
[environments.staging]
during_core_hours = \"off\"
" "--record $ROOT/rec.jsonl"
put deploy/production/a 1; commit 1; clock "2025-07-09 04:00:00"; quiet origin main; put deploy/production/a 2; commit 2; quiet origin main
for i in $(seq 20); do printf '[[targets]]\npaths = ["batch%s/**"]\nenvironment = "staging"\n' $i >> freezegate.toml; commit P$i; push origin main > /dev/null; done
put docs/x 1; commit D; quiet origin main
echo "back"; clock "$CLOSED"; put deploy/production/a 1; commit B; quiet origin main
begin the-whole-commit "$NARROW" ""; git -C $SERVER config core.logAllRefUpdates always
put deploy/production/a 1; commit S; clock "2025-07-09 04:00:00"; GIT_COMMITTER_DATE="2025-07-09T04:00:00 +0000" quiet origin main
now=${CLOSED/45:/44:}; clock "$CLOSED"; put src/app evil; commit X; logged; put src/app good; commit Y; logged
put src/app evil; git add -A; git commit -qm "B

Environment: production"; echo "all of a commit that production never had"; logged
