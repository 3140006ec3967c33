//! The vendor's own SDK for Python against the simulated Workspace (`tests/workspace_sdk.py`).
//!
//! It needs python3 with venv, and its package index the first time; the environment is kept below `target/`. Where one of them is
//! missing the test says so loudly and passes, unless `FORETOP_REQUIRE_SDK` is set.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use foretop::sim::{ClockMode, SimOptions};

use crate::support::simulate;

/// What is installed; other versions may be right too, and these were tried.
const PACKAGES: [&str; 2] = ["huaweicloudsdkcore==3.1.219", "huaweicloudsdkworkspaceapp==3.1.219"];

/// Says that the test is skipped, or fails where it must not be.
fn skip(why: &str) {
    assert!(std::env::var_os("FORETOP_REQUIRE_SDK").is_none(), "the vendor's SDK is required: {why}");
    // Not with the macro, whose output a passing test keeps to itself.
    let said = writeln!(std::io::stderr(), "\nSKIPPED: the test with the vendor's SDK {why}");
    assert!(said.is_ok());
}

/// What a program that failed said last.
fn last_words(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().rev().take(3).collect::<Vec<_>>().join(" / ")
}

/// The Python of an environment with the SDK in it; what is missing otherwise.
fn python(home: &Path) -> Result<PathBuf, String> {
    let venv = home.join("venv");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    // Written last, with what was installed.
    let marker = home.join("installed");
    let wanted = PACKAGES.join(" ");
    if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) && python.exists() {
        return Ok(python);
    }
    std::fs::create_dir_all(home).unwrap();
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv).output();
    let made = made.map_err(|error| format!("needs python3: {error}"))?;
    if !made.status.success() {
        return Err(format!("needs python3 with venv: {}", last_words(&made)));
    }
    let installed = Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--timeout", "15"])
        .args(["--retries", "1"])
        .args(PACKAGES)
        .env("HOME", home)
        .output()
        .map_err(|error| format!("needs pip: {error}"))?;
    if !installed.status.success() {
        return Err(format!("needs PyPI, or {wanted} installed: {}", last_words(&installed)));
    }
    std::fs::write(&marker, wanted).unwrap();
    Ok(python)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vendors_sdk_works_with_the_simulated_workspace() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workspace-sdk");
    let python = match tokio::task::spawn_blocking(move || python(&home)).await.unwrap() {
        Ok(python) => python,
        Err(why) => return skip(&why),
    };
    let options = SimOptions { clock: ClockMode::Accelerated(20.0), ..SimOptions::manual("small") };
    let simulator = simulate(options).await;
    let reader = simulator.control().workspace_access().into_iter().find(|access| access.read_only).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workspace_sdk.py");
    let keys = format!("{}:{}", reader.access_key, reader.secret_key);
    let mut command = Command::new(python);
    command.arg(script).arg(simulator.ready_line()).arg(keys);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{wrong}");
    assert!(said.matches("PASS ").count() >= 50 && !said.contains("FAIL "), "{said}");
    simulator.shutdown().await;
}
