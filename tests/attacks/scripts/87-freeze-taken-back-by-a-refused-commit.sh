# "An emergency freeze takes effect as soon as it is on the branch, even if the job for it was refused" (docs/src/concepts/policy-in-force.md). Its own job was refused,
# and so was the job of the commit that takes it back: then it counted as taken back, for every ref. Jobs that must be refused are 1, all others 0.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
[environments.staging]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
[[targets]]
paths = ["stage/**"]
environment = "staging"
'
DAY=2025-07-07
frozen() { # NAME [what was there before S]: the freeze F comes in a commit that is refused, and T takes it back
  begin a "$P" > /dev/null; say "$1"
  [ -z "${2-}" ] || { S0=$(made S0 app/a "$2"); deploy_job $main $Z $S0 "2025-07-06 11:00:00"; }
  S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00"
  printf '[[freezes]]\nname = "emergency"\nfrom = 2025-07-07T00:00:00\nuntil = 2025-07-09T00:00:00\ntimezone = "UTC"\nenvironments = ["production"]\n' >> freezegate.toml
  F=$(made F app/a 1); deploy_job $main $S $F "$DAY 12:00:00"
}
taken_back() { git revert --no-edit $F > /dev/null; put app/a 2; commit T; T=$(git rev-parse HEAD); deploy_job $main $F $T "$DAY 13:00:00" "$@"; }
released() { git checkout -q -B rel $S; R=$(made R app/a "evil $1"); git checkout -q main; deploy_job $rel $none $R "$1"; }
frozen "control: it is on the branch"; released "$DAY 14:00:00"
frozen "attack: what takes it back was refused"; taken_back; released "$DAY 14:00:00"
frozen "attack: another commit of main"; taken_back; N=$(made N app/a 3); deploy_job $main $T $N "$DAY 14:00:00"; grep -c -- "--policy-from $S" "$A/o"
frozen "control: the freeze is over"; taken_back; N=$(made N app/a 3); deploy_job $main $T $N "2025-07-09 12:00:00"; released "2025-07-09 14:00:00"
frozen "control: the way out that is printed"; taken_back --policy-from $S; released "$DAY 14:00:00"
# a job that may pass in the freeze, and has no say about it: a rollback of production, which the freeze exempts, and one for staging
frozen "attack: a rollback" before; git revert --no-edit $F > /dev/null; T=$(made T app/a before); deploy_job $main $F $T "$DAY 13:00:00"; released "$DAY 14:00:00"
frozen "attack: for staging"; git revert --no-edit $F > /dev/null; T=$(made T stage/x 1); environment=staging deploy_job $main $F $T "$DAY 13:00:00"; released "$DAY 14:00:00"
# the job of F left no entry, as the next push came before it began; T takes F back, and its job is refused
begin "attack: no job for the freeze" "$P"
S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00"
printf '[[freezes]]\nname = "emergency"\nfrom = 2025-07-07T00:00:00\nuntil = 2025-07-09T00:00:00\ntimezone = "UTC"\nenvironments = ["production"]\n' >> freezegate.toml
F=$(made F docs/f 1); git push -q origin main; git checkout -q $S -- freezegate.toml; T=$(made T app/a 2); deploy_job $main $F $T "$DAY 13:00:00"
N=$(made N app/a 3); deploy_job $main $T $N "$DAY 13:05:00"; released "$DAY 14:00:00"
# neither the job of F nor that of the commit that takes it back left an entry: the next one is on top of neither
begin "attack: no job for the freeze and for what takes it back" "$P"
S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00"
printf '[[freezes]]\nname = "emergency"\nfrom = 2025-07-07T00:00:00\nuntil = 2025-07-09T00:00:00\ntimezone = "UTC"\nenvironments = ["production"]\n' >> freezegate.toml
F=$(made F docs/f 1); git push -q origin main; git checkout -q $S -- freezegate.toml; T=$(made T docs/f 2); git push -q origin main
N=$(made N app/a 3); deploy_job $main $T $N "$DAY 13:05:00"; released "$DAY 14:00:00"; N=$(made N app/a 4); deploy_job $main $N $N "2025-07-09 12:00:00"
