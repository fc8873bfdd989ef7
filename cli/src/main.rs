//! The command line of Countermark. The verdicts are the library's; what is here reads files and prints.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod calibrate;
mod case;
mod checks;
mod client;
mod derive;
mod explain;
mod failure;
mod files;
mod fingerprint;
mod generate;
mod keyring;
mod keys;
mod mint;
mod policy;
mod request;
mod rights;
mod rules;
mod show;
mod strict;
mod usage;
mod verify;

use clap::{Parser, Subcommand};
use failure::{Answer, Failure};
use std::process::ExitCode;

/// Judges tokens, explains fingerprints, mints test tokens. Exit status: 0 accepted or done, 1 refused, 2 usage or bad input.
#[derive(Parser)]
#[command(name = "countermark", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print JSON
    #[arg(long, global = true, display_order = 100)]
    json: bool,
    /// Colours: on a terminal (NO_COLOR is honoured), always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 101)]
    color: Colour,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Judge a token: the verdict, and every check in order
    Verify(case::CaseFiles),
    /// Show how a client's fingerprint compares with the token's, component by component. For the host alone: a client that
    /// sees it can walk towards the threshold
    Explain(case::CaseFiles),
    /// Mint a test token
    Mint(mint::MintFiles),
    /// List the keys of a set, or make a test key
    #[command(subcommand)]
    Keys(keyring::Command),
    /// Show the components that a captured request gives
    Fingerprint(fingerprint::Files),
    /// Read a log of fingerprint reports: histogram, rates, costs, and suggested thresholds and weights
    Calibrate(calibrate::Files),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            let _ = error.print(); // the help, or the version
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&Failure::new(usage::sentence(&error)), false),
    };
    match arguments.color {
        Colour::Auto => {}
        Colour::Always => anstream::ColorChoice::Always.write_global(),
        Colour::Never => anstream::ColorChoice::Never.write_global(),
    }
    let as_json = arguments.json;
    let answer = match &arguments.command {
        Command::Verify(files) => verify::run(files, as_json),
        Command::Explain(files) => explain::run(files, as_json),
        Command::Mint(files) => mint::run(files, as_json),
        Command::Keys(command) => keyring::run(command, as_json),
        Command::Fingerprint(files) => fingerprint::run(files, as_json),
        Command::Calibrate(files) => calibrate::run(files, as_json),
    };
    match answer {
        Ok(Answer::Accepted) => ExitCode::SUCCESS,
        Ok(Answer::Refused) => ExitCode::from(1),
        Err(failure) => fail(&failure, as_json),
    }
}

/// One sentence on the standard error; with `--json` an object on the standard output too.
fn fail(failure: &Failure, as_json: bool) -> ExitCode {
    // serde repeats names of members as they stand in a file, which may be others' and hold what a terminal obeys.
    let sentence = show::plain(&failure.sentence.replace('\n', " "));
    if as_json {
        let status = failure.status.map(|status| (status.name(), status.code()));
        let object = serde_json::json!({
            "verdict": "error",
            "status": status.map(|(name, _)| name),
            "code": status.map(|(_, code)| code),
            "sentence": sentence,
        });
        show::put!("{object}");
    }
    eprintln!("countermark: {sentence}");
    ExitCode::from(2)
}
