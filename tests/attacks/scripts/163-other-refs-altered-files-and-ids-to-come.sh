# Without a record, the log of a branch shows nothing of what another branch of the same target brought: a release branch went back to what production
# had left before. Attributes, by which a checkout has another content than the commit, hid routes. A branch was called like a commit that came later, and
# `git checkout COMMIT` took the branch; and one like a tag that came later. Lines that begin with `---` ended a document for kubectl alone, and a list
# without `apiVersion` had no items.
. "$(dirname "$0")/routes.sh"
P="$AMERICA"'[environments.production]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["deploy/{environment}/**"]
refs  = ["refs/heads/main", "refs/heads/rel"]
'
MORNING="2025-07-09 11:"
for memory in log record; do
  case $memory in log) options="";; record) options="--record $ROOT/rec.jsonl";; esac
  logged "two branches, by $memory" "$P" "$options"; E=$(made E deploy/production/a 1)
  timed "$MORNING"30:00 origin "$E:refs/heads/rel"; R=$(made R deploy/production/a 2); timed "$MORNING"32:00 origin "$R:refs/heads/rel"
  X=$(made X deploy/production/a 3); timed "$MORNING"34:00 origin "$X:refs/heads/main"; B=$(made B deploy/production/a 4); timed "$MORNING"36:00 origin "$B:refs/heads/main"
  clock "2025-07-09 12:30:00"; GIT_COMMITTER_DATE="2025-07-09 12:30:00 +0000" push origin "+$E:refs/heads/rel"
done
logged "one branch, by log" "$P" ""; E=$(made E deploy/production/a 1); timed "$MORNING"30:00 origin main; R=$(made R deploy/production/a 2); timed "$MORNING"32:00 origin main
git push -q origin "$E:refs/heads/feature"; git revert --no-edit "$R" > /dev/null; timed "2025-07-09 12:30:00" origin main
begun attributes; put routes/prod.yaml "a: 1"; served
H=$(printf 'kind: Ingress\n' | iconv -f UTF-16BE -t UTF-8 | git hash-object -w --stdin)
hidden() { git update-index --add --cacheinfo "100644,$H,routes/e.yaml"; git commit -q -m hidden; clock "$SATURDAY"; push origin main; git reset -q --hard origin/main; }
put routes/.gitattributes 'e.yaml working-tree-encoding=UTF-16BE'; git add -A; hidden
put .gitattributes '*.png filter=lfs diff=lfs -text'; git add -A; hidden
put .gitattributes 'rout*/**/e.yaml export-subst'; git add -A; git commit -q -m attributes; clock "$SATURDAY"; push origin main; git reset -q --hard origin/main
put .gitattributes '[attr]x filter=y'; git add -A; git commit -q -m attributes; push origin main; git reset -q --hard origin/main
# those that were there before [routes] keep nobody from changing anything else
logged standing "$(printf '%s' "$GUARDED" | sed '/^.routes/,$d')" "--record $ROOT/rec.jsonl"; put .gitattributes 'routes/b.yaml filter=lfs'; put routes/b.yaml "a: 1"; S=$(made S routes/a.yaml "a: 1"); timed "$SATURDAY" origin main
printf '%s' "$GUARDED" > freezegate.toml; commit guard; timed "$SATURDAY" origin main; S=$(made S routes/a.yaml "a: 2"); timed "$SATURDAY" origin main
S=$(made S routes/b.yaml "a: 2"); timed "$SATURDAY" origin main; git reset -q --hard origin/main
rm .gitattributes; S=$(made S routes/b.yaml "a: 2"); timed "$SATURDAY" origin main
for digits in 40 12; do
  logged "a commit to come, $digits digits" "$P" ""; E=$(made E deploy/production/a 1); git checkout -q -b docs HEAD~; M=$(made M docs/x 1); clock "$CLOSED"
  push origin "$E:refs/heads/${M:0:$digits}"; push origin "$M:refs/heads/docs"; push origin "$M:refs/heads/main"
  push origin ":refs/heads/${M:0:$digits}"; push origin "$M:refs/heads/main"; push origin "$E:refs/heads/${M:0:$digits}"; push origin "$M:refs/heads/${M:0:$digits}"
  push origin "$E:refs/remotes/${M:0:$digits}"; push origin "$E:refs/remotes/${M:0:$digits}/HEAD"
done
# as git describes it, and in capitals
logged "a commit to come, in other words" "$P" ""; git tag -a -m v1 v1; clock "$OPEN"; push origin v1; E=$(made E deploy/production/a 1); git checkout -q -b docs HEAD~; M=$(made M docs/x 1)
N=$(git describe); U=facade123; push origin "$E:refs/heads/$N"; push origin "$E:refs/tags/$N"; push origin "$E:refs/heads/${U^^}"; push origin "$M:refs/heads/docs"
push origin "$E:refs/heads/$N"; push origin "$M:refs/heads/$N"; push origin "$E:refs/heads/team-gadded"; push origin "$E:refs/heads/v1-1-grand"
logged "a tag to come" "$P"'[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
' ""; E=$(made E docs/x 1); F=$(made F docs/x 2); clock "$OPEN"
push origin "$E:refs/heads/tags/v9"; push origin "$F:refs/tags/v9"; push origin "$E:refs/tags/v9"; push origin "$F:refs/heads/main"
begun documents; put routes/prod.yaml 'apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: login, namespace: prod}
spec: {rules: [{host: login.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: login, port: {number: 80}}}}]}}]}'; served
O='{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "e", "namespace": "preprod"}, "spec": {"rules": [{"host": "login.example.com", "http": {"paths": [{"path": "/sso", "pathType": "Prefix", "backend": {"service": {"name": "e", "port": {"number": 80}}}}]}}]}}'
for text in "~"$'\n'"---"$'\n'"$O" "~"$'\n'"---"$'\u00a0\n'"$O" "a: 1"$'\n'"---#b: |"$'\n'" $O" "kind: List"$'\n'"items: [$O]" "apiVersion: null"$'\n'"kind: List"$'\n'"items: [$O]" \
  "apiVersion: networking.k8s.io/v1"$'\n'"kind: Ingress"$'\n'"items: [${O/\"apiVersion\": \"networking.k8s.io\/v1\", \"kind\": \"Ingress\", /}]" \
  "apiVersion: networking.k8s.io/v1"$'\n'"kind: IngressList"$'\n'"items: [${O/\"networking.k8s.io\/v1\", \"kind\": \"Ingress\"/5, \"kind\": null}]"; do
  put routes/e.yaml "$text"; commit e; clock "$SATURDAY"; push origin main | grep -E 'exit|hijack|understood|document'; git reset -q --hard origin/main
done
