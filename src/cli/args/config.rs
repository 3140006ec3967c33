//! `foretop config` and `foretop doctor`.

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand};

use super::ConnectionArgs;
use crate::cli::{help, values};

/// `foretop config`.
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigCommand {
    /// Add a profile: asks what is needed, tests the connection, and writes it
    #[command(after_long_help = help::CONFIG_INIT)]
    Init(Box<ConfigInitArgs>),
    /// Print where the files are
    Path,
    /// Print every setting and the estate that would be used, and where each value comes from; no passwords
    #[command(after_long_help = help::CONFIG_SHOW)]
    Show(ConfigShowArgs),
    /// Look for mistakes in the configuration file
    Check,
}

/// `foretop config show`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ConfigShowArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `foretop config init`: answers that are given beforehand.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigInitArgs {
    /// Name of the profile
    #[arg(long, value_name = "NAME", value_parser = values::not_blank)]
    pub name: Option<String>,
    /// Use it when no profile is named
    #[arg(long)]
    pub default: bool,
    /// Look, but never act
    #[arg(long)]
    pub read_only: bool,
    /// Write it without trying to connect
    #[arg(long)]
    pub no_test: bool,
    /// Address of a connection server; can be repeated
    #[arg(long = "server", value_name = "ADDRESS", action = ArgAction::Append, conflicts_with = "workspace")]
    pub servers: Vec<String>,
    /// Domain of the account; over Workspace the name of the account that the IAM user belongs to
    #[arg(long, value_name = "NAME")]
    pub domain: Option<String>,
    /// The user, or DOMAIN\NAME
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// Trust exactly the certificate with this fingerprint
    #[arg(long, value_name = "FINGERPRINT", conflicts_with = "ca_file")]
    pub pin_sha256: Option<String>,
    /// Trust the authorities in this PEM file
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Where password or secret key come from.
    #[command(flatten)]
    pub secret: SecretArgs,
    /// What only Workspace has.
    #[command(flatten)]
    pub cloud: CloudInitArgs,
}

/// Where the password of the new profile comes from, or its secret key: never the secret itself, which every process of
/// this machine could read among the arguments.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Where password or secret key come from")]
#[group(multiple = false)]
pub struct SecretArgs {
    /// Ask for the password at each start
    #[arg(long)]
    pub password_prompt: bool,
    /// Take the password from the first line that this command prints
    #[arg(long, value_name = "LINE", value_parser = values::not_blank)]
    pub password_command: Option<String>,
    /// Take the password from this environment variable
    #[arg(long, value_name = "VARIABLE")]
    pub password_env: Option<String>,
    /// Take the password from the system's secret store
    #[arg(long)]
    pub password_keyring: bool,
    /// Ask for the secret key at each start
    #[arg(long, requires = "access_key")]
    pub secret_key_prompt: bool,
    /// Take the secret key from the first line that this command prints
    #[arg(long, value_name = "LINE", value_parser = values::not_blank, requires = "access_key")]
    pub secret_key_command: Option<String>,
    /// Take the secret key from this environment variable
    #[arg(long, value_name = "VARIABLE", requires = "access_key")]
    pub secret_key_env: Option<String>,
    /// Take the secret key from the system's secret store
    #[arg(long, requires = "access_key")]
    pub secret_key_keyring: bool,
}

/// What only a profile of Workspace has.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Huawei Cloud Workspace")]
pub struct CloudInitArgs {
    /// A profile of Huawei Cloud Workspace instead of Horizon
    #[arg(long)]
    pub workspace: bool,
    /// The region, such as cn-north-4
    #[arg(long, value_name = "REGION", requires = "workspace")]
    pub region: Option<String>,
    /// The address of Application Streaming, where it does not follow from the region
    #[arg(long, value_name = "ADDRESS", requires = "workspace")]
    pub endpoint: Option<String>,
    /// The address of IAM, where it does not follow from the region
    #[arg(long, value_name = "ADDRESS", requires = "workspace")]
    pub iam_endpoint: Option<String>,
    /// The project; looked up by the region when it is not given
    #[arg(long, value_name = "ID", requires = "workspace")]
    pub project_id: Option<String>,
    /// The access key that signs, instead of --domain and --username
    #[arg(long, value_name = "KEY", requires = "workspace", conflicts_with_all = ["domain", "username"])]
    pub access_key: Option<String>,
}

/// `foretop doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(after_long_help = help::DOCTOR)]
pub struct DoctorArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Ask no server
    #[arg(long)]
    pub offline: bool,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `foretop man`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ManArgs {
    /// Write one page for each command into this folder, instead of the first one to standard output
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
