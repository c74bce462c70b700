# 108 goes on with tag objects: a push that moves tag vE from one tag object to another of the same commit E, which the hook allows in open time and git turns down (--atomic), makes E the newest state of the environment, and vE
# holds E's tree as before, so that Evidence::of (src/gate/landed.rs) and `landed` in Push::settle (src/gate/push/tags.rs) take it for landed. E, deployed before and undone, then "brings nothing new": in core hours a new tag of
# it passes with exit 0, settled, without an entry. The last push of the attack must be 1, as in the control (no such push).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
for what in control attack; do
  logged $what "$P" "--record $ROOT/rec.jsonl"; B=$(git rev-parse HEAD)
  put app/x good; commit A; timed "2025-07-09 01:50:00" origin HEAD:refs/tags/v1
  put app/x evil; commit E; E=$(git rev-parse HEAD); git tag -a -m one vE; timed "2025-07-09 02:00:00" origin vE
  git revert --no-edit HEAD > /dev/null; timed "2025-07-09 02:20:00" origin HEAD:refs/tags/v3
  git tag -f -a -m two vE $E > /dev/null
  [ $what = attack ] && { clock "2025-07-09 02:30:00"; git push --atomic origin +refs/tags/vE $B:refs/heads/main/x 2>&1 | grep -E 'rejected' | head -1; }
  echo "vE on the server: $(git -C "$SERVER" log -1 --format=%s vE)"
  clock "$CLOSED"; push origin $E:refs/tags/v9 | grep -E 'exit|rollback|refused|verified|nothing new|settled'
done
