//! How well the fingerprint presets tell devices apart.
//!
//! `quality run [--devices N] [--seed S] [--data FOLDER] [--docs FOLDER]` measures everything; `quality sets` measures the set
//! sketch; `quality weights` prints what the presets' numbers come from; `quality visits` prints the simulated visits of apify's
//! desktops under the preset `browser`, as a log for `countermark calibrate`.

mod browser;
mod clock;
mod component;
mod curve;
mod data;
mod document;
mod life;
mod minhash;
mod network;
mod population;
mod preset;
mod random;
mod rates;
mod report;
mod sample;
mod score;
mod seen;
mod sets;
mod simulate;
mod svg;
mod visits;
mod weights;
mod world;

use std::process::ExitCode;

/// What the command line says.
struct Options {
    devices: usize,
    seed: u64,
    data: Option<String>,
    docs: Option<String>,
}

fn options(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options { devices: 4000, seed: 1, data: None, docs: None };
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("{} needs a value", pair[0])) };
        let number = || value.parse::<u64>().map_err(|_| format!("{name} needs a number, not {value}"));
        match name.as_str() {
            "--devices" => options.devices = (number()? as usize).max(10),
            "--seed" => options.seed = number()?,
            "--data" => options.data = Some(value.clone()),
            "--docs" => options.docs = Some(value.clone()),
            _ => return Err(format!("unknown option {name}")),
        }
    }
    Ok(options)
}

fn run() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = arguments.split_first().ok_or("quality run | sets | weights | visits")?;
    let options = options(rest)?;
    match command.as_str() {
        "sets" => println!("{}", sets::table(options.seed)),
        "weights" => {
            println!("{}", weights::table(&data::Data::load(options.data.as_deref())?, options.devices, options.seed))
        }
        "visits" => {
            let data = data::Data::load(options.data.as_deref())?;
            let desktops = simulate::simulate(&data, population::Source::ApifyDesktop, options.devices, 1.0, options.seed);
            visits::log(&desktops, &preset::BROWSER).iter().for_each(|line| println!("{line}"));
        }
        "run" => {
            let data = data::Data::load(options.data.as_deref())?;
            let (text, picture) = document::write(&data, options.devices, options.seed);
            match options.docs {
                None => println!("{text}"),
                Some(folder) => {
                    let write = |name: &str, text: &str| {
                        std::fs::write(format!("{folder}/{name}"), text).map_err(|error| format!("{folder}/{name}: {error}"))
                    };
                    write("quality.md", &text)?;
                    write("quality-roc.svg", &picture)?;
                }
            }
        }
        _ => return Err(format!("unknown command {command}: run, sets, weights or visits")),
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
