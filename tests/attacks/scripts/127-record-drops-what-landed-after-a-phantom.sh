# drop_the_same again (src/proof/record/folded/ref_states.rs): of a push that git turned down (--atomic, no setting needed) and the same push that landed, it drops the second after [rollback] within and keeps the phantom, of
# which Evidence::of says Landed::No. So the state A is gone whose content the undo of E put back, and E passes in core hours as a "verified rollback". Last push: 1, as in the control (no phantom).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
for what in control attack; do
  logged $what "$P" "--record $ROOT/rec.jsonl"; git -C "$SERVER" config --unset core.logAllRefUpdates # as bare repositories are by default
  put app/x 0; commit S; S=$(git rev-parse HEAD); timed "2025-07-06 12:00:00" origin main; timed "2025-07-06 12:01:00" origin HEAD:refs/heads/rel/1
  put app/x good; commit A
  [ $what = attack ] && { clock "2025-07-06 12:02:00"; git push --atomic origin HEAD:refs/heads/main $S:refs/heads/main/x 2>&1 | grep -E 'rejected' | head -1; }
  timed "2025-07-06 12:03:00" origin main
  put app/x evil; commit E; E=$(git rev-parse HEAD); timed "2025-07-06 12:10:00" origin main
  git revert --no-edit HEAD > /dev/null; put app/y 1; commit "undo of E, and more"; timed "2025-07-10 02:00:00" origin main
  git checkout -q $E -- app; git rm -q --cached app/y; rm -f app/y; git commit -qm "E again"; clock "2025-07-10 21:45:00"; push origin main | grep -E 'exit|rollback|refused|verified|missing'
done
