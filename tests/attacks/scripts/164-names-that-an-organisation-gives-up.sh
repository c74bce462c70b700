# A repository that follows an organisation defined a name of the organisation in a weaker way, which did not count; then the organisation gave up the name,
# by an edit that opened nothing by itself; from then on the weaker definition counted. To leave an environment to repositories, or to remove a service, opens.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[organisation]
name         = "example"
serial       = 1
environments = ["staging"]
'"${AMERICA#version = 1
}"'[services.web]
[environments.production]
[[freezes]]
name         = "web sale"
from         = 2025-07-01T00:00:00
until        = 2025-08-01T00:00:00
timezone     = "UTC"
environments = ["production"]
services     = ["web"]
'
for case in listed renamed removed control; do
  logged $case "$P" "--record $ROOT/rec.jsonl"
  case $case in
    listed) sed -i 's/^environments = \["staging"\]/environments = ["staging", "production"]/; /^\[environments.production\]$/d' freezegate.toml;;
    renamed) sed -i 's/web"\]/web2"]/; s/^\[services.web\]/[services.web2]/' freezegate.toml;;
    removed) sed -i '/^\[services.web\]/d; /^\[\[freezes/,$d' freezegate.toml;;
    control) sed -i 's/^environments = \["staging"\]/environments = ["staging", "testing"]/' freezegate.toml;;
  esac
  sed -i 's/^serial .*/serial = 2/' freezegate.toml; commit give-up; clock "$CLOSED"; push origin main
done
