//! `hook install`: puts a hook where git runs it, and leaves alone what others put there.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::cli::args::{HookName, InstallArgs, organisation};
use crate::cli::edge::Edge;
use crate::cli::hook::git_program::{GitProgram, meant, name_in_config};
use crate::cli::hook::grants;
use crate::cli::hook::hook_file::{path_word, same_place, script, unreadable, unwritable};
use crate::cli::hook::other_tools::lines_to_add;
use crate::cli::hook::shim::{Shim, own_program};
use crate::cli::hook::status::{Fix, Stand, of_file};
use crate::cli::hook::status_rows::{NO_RECORD, row};
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::record_branch::{RecordBranch, located};
use crate::gate::request::{OrganisationChoice, PolicyPlace};
use crate::gate::stops::ReadyStopPlace;
use crate::gate::world::World;
use crate::gate::{repository, source};
use crate::policy::StopPlace;
use crate::proof::record::RecordLocation;
use crate::report::rows::glued;

/// `freezegate hook install`: 0 it is there, 1 something of somebody else's is, 2 it can't be.
pub(crate) fn install(args: &InstallArgs, edge: &Edge, output: &mut Output) -> Status {
    output.tell(put(args, edge), edge)
}

fn put(args: &InstallArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let (git, width) = (GitProgram::find()?, edge.width());
    let hook = meant(&git, args.hook)?;
    if hook == HookName::PreReceive && !git.receives()? {
        return Err(Faults::one(
            Diagnostic::error(Code::InvalidUsage, "git runs `pre-receive` where pushes arrive, and this is a work clone")
                .help(
                    "in a work clone: `freezegate hook install pre-push`; on the server, run `freezegate hook install \
                     pre-receive` in its bare repository; for a clone that receives pushes, first `git config receive.denyCurrentBranch updateInstead`",
                ),
        ));
    }
    if hook == HookName::PrePush && git.is_bare()? {
        return Err(Faults::one(
            Diagnostic::error(
                Code::InvalidUsage,
                "git runs `pre-push` where pushes leave, and this is a bare repository",
            )
            .help("here: `freezegate hook install pre-receive`; in a clone: `freezegate hook install pre-push`"),
        ));
    }
    let mut shim = Shim {
        hook,
        program: program(edge)?,
        policy: given_policy(args, edge)?,
        extra_freezes: given_freezes(args, edge)?,
        organisation: given_organisation(args, edge)?,
        stops: given_stops(args, edge)?,
        record: given_record(args, edge)?,
    };
    let lacks = if hook == HookName::PreReceive { grants::rows(&git, width)? } else { String::new() };
    let own = git.own_hook_file(hook)?;
    let kept = match replaced(&git, hook, &own)? {
        None => Vec::new(),
        Some((place, text)) => match shim.keep_options(&text) {
            Ok(kept) => kept,
            Err(word) => {
                let why = format!("{place} has `{word}`, which `hook install` does not know");
                let fix = format!("delete it, run `freezegate hook install {}`, and add `{word}` again", hook.as_str());
                return Ok((format!("left alone: {why}\n{}", row("fix", &fix, width)), Status::Refused));
            }
        },
    };
    if git.runs_configured_hooks() {
        let name = name_in_config(hook);
        git.configure(name, hook, &shim.command())?;
        let mut text = installed(&shim, &format!("`hook.{name}` in this repository's configuration"), &lacks, width);
        text.push_str(&away(hook, width));
        text.push_str(&told_kept(&kept, width));
        if matches!(script(&own)?, Some(script) if Shim::is_ours(&script)) {
            // both would run
            fs::remove_file(&own).map_err(|error| unwritable(&own, &error))?;
            text.push_str(&row("replaces", &format!("`{}`, which is deleted", own.display()), width));
        }
        return Ok((text, Status::Allowed));
    }
    let file = git.hook_file(hook)?;
    let why = if !same_place(&file, &own) {
        let hooks_path = git.hooks_path()?.unwrap_or_else(|| file.display().to_string());
        Some(format!("`core.hooksPath` is `{hooks_path}`: other repositories may use the same hooks"))
    } else if script(&own)?.is_some_and(|script| !Shim::is_ours(&script)) {
        Some(format!("`{}` is not freezegate's", own.display()))
    } else {
        None
    };
    if let Some(why) = why {
        return match of_file(&git, hook, edge)? {
            Some(Stand::Active(runs)) if !shim.has_options() => {
                Ok((format!("active already: the {} hook\n{}", hook.as_str(), runs.rows(width)), Status::Allowed))
            }
            Some(Stand::Not(because, Fix::Command(command))) => {
                let rows = row("because", &because, width) + &row("fix", &command, width);
                Ok((format!("left alone: {why}\n{rows}"), Status::Refused))
            }
            Some(Stand::Active(_) | Stand::Not(_, Fix::Lines)) | None => {
                let lines = lines_to_add(&git, hook, width)?;
                Ok((format!("left alone: {why}\nnothing was changed\n{lines}"), Status::Refused))
            }
        };
    }
    write(&own, &shim.script()).map_err(|error| unwritable(&own, &error))?;
    let mut text = installed(&shim, &glued(&format!("`{}`", own.display())), &lacks, width);
    text.push_str(&away(hook, width));
    text.push_str(&told_kept(&kept, width));
    Ok((text, Status::Allowed))
}

/// The hook of freezegate's that is there already, if one is: where it stands, and its text.
fn replaced(git: &GitProgram, hook: HookName, own: &Path) -> Result<Option<(String, String)>, Faults> {
    if let Some(script) = script(own)?.filter(|script| Shim::is_ours(script)) {
        return Ok(Some((format!("`{}`", own.display()), script)));
    }
    let name = name_in_config(hook);
    let configured = git.configured_hooks(hook)?.into_iter().find(|one| one.name == name);
    Ok(configured.map(|one| (format!("`hook.{name}.command`"), one.command)))
}

fn away(hook: HookName, width: usize) -> String {
    row("remove", &format!("`freezegate hook uninstall {}`", hook.as_str()), width)
}

fn told_kept(kept: &[&str], width: usize) -> String {
    if kept.is_empty() {
        return String::new();
    }
    row("kept", &format!("{} of the hook that was there", kept.join(" and ")), width)
}

fn program(edge: &Edge) -> Result<String, Faults> {
    let fault = |cause: String| {
        Faults::one(Diagnostic::error(Code::Unwritable, cause).help("start it by its absolute path, and try again"))
    };
    let program = own_program(edge.variable("PATH").as_deref())
        .map_err(|error| fault(format!("the path of this program is unknown: {error}")))?;
    program.into_os_string().into_string().map_err(|_| fault("the path of this program is not UTF-8".to_owned()))
}

/// The policy that the hook shall use, by its absolute path, if it can be used.
fn given_policy(args: &InstallArgs, edge: &Edge) -> Result<Option<String>, Faults> {
    let Some(path) = &args.policy else {
        return Ok(None);
    };
    let absolute = edge.absolute(path);
    let organisation = organisation(args.organisation_policy.as_ref());
    source::read(&PolicyPlace { files: vec![absolute.clone()], organisation, ..PolicyPlace::default() }, edge)?;
    absolute.into_os_string().into_string().map(Some).map_err(|_| {
        Faults::one(Diagnostic::error(Code::UnreadableFile, "the path of the policy is not UTF-8").help("rename it"))
    })
}

/// The file of extra freezes that the hook shall use, by its absolute path.
fn given_freezes(args: &InstallArgs, edge: &Edge) -> Result<Option<String>, Faults> {
    let Some(path) = &args.extra_freezes else {
        return Ok(None);
    };
    let absolute = edge.absolute(path);
    // what can't be read refuses every push
    edge.length(&absolute).map_err(|error| unreadable(&absolute, &error))?;
    absolute.into_os_string().into_string().map(Some).map_err(|_| {
        let cause = "the path of the file of extra freezes is not UTF-8";
        Faults::one(Diagnostic::error(Code::UnreadableFile, cause).help("rename it"))
    })
}

/// The organisation's policy that the hook shall use, by its absolute path, if it is one.
fn given_organisation(args: &InstallArgs, edge: &Edge) -> Result<Option<String>, Faults> {
    let path = match organisation(args.organisation_policy.as_ref()) {
        OrganisationChoice::Unsaid => return Ok(None),
        OrganisationChoice::None => return Ok(Some("none".to_owned())),
        OrganisationChoice::File(path) => edge.absolute(&path),
    };
    let policy = source::read(&PolicyPlace { files: vec![path.clone()], ..PolicyPlace::default() }, edge)?;
    if policy.organisation.is_none() {
        let cause = format!("`{}` is not an organisation's policy: it has no `[organisation]`", path.display());
        let help = "add `[organisation]` with `name` and `serial`; for the policy of one repository, use `--policy`";
        return Err(Faults::one(Diagnostic::error(Code::NoPolicy, cause).help(help)));
    }
    path.into_os_string().into_string().map(Some).map_err(|_| {
        let cause = "the path of the organisation's policy is not UTF-8";
        Faults::one(Diagnostic::error(Code::UnreadableFile, cause).help("rename it"))
    })
}

/// Returns where the hook shall read stops, if they can be read; a file by its absolute path.
fn given_stops(args: &InstallArgs, edge: &Edge) -> Result<Option<String>, Faults> {
    let Some(written) = &args.stops else {
        return Ok(None);
    };
    let place = ReadyStopPlace::open(written, edge)?;
    place.entries()?;
    let given = match place.name {
        StopPlace::File(_) => edge.absolute(Path::new(written)).into_os_string(),
        StopPlace::OwnRef(_) | StopPlace::Remote(_) => written.clone(),
    };
    given.into_string().map(Some).map_err(|_| {
        let cause = "the path of the stops is not UTF-8";
        Faults::one(Diagnostic::error(Code::UnreadableFile, cause).help("rename it"))
    })
}

/// The record that the hook shall use, if it is one; a file by its absolute path.
fn given_record(args: &InstallArgs, edge: &Edge) -> Result<Option<String>, Faults> {
    let Some(location) = args.record.location.as_deref() else {
        return Ok(None);
    };
    let given = match located(location)? {
        RecordLocation::File(path) => {
            let path = edge.absolute(&path);
            if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
                let cause = format!("the folder of the record, `{}`, does not exist", folder.display());
                let help = format!(
                    "`mkdir -p {}`, writable for the account that runs the hook; then install the hook",
                    path_word(folder)
                );
                return Err(Faults::one(Diagnostic::error(Code::NoRecord, cause).help(help)));
            }
            path.into_os_string()
        }
        RecordLocation::Ref { remote, name } => {
            if let (None, Some(branch)) = (remote, RecordBranch::named(&name)) {
                branch.is_not_checked_out(&repository::here(edge)?)?;
            }
            location.to_owned()
        }
    };
    given.into_string().map(Some).map_err(|_| {
        Faults::one(Diagnostic::error(Code::NoRecord, "the location of the record is not UTF-8").help("rename it"))
    })
}

fn write(path: &Path, script: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create(path)?;
    file.write_all(script.as_bytes())?;
    file.sync_all()?;
    drop(file);
    make_executable(path)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

fn installed(shim: &Shim, place: &str, lacks: &str, width: usize) -> String {
    let hook = shim.hook.as_str();
    let mut text = format!("installed: the {hook} hook\n");
    text.push_str(&row("where", place, width));
    text.push_str(&row("runs", &glued(&shim.program), width));
    let policy = match (&shim.policy, shim.hook) {
        (Some(policy), _) => glued(policy),
        (None, HookName::PrePush) => {
            "from the remote's default branch as last fetched, else from the work tree".to_owned()
        }
        (None, HookName::PreReceive) => "that of this repository's default branch before the push".to_owned(),
    };
    text.push_str(&row("policy", &policy, width));
    shim.extra_freezes.iter().for_each(|path| text.push_str(&row("freezes", &glued(path), width)));
    shim.organisation.iter().for_each(|path| text.push_str(&row("follows", &glued(path), width)));
    shim.stops.iter().for_each(|place| text.push_str(&row("stops", place, width)));
    text.push_str(lacks);
    match (&shim.record, shim.hook) {
        (Some(record), _) => text.push_str(&row("record", &glued(record), width)),
        (None, HookName::PreReceive) => text.push_str(&row("record", NO_RECORD, width)),
        (None, HookName::PrePush) => {}
    }
    text.push_str(&row("check", &format!("`freezegate hook status {hook}`"), width));
    text
}
