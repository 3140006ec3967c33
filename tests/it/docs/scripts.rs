//! What a shell is given of a block of code.

use std::collections::BTreeSet;

use super::markdown::Block;

/// Languages of which every line is looked at.
pub(super) const SHELLS: [&str; 6] = ["sh", "bash", "console", "cron", "yaml", "powershell"];

/// What a shell would be given: without prompts, without the fields of cron, the steps of a pipeline only, and of PowerShell
/// the lines with a `foretop` in them.
pub(super) fn script(block: &Block) -> String {
    let text = block.text.replace("\\\n", " ");
    let lines = text.lines();
    let lines: Vec<String> = match block.language.as_str() {
        "console" => lines.filter_map(|line| line.strip_prefix("$ ").map(str::to_owned)).collect(),
        "cron" => lines.map(cron_command).collect(),
        "yaml" => pipeline(&text),
        "powershell" => powershell_as_sh(&block.text),
        _ => lines.map(str::to_owned).collect(),
    };
    lines.join("\n") + "\n"
}

/// The command of a line of a crontab. There `%` ends the command, but for `\%`.
pub(super) fn cron_command(line: &str) -> String {
    let is_setting = line.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
    });
    if line.trim().is_empty() || line.starts_with('#') {
        return String::new();
    }
    if is_setting {
        return format!("export {line}");
    }
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let mut rest = line;
    for _ in 0..fields {
        rest = rest.trim_start().split_once(' ').unwrap_or_else(|| panic!("no command: {line}")).1;
    }
    assert!(!rest.replace("\\%", "").contains('%'), "cron ends the command at %: {line}");
    rest.trim_start().replace("\\%", "%")
}

/// A pipeline as a script: its variables, then each step by itself, which the first command that fails ends.
fn pipeline(text: &str) -> Vec<String> {
    let variables = text.lines().filter_map(|line| line.trim().split_once(": ")).filter(|(name, _)| {
        name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
    });
    let mut lines: Vec<String> =
        variables.map(|(name, value)| format!("export {name}=\"{value}\"")).collect();
    lines.extend(pipeline_steps(text).into_iter().map(|step| format!("( set -e\n{step}\n)")));
    lines
}

/// What the `run` steps of a pipeline give to the shell.
pub(super) fn pipeline_steps(text: &str) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (mut steps, mut inside) = (Vec::<String>::new(), None);
    for line in text.lines() {
        if let Some(depth) = inside {
            if line.trim().is_empty() || indent(line) > depth {
                let step = steps.last_mut().unwrap();
                if !step.is_empty() {
                    step.push('\n');
                }
                step.push_str(line.trim());
                continue;
            }
            inside = None;
        }
        let Some(run) = line.trim_start().trim_start_matches("- ").strip_prefix("run: ") else { continue };
        if run.trim() == "|" {
            inside = Some(indent(line));
            steps.push(String::new());
        } else {
            steps.push(run.to_owned());
        }
    }
    steps
}

/// Lines for PowerShell, as far as they are about `foretop`, for sh: what `$x = foretop … | ConvertFrom-Json` printed is kept in
/// `x`, and `$x.Count` is how many things that are.
pub(super) fn powershell_as_sh(text: &str) -> Vec<String> {
    let text = text.replace("`\n", " ");
    let kept = regex::Regex::new(r"^\$(\w+) = (foretop [^|]*?)\s*\| ConvertFrom-Json$").unwrap();
    let count = regex::Regex::new(r"\$(\w+)\.Count\b").unwrap();
    let lines =
        text.lines().map(str::trim).filter(|line| line.contains("foretop ") && !line.starts_with('#'));
    lines
        .map(|line| kept.replace(line, "$1=$$($2)").into_owned())
        .map(|line| count.replace_all(&line, "$$(printf %s \"$$$1\" | jq length)").into_owned())
        .inspect(|line| assert!(!line.starts_with('$'), "which PowerShell is {line:?}?"))
        .collect()
}

/// Where a shell begins a command, `foretop` comes: so many different lines are to be looked at.
pub(super) fn mentioned(script: &str) -> usize {
    let pattern = r"(?m)(?:^|[;&|({`]|\b(?:then|do|else|if|while|until|time|exec|env|sudo|nohup|xargs)\s|!)\s*(?:[A-Za-z_]+=(?:'[^'\n]*'|[^\s;|&()]+)\s+)*(foretop(?:\s[^\n|;&)#]*|$))";
    let script: String = script.lines().filter(|line| !line.trim_start().starts_with('#')).fold(
        String::new(),
        |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        },
    );
    let pattern = regex::Regex::new(pattern).unwrap();
    let found: BTreeSet<&str> = pattern
        .captures_iter(&script)
        .filter_map(|found| found.get(1))
        .map(|found| found.as_str().trim())
        .collect();
    found.len()
}
