# "Because it may have deployed nothing, no later job is compared with [what a request deployed] alone" (docs/src/use/ci.md). Of what others brought, brought_elsewhere (src/proof/record/folded/told.rs) keeps the
# newest for each way of narrowing, and a request's hides what main deployed before it: rel/1 takes main's migration back in the freeze of migrations. The last job of the attack must be refused as that of the controls.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
[environments.staging]
'"$(no_migrations production)"'
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["migrations/**"]
environment = "production"
kind = "migration"
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
kind = "deploy"
'
. <(sed -n '/^as_job()/,/^queue()/p' "$(dirname "$0")/109-rollback-to-a-request.sh")
for by in control request queue; do
  begin a "$P" > /dev/null; say "$by"
  put migrations/m 0; S=$(made A app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
  git checkout -q -B w $S; R=$(made R migrations/m old); git checkout -q main; deploy_job $rel $none $R "2025-06-21 12:00:00"
  M=$(made M migrations/m good); deploy_job $main $S $M "2025-06-22 12:00:00"
  git checkout -q -B q $M; Q=$(made Q migrations/m old); git checkout -q main
  case $by in control) environment= request $Q $M "2025-06-23 12:00:00";; *) $by $Q $M "2025-06-23 12:00:00";; esac
  git checkout -q -B w $R; D=$(made D app/a 2); git checkout -q main; deploy_job $rel $R $D "$CLOSED"; grep -E '  judged|reached|  +record' "$A/o"
done
