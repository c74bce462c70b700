# Several refs of one push were held against one comparison: what one took back passed for another that brought something new. A symbolic ref makes two of one. Each case ends with what must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
BEGIN="$AMERICA"'[environments.production]
exempt = ["rollback"]
'
logged tags "$BEGIN[[targets]]
refs = [\"refs/tags/v*\"]
environment = \"production\"
" "--record $ROOT/rec.jsonl"
put web/a 1; put src/app 1; commit S; timed "2025-07-09 02:00:00" origin main HEAD:refs/tags/v1
put web/a 2; put src/app 2; commit Y; timed "2025-07-09 02:00:01" origin main HEAD:refs/tags/v2
printf '[[targets]]\nrefs = ["refs/tags/a/*"]\npaths = ["web/a"]\nenvironment = "production"\n' >> freezegate.toml; commit P; timed "$CLOSED" origin main
git checkout -q HEAD~; put web/a 1; put src/app evil; commit B
echo "the whole alone"; timed "2025-07-09 21:45:01" origin HEAD:refs/tags/v3
echo "with its part"; timed "2025-07-09 21:45:02" origin HEAD:refs/tags/a/1 HEAD:refs/tags/v4
for record in "--record $ROOT/rec.jsonl" ""; do
  logged "branches${record:+-record}" "$BEGIN[[targets]]
refs = [\"refs/heads/rel-a\"]
paths = [\"web/**\"]
environment = \"production\"
[[targets]]
refs = [\"refs/heads/rel-b\"]
paths = [\"src/**\"]
environment = \"production\"
" "$record"
  both="HEAD:refs/heads/rel-a HEAD:refs/heads/rel-b"
  put web/a 1; put src/a 1; commit S; timed "2025-07-09 02:00:00" origin $both
  put web/a 2; put src/a 2; commit Y; timed "2025-07-09 02:00:01" origin $both
  put web/a 1; put src/a evil; commit B
  echo "one alone"; timed "$CLOSED" origin HEAD:refs/heads/rel-b
  echo "both"; timed "$CLOSED" origin $both
  logged "symbolic${record:+-record}" "$BEGIN[[targets]]
paths = [\"web/**\"]
environment = \"production\"
[[targets]]
refs = [\"refs/heads/live\"]
paths = [\"src/**\"]
environment = \"production\"
" "$record"
  git -C "$SERVER" symbolic-ref refs/heads/live refs/heads/main
  put web/a 1; put src/a 1; commit S; timed "2025-07-09 02:00:00" origin main
  put web/a 2; put src/a 2; commit Y; timed "2025-07-09 02:00:01" origin main
  put src/a evil; commit C; echo "one path alone"; timed "$CLOSED" origin main; git reset -q --hard HEAD~
  put web/a 1; put src/a evil; commit B; echo "both paths"; timed "$CLOSED" origin main
done
