//! Targets of what plans and manifests change: each changed resource or object by itself.

#![expect(clippy::unwrap_used, reason = "a test that can't read its policy should fail")]

use freezegate::change::TerraformPlan;
use freezegate::change::command::FactValue;
use freezegate::change::plan::SavedPlan;
use freezegate::fact::FactKey;
use freezegate::guard::{GuardedFile, RenderedManifests};
use freezegate::policy::Policy;
use freezegate::reach::{ResourceChanges, Shown, TargetMatcher};

use crate::plans::plan;
use crate::policies::files::Memory;

fn policy(keys: &str) -> Policy {
    let head = "version = 1
[regions.eu]
timezones = [\"Europe/Berlin\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
\
                [regions.us]
timezones = [\"America/New_York\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
";
    let tables = "[environments.production]\naliases = [\"prod\"]\n[environments.staging]\n[services.shop]\n";
    Memory::one(format!("{head}{tables}[[targets]]\n{keys}\n")).load().unwrap()
}

/// Returns what is shown, and by what: `ENVIRONMENT/REGION/SERVICE by WHAT`; or why that can't be told.
fn told(shown: Result<Shown, String>) -> Result<Vec<String>, String> {
    let shown = shown?;
    let part = |name: Option<&String>| name.map_or_else(String::new, |name| format!("/{name}"));
    let hit = |hit: &freezegate::reach::shown::Hit| {
        let reached = &hit.reached;
        let region = part(reached.region.as_ref().map(|one| &one.name));
        let region = if hit.named_region { region } else { String::new() };
        let kinds: Vec<&str> = reached.kinds.iter().map(freezegate::policy::Kind::as_str).collect();
        let service = part(reached.service.as_ref().map(|one| &one.name));
        format!("{}{region}{service} {}", reached.environment.name, kinds.join("+"))
    };
    let mut told: Vec<String> = shown.hits.iter().map(hit).map(|text| text.trim_end().to_owned()).collect();
    told.extend(shown.unknown.iter().map(|one| one.message.clone()));
    told.dedup();
    Ok(told)
}

fn by_plan(keys: &str, plan: &TerraformPlan, common: &[(FactKey, FactValue)]) -> Result<Vec<String>, String> {
    let policy = policy(keys);
    let matcher = TargetMatcher::new(&policy);
    let mut shown = Shown::default();
    let found = matcher.resources(ResourceChanges::Planned, &plan.changes, common, &mut shown);
    told(found.map(|_| shown).map_err(|error| error.to_string()))
}

fn made(changes: &str, rest: &str) -> TerraformPlan {
    let text = format!(r#"{{"format_version":"1.2","resource_changes":[{changes}]{rest}}}"#);
    TerraformPlan::read(text.as_bytes()).unwrap()
}

/// A plan that Terraform 1.11 wrote: a record of the main region, and two databases of modules, of which one has a provider of its own.
#[test]
fn each_change_of_a_plan_is_compared_with_all_keys_of_a_target() {
    let plan = plan("multi-region-replace.json");
    let named = "environment = \"production\"";
    for (keys, expected) in [
        ("resources = [\"aws_db_instance\"]\nenvironment = \"production\"", &["production infrastructure"][..]),
        ("resources = [\"aws_kms_*\"]\nenvironment = \"production\"", &[]),
        (
            "addresses = [\"module.*.aws_db_instance.this\"]\nmodules = [\"module.{region}\"]\nenvironment = \"production\"",
            &["production/eu infrastructure", "production/us infrastructure"],
        ),
        (
            "modules = [\"module.{region}\"]\nenvironment = \"production\"\nkind = \"migration\"",
            &["production/eu migration", "production/us migration"],
        ),
        ("addresses = [\"aws_route53_record.*\"]\nmodules = [\"*\"]\nenvironment = \"production\"", &[]),
        (
            "providers = [\"registry.terraform.io/hashicorp/aws\"]\nenvironment = \"staging\"",
            &["staging infrastructure"],
        ),
        ("providers = [\"*/google\"]\nenvironment = \"staging\"", &[]),
        // by the ARN of what is replaced, by the constant of its provider, and by the variable of the main one
        ("regions = [\"us-east-1\"]\nregion = \"us\"\nenvironment = \"production\"", &["production/us infrastructure"]),
        ("regions = [\"eu-west-1\"]\nresources = [\"aws_route53_record\"]\nenvironment = \"production\"", &[]),
        (
            "regions = [\"us-east-1\"]\nresources = [\"aws_route53_record\"]\nenvironment = \"production\"",
            &["production infrastructure"],
        ),
    ] {
        assert_eq!(by_plan(keys, &plan, &[]).unwrap(), expected, "{keys}");
    }
    // a record of DNS has no ARN, and its provider names no account
    let accounts = format!("accounts = [\"111122223333\"]\n{named}");
    let error = "the account that `terraform apply` acts on is not known: the plan does not show the account of \
                 `aws_route53_record.api`";
    assert_eq!(by_plan(&accounts, &plan, &[]).unwrap_err(), error);
    // of a replacement, the provider says where the new one is: it says nothing here
    let both = format!("{accounts}\nmodules = [\"module.eu\"]");
    assert!(by_plan(&both, &plan, &[]).unwrap_err().ends_with("the account of `module.eu.aws_db_instance.this`"));
    let other = format!("{accounts}\nmodules = [\"module.asia\"]");
    assert_eq!(by_plan(&other, &plan, &[]).unwrap(), [""; 0]);
}

/// Where resources are: each line is a change, what stands beside the changes in the plan, and the regions and accounts.
#[test]
fn where_a_resource_is_is_read_from_it_or_from_its_provider() {
    let change = |provider: &str, actions: &str, body: &str| {
        format!(
            r#"{{"address":"module.m[\"a.b\"].x.y[0]","type":"x","provider_name":"registry.terraform.io/hashicorp/{provider}","change":{{"actions":{actions},{body}}}}}"#
        )
    };
    let configured = |key: &str, provider: &str| {
        format!(
            r#","variables":{{"r":{{"value":"eu-west-1"}},"secret":{{"value":"hunter2"}}}},"configuration":{{"provider_config":{{"{key}":{provider}}},"root_module":{{"module_calls":{{"m":{{"module":{{"resources":[{{"address":"x.y","provider_config_key":"{key}"}}]}}}}}}}}}}"#
        )
    };
    let none = String::new();
    let constant = configured(
        "aws",
        r#"{"expressions":{"region":{"constant_value":"us-east-1"},"allowed_account_ids":{"constant_value":["1","2"]}}}"#,
    );
    let variable = configured(
        "aws",
        r#"{"expressions":{"region":{"references":["var.r"]},"assume_role":[{"role_arn":{"constant_value":"arn:aws:iam::3:role/x"}}]}}"#,
    );
    let of_module =
        configured("m:aws", r#"{"module_address":"module.m","expressions":{"region":{"references":["var.r"]}}}"#);
    let computed = configured("aws", r#"{"expressions":{"region":{"references":["var.r","local.x"]}}}"#);
    let secret = configured("aws", r#"{"expressions":{"region":{"references":["var.secret"]}}}"#);
    let google = configured("google", r#"{"expressions":{"project":{"constant_value":"p"}}}"#);
    let arn = r#""before":{"arn":"arn:aws:rds:eu-west-1:1:db:x"},"after":{"arn":"arn:aws:rds:eu-west-1:1:db:x"}"#;
    let gone = r#""before":{"arn":"arn:aws:rds:eu-west-1:1:db:x"},"after":null"#;
    let replaced = r#""before":{"arn":"arn:aws:rds:eu-west-1:1:db:x"},"after":{},"after_unknown":{"arn":true}"#;
    let nothing = r#""before":{},"after":{"a":1}"#;
    for (provider, actions, body, rest, regions, accounts) in [
        ("aws", r#"["update"]"#, arn, &none, "eu-west-1", "1"),
        ("aws", r#"["update"]"#, arn, &constant, "eu-west-1", "1"),
        ("aws", r#"["delete"]"#, gone, &none, "eu-west-1", "1"),
        ("aws", r#"["delete","create"]"#, replaced, &none, "?", "?"),
        ("aws", r#"["delete","create"]"#, replaced, &constant, "eu-west-1,us-east-1", "1,2"),
        (
            "aws",
            r#"["update"]"#,
            r#""before":{"region":"us-east-1"},"after":{"region":"eu-west-1"}"#,
            &none,
            "us-east-1,eu-west-1",
            "?",
        ),
        (
            "aws",
            r#"["create"]"#,
            r#""before":null,"after":{},"after_unknown":{"region":true}"#,
            &constant,
            "us-east-1",
            "1,2",
        ),
        ("aws", r#"["create"]"#, nothing, &variable, "eu-west-1", "3"),
        ("aws", r#"["create"]"#, nothing, &of_module, "?", "?"),
        ("aws", r#"["create"]"#, nothing, &computed, "?", "?"),
        ("aws", r#"["create"]"#, nothing, &secret, "?", "?"),
        (
            "aws",
            r#"["update"]"#,
            r#""before":{"arn":"arn:aws:s3:::x"},"after":{"arn":"arn:aws:s3:::x"}"#,
            &constant,
            "us-east-1",
            "1,2",
        ),
        (
            "aws",
            r#"["update"]"#,
            r#""before":{"region":"a"},"after":{"region":"a"},"after_sensitive":{"region":true}"#,
            &none,
            "?",
            "?",
        ),
        (
            "google",
            r#"["update"]"#,
            r#""before":{"region":"europe-west3","project":"p"},"after":{"region":"europe-west3","project":"p"}"#,
            &none,
            "europe-west3",
            "p",
        ),
        (
            "google-beta",
            r#"["update"]"#,
            r#""before":{"zone":"europe-west3-b"},"after":{"zone":"europe-west3-b"}"#,
            &google,
            "europe-west3",
            "p",
        ),
        (
            "azurerm",
            r#"["update"]"#,
            r#""before":{"location":"westeurope","id":"/subscriptions/s/x"},"after":{"location":"westeurope","id":"/subscriptions/s/x"}"#,
            &none,
            "westeurope",
            "s",
        ),
    ] {
        let plan = made(&change(provider, actions, body), rest);
        let values = |key: FactKey| {
            let found = plan.changes[0].facts.iter().find(|(known, _)| *known == key).map(|(_, value)| value).unwrap();
            match found {
                FactValue::AnyOf(values) => {
                    values.iter().map(|one| String::from_utf8_lossy(one).into_owned()).collect::<Vec<_>>().join(",")
                }
                FactValue::NotUnderstood(_) => "?".to_owned(),
            }
        };
        assert_eq!(
            (values(FactKey::Regions).as_str(), values(FactKey::Accounts).as_str()),
            (regions, accounts),
            "{provider} {actions} {body} {rest}"
        );
        assert!(!format!("{plan:?}").contains("hunter2"));
    }
    // what is in no region shows none
    let plan = made(&change("random", r#"["create"]"#, nothing), "");
    assert_eq!(by_plan("regions = [\"*\"]\nenvironment = \"production\"", &plan, &[]).unwrap(), [""; 0]);
    for twice in [r#"{"provider_config":{"aws":{},"aws":{}}}"#, r#"{"root_module":{"module_calls":{"m":{},"m":{}}}}"#] {
        let text = format!(r#"{{"format_version":"1.2","resource_changes":[],"configuration":{twice}}}"#);
        assert!(
            TerraformPlan::read(text.as_bytes()).unwrap_err().to_string().contains("a key occurs twice"),
            "{twice}"
        );
    }
}

#[test]
fn a_moved_resource_is_at_both_addresses() {
    let moved = r#"{"address":"module.staging.t.x","previous_address":"module.prod.t.x","type":"t","change":{"actions":["update"],"before":{"a":1},"after":{"a":2}}}"#;
    let keys = "addresses = [\"{environment}:t.x\", \"module.{environment}.t.x\"]";
    assert_eq!(by_plan(keys, &made(moved, ""), &[]).unwrap(), ["staging infrastructure", "production infrastructure"]);
    assert_eq!(
        by_plan("modules = [\"module.{environment}\"]", &made(moved, ""), &[]).unwrap(),
        ["production infrastructure"]
    );
    assert_eq!(by_plan(keys, &made("", ""), &[]).unwrap(), [""; 0]);
}

#[test]
fn a_saved_plan_says_for_which_state_it_is() {
    let saved = SavedPlan::read(include_bytes!("data/plans/prod.tfplan")).unwrap();
    let plan = plan("dixa-change.json");
    let keys = "workspaces = [\"{environment}\"]\nresources = [\"aws_dynamodb_*\"]";
    assert_eq!(by_plan(keys, &plan, &saved.facts()).unwrap(), ["production infrastructure"]);
    let states = "states = [\"local:terraform.tfstate.d/{environment}/*\"]";
    assert_eq!(by_plan(states, &plan, &saved.facts()).unwrap(), ["production infrastructure"]);
    let unknown = [(FactKey::States, FactValue::NotUnderstood("the JSON does not say".to_owned()))];
    let error = "the state that `terraform apply` acts on is not known: the JSON does not say";
    assert_eq!(by_plan(states, &plan, &unknown).unwrap_err(), error);
}

fn by_manifests(keys: &str, after: &str, before: Option<&str>) -> Result<Vec<String>, String> {
    let file = |text: &str| vec![GuardedFile { path: "all.yaml".to_owned(), content: text.as_bytes().to_vec() }];
    let read = RenderedManifests::read(file(after), before.map(file)).unwrap();
    let policy = policy(keys);
    let matcher = TargetMatcher::new(&policy);
    let mut shown = Shown::default();
    let found = matcher.resources(ResourceChanges::Rendered, &read.changes, &[], &mut shown);
    let told = told(found.map(|_| shown).map_err(|error| error.to_string()));
    // objects come by their kinds and names
    told.map(|mut told| {
        told.sort();
        told
    })
}

#[test]
fn each_changed_object_is_compared_with_all_keys_of_a_target() {
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {env: prod, n: 1}, annotations: {team: a=b}}\nspec: {template: {spec: {initContainers: [{name: i, image: init:1}], containers: [{name: c, image: registry.example.com/web:2}]}}}\n";
    let other =
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: other, labels: {env: staging}}\n";
    let both = format!("{web}{other}");
    let staged = web.replace("env: prod", "env: staging");
    let named = "environment = \"production\"";
    for (keys, after, before, expected) in [
        ("labels = [\"env={environment}\"]", &*both, None, &["production", "staging"][..]),
        ("labels = [\"env={environment}\"]", &both, Some(web), &["staging"]),
        ("labels = [\"env={environment}\"]", &staged, Some(web), &["production", "staging"]),
        ("labels = [\"n=1\"]\nenvironment = \"production\"", web, None, &["production"]),
        ("labels = [\"n=*\"]\nnamespaces = [\"other\"]\nenvironment = \"production\"", &both, None, &[]),
        (
            "namespaces = [\"{service}\"]\nobjects = [\"web\"]\nresources = [\"Deployment\"]\nenvironment = \"production\"",
            &both,
            None,
            &["production/shop"],
        ),
        ("annotations = [\"team=a=b\"]\nenvironment = \"production\"", &both, None, &["production"]),
        ("images = [\"registry.example.com/*\"]\nenvironment = \"production\"", &both, None, &["production"]),
        ("images = [\"init:1\"]\nenvironment = \"production\"", &both, None, &["production"]),
        ("images = [\"web:*\"]\nenvironment = \"production\"", &both, None, &[]),
        ("objects = [\"w*\"]\nenvironment = \"production\"\nkind = \"deploy\"", &both, None, &["production deploy"]),
        // nothing changes
        ("objects = [\"w*\"]\nenvironment = \"production\"", &both, Some(&*both), &[]),
        // a namespace is in itself, and what is in none shows none
        (
            "namespaces = [\"shop\"]\nenvironment = \"production\"",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
            None,
            &["production"],
        ),
        (
            "namespaces = [\"*\"]\nenvironment = \"production\"",
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: shop}\n",
            None,
            &[],
        ),
        // keys of plans
        ("resources = [\"Deployment\"]\naddresses = [\"*\"]\nenvironment = \"production\"", &both, None, &[]),
    ] {
        // a target of plans alone is asked by nothing that manifests show
        assert_eq!(by_manifests(keys, after, before).unwrap(), expected, "{keys}\n{after}");
    }
    let unnamed = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";
    let error = by_manifests(&format!("namespaces = [\"shop\"]\n{named}"), unnamed, None).unwrap_err();
    assert_eq!(error, "the namespace that `kubectl apply` acts on is not known: Deployment `web` names no namespace");
    let of_others = "apiVersion: example.com/v1\nkind: Node\nmetadata: {name: web}\n";
    assert!(by_manifests(&format!("namespaces = [\"shop\"]\n{named}"), of_others, None).is_err());
    let asks_else = format!("namespaces = [\"shop\"]\nobjects = [\"api\"]\n{named}");
    assert_eq!(by_manifests(&asks_else, unnamed, None).unwrap(), [""; 0]);
}
