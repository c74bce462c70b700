//! The program as people and jobs run it.

mod answers;
mod backtest_command;
mod calendar_command;
mod ci;
mod cli;
mod completed;
mod credential;
mod decision_schema;
mod docs;
mod editors;
mod exchange_command;
mod glance;
mod init;
mod manifests_command;
mod notifications;
mod packages;
mod plan_command;
mod printed_commands;
mod refusals;
mod report_command;
#[path = "routes/proxies.rs"]
mod route_proxies;
mod routes_command;
mod run;
mod shell;
mod situations;
mod stop;
mod tested;
mod wait;
mod whereabouts;

/// What several of these use.
#[expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]
mod support {
    pub(crate) mod clean;
    pub(crate) mod clock;
    pub(crate) mod validator;
}
