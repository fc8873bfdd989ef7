//! What is wrong with the arguments, in one sentence that repeats no value: it may be a token or a secret.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::error::Error;

pub fn sentence(error: &clap::Error) -> String {
    let named = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(name)) => name.clone(),
        Some(ContextValue::Strings(names)) => names.join(", "),
        _ => String::new(),
    };
    let what = match error.kind() {
        // Here the name is the user's own text.
        ErrorKind::UnknownArgument => match option_name(&named) {
            Some(name) => format!("there is no option {name}"),
            None => "an argument was not expected".into(),
        },
        ErrorKind::InvalidSubcommand => "there is no such command".into(),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a command is needed".into(),
        ErrorKind::MissingRequiredArgument => format!("{named} is needed"),
        ErrorKind::ArgumentConflict => match error.get(ContextKind::PriorArg) {
            Some(ContextValue::String(other)) if *other == named => format!("{named} is given twice"),
            _ => format!("{named} cannot stand beside another option that was given"),
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::TooManyValues | ErrorKind::TooFewValues => {
            match (error.source(), possible(error)) {
                (Some(reason), _) => format!("{named}: {reason}"),
                (None, Some(possible)) => format!("{named}: the value is not one of {possible}"),
                (None, None) => format!("{named}: the value does not fit"),
            }
        }
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8".into(),
        _ => "the arguments do not fit".into(),
    };
    format!("{what}; see countermark --help")
}

fn possible(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::ValidValue)? {
        ContextValue::Strings(values) if !values.is_empty() => Some(values.join(", ")),
        _ => None,
    }
}

/// An option as somebody would mistype it: two dashes and a short word, without its value.
fn option_name(text: &str) -> Option<&str> {
    const CHARS_MAX: usize = 20;
    let name = text.split('=').next().unwrap_or_default();
    let is_word = name.len() <= CHARS_MAX && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    (name.starts_with("--") && is_word).then_some(name)
}
