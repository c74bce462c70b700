# What stood before it was guarded keeps nobody from going back: a guarded name that is not UTF-8, a link, brought in one push with `[routes]`. And an
# opening of one second a year is none: nobody could push in it.
. "$(dirname "$0")/routes.sh"
MORNING="2025-07-09 11:50:00"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["deploy/**"]
environment = "production"
'
for kind in name link; do
  logged "$kind" "$P" "--record $ROOT/rec.jsonl"; S=$(made S deploy/a.yaml "a: 1"); timed "$MORNING" origin main; T=$(made T deploy/a.yaml "a: 2"); timed "$MORNING" origin main
  case $kind in name) put "deploy/$(printf 'b\377').yaml" "b: 1";; link) ln -s a.yaml deploy/b.yaml;; esac
  printf '[routes]\npaths = ["deploy/**"]\nowners = ["{environment}"]\n' >> freezegate.toml; commit guard; timed "$MORNING" origin main
  git rm -q --cached "deploy/b*"; rm -f deploy/b*; commit back; timed "$CLOSED" origin main
  put deploy/a.yaml "a: 3"; commit new; timed "$CLOSED" origin main
done
logged standing "$P" "--record $ROOT/rec.jsonl"; S=$(made S deploy/a.yaml "a: 1"); put "deploy/$(printf 'b\377').yaml" "b: 1"; commit U; timed "$MORNING" origin main
printf '[routes]\npaths = ["deploy/**"]\nowners = ["{environment}"]\n' >> freezegate.toml; commit guard; timed "$MORNING" origin main
T=$(made T deploy/a.yaml "a: 2"); timed "$MORNING" origin main; git revert --no-edit $T > /dev/null; timed "$CLOSED" origin main
git rm -q --cached "deploy/b*"; rm -f deploy/b*; commit named; timed "$MORNING" origin main; T=$(made T deploy/a.yaml "a: 3"); timed "$MORNING" origin main
logged second "$P" ""; sed -i 's/^\[environments.production\]/&\nsettle = "63h"/' freezegate.toml; commit settle; clock "$CLOSED"; push origin main
# one blob at many paths: what is read to see that it is TOML counts like any guarded file
logged many "$P" ""; printf '[routes]\npaths = ["deploy/**"]\nowners = ["{environment}"]\n' >> freezegate.toml; commit guard; timed "$MORNING" origin main
mkdir -p deploy; python3 -c 'print("x = \"" + "a" * (7 << 20) + "\"")' > deploy/1.toml; for number in $(seq 2 20); do cp deploy/1.toml "deploy/$number.toml"; done
commit many; clock "$MORNING"; push origin main; git rm -q --cached deploy/2.toml deploy/3.toml; git commit -q --amend -m fewer; push origin main
