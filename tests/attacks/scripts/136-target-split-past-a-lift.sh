# 135 in a policy that asks for a signature for every edit that opens something (`finding = "policy-change"`). An edit that opens an hour is refused, and so must the split and the last push be.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
K=$ROOT/keys; rm -rf $K; mkdir -p $K; for p in ben cleo; do ssh-keygen -q -t ed25519 -N '' -C '' -f $K/$p; done
R="$(for p in ben cleo; do echo "$p@example.com namespaces=\"freezegate-grant\" $(cut -d' ' -f1,2 $K/$p.pub)"; done)"
L='[approvers]
allowed_signers = "s"
groups = { leads = ["ben@example.com", "cleo@example.com"] }
[[lifts]]
finding = "policy-change"
signed = ["leads"]
'
P="$AMERICA$L"'[environments.production]
[[targets]]
paths = ["app/**", "db/**"]
environment = "production"
'
SPLIT="$AMERICA$L"'[environments.production]
[[targets]]
paths = ["app/**"]
environment = "production"
[[targets]]
paths = ["db/**"]
environment = "production"
'
rm -f $ROOT/rec.jsonl*; ARENA_POLICY="$POLICY" arena y; rm $SERVER/hooks/pre-receive
echo "$R" > s; printf '%s' "$P" > freezegate.toml; commit p; push origin main; hook --record $ROOT/rec.jsonl
put app/x 1; put db/schema 1; commit S1; timed "2025-07-09 02:00:00" origin main
put app/x 2; put db/schema 2; commit S2; timed "2025-07-09 02:10:00" origin main
put db/schema 3; commit S3; timed "2025-07-09 02:20:00" origin main
echo "an edit that opens:"; sed -i 's/08:00-18:00/08:00-17:00/' freezegate.toml; commit o; clock "2025-07-09 21:30:00"; push origin main | grep -E '^\[|refused:|edit'; git reset -q --hard HEAD~
echo split:; printf '%s' "$SPLIT" > freezegate.toml; commit split; clock "2025-07-09 21:40:00"; push origin main | grep -E '^\[|refused|opens|allows'
put app/x 1; commit "app of S1, db of S3"; clock "$CLOSED"; push origin main | grep -E '^\[|refused:|verified|overridden'
