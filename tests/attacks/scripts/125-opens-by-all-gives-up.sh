# 111 goes on: opens_by_all (src/gate/check.rs) gives up after MOST_ROUNDS = 16 turns between the policies that are asked, and what is printed then is no "not known". Two policies that close alternate hours of
# three days (the one in force the even ones, the tip's the odd ones). Prints what the refusal says, what the JSON says, and what the same job gets at the true opening (12 July 00:00:01): allowed.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
T='[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
P='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
'"$T"
freezes() { local h; for h in $(seq $1 2 $2); do d=$((9+h/24)); e=$((h+1)); printf '[[freezes]]\nname = "h%s"\nfrom = 2025-07-%02dT%02d:00:00\nuntil = 2025-07-%02dT%02d:00:00\ntimezone = "UTC"\nenvironments = ["production"]\n' $h $d $((h%24)) $((9+e/24)) $((e%24)); done; }
for n in 11 71; do
say "alternating hours up to hour $n"
begin a "$P$(freezes 0 $n)" > /dev/null; S=$(made A app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00" > /dev/null
printf '%s' "$P$(freezes 1 $n)" > freezegate.toml; commit F; git push -q origin main
git checkout -q -B w $S; X=$(made X app/a 1); git checkout -q main
deploy_job $rel $none $X "2025-07-09 00:30:00" > /dev/null; grep -E 'refused|opens|closed|wait' "$A/o"
deploy_job $rel $none $X "2025-07-09 00:31:00" --format json > /dev/null; grep -oE '"[a-z_]*open[a-z_]*": *[^,]*' "$A/o" | sort | uniq -c
[ $n = 11 ] && t="2025-07-09 12:00:01" || t="2025-07-12 00:00:01"
deploy_job $rel $none $X "$t"
done
