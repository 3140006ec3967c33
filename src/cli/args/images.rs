//! `foretop images`: streams, and below them versions, tags and assets.

use clap::{ArgAction, Args, Subcommand};

use super::{ChangeArgs, ConnectionArgs, OutputArgs};
use crate::cli::{help, values};

/// `foretop images`.
#[derive(Debug, Clone, Args)]
// The estate can also be named behind the commands below this one.
#[command(after_long_help = help::IMAGES, mut_args(|argument| argument.global(true)))]
pub struct ImagesArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ImagesCommand,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What to do with image streams.
#[derive(Debug, Clone, Subcommand)]
pub enum ImagesCommand {
    /// List image streams and who uses them
    #[command(after_long_help = help::IMAGES_LIST)]
    List(StreamListArgs),
    /// Show everything known about one stream
    Show(ImageShowArgs),
    /// Create one or many streams
    #[command(
        after_long_help = help::IMAGES_CREATE,
        override_usage = "foretop images create <NAME>... --operating-system <OS> --source <SOURCE>\n       \
                          --status <STATUS> [OPTIONS]"
    )]
    Create(StreamCreateArgs),
    /// Change a stream; what is not named stays as it is
    #[command(after_long_help = help::IMAGES_CHANGE)]
    Update(StreamUpdateArgs),
    /// Delete streams; the server refuses those that a pool or farm uses
    #[command(after_long_help = help::IMAGES_CHANGE)]
    Delete(ImageDeleteArgs),
    /// List and change the versions of streams
    Versions {
        /// What to do.
        #[command(subcommand)]
        command: VersionsCommand,
    },
    /// List and change the tags of streams, or point one at another version
    #[command(after_long_help = help::IMAGES_TAGS)]
    Tags {
        /// What to do.
        #[command(subcommand)]
        command: TagsCommand,
    },
    /// List and change the assets of versions
    Assets {
        /// What to do.
        #[command(subcommand)]
        command: AssetsCommand,
    },
}

/// What to do with versions.
#[derive(Debug, Clone, Subcommand)]
pub enum VersionsCommand {
    /// List versions and who uses them
    List(PartListArgs),
    /// Show everything known about one version
    Show(ImageShowArgs),
    /// Create a version
    Create(VersionCreateArgs),
    /// Change a version; what is not named stays as it is
    Update(VersionUpdateArgs),
    /// Delete versions
    Delete(ImageDeleteArgs),
}

/// What to do with tags.
#[derive(Debug, Clone, Subcommand)]
pub enum TagsCommand {
    /// List tags and who uses them
    List(PartListArgs),
    /// Show everything known about one tag
    Show(ImageShowArgs),
    /// Create a tag
    Create(TagCreateArgs),
    /// Change a tag; what is not named stays as it is
    Update(TagUpdateArgs),
    /// Point a tag at another version: the pools and farms that subscribe to it get a new image
    Move(TagMoveArgs),
    /// Delete tags
    Delete(ImageDeleteArgs),
}

/// What to do with assets.
#[derive(Debug, Clone, Subcommand)]
pub enum AssetsCommand {
    /// List assets
    List(PartListArgs),
    /// Show everything known about one asset
    Show(ImageShowArgs),
    /// Create an asset of a version
    #[command(
        override_usage = "foretop images assets create <STREAM/VERSION|ID> --vcenter <ID> --clone-type <TYPE>\n       \
                          --image-type <TYPE> --status <STATUS> (--vm <ID> --snapshot <ID> | --template <ID>)\n       \
                          [OPTIONS]"
    )]
    Create(AssetCreateArgs),
    /// Change an asset; what is not named stays as it is
    Update(AssetUpdateArgs),
    /// Delete assets
    Delete(ImageDeleteArgs),
}

/// `foretop images list`.
#[derive(Debug, Clone, Args)]
pub struct StreamListArgs {
    /// Ask the server for streams of this status only, such as AVAILABLE
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Ask for streams with assets of this clone type.
    #[arg(
        long,
        value_name = "TYPE",
        help = "Ask for streams with assets of this clone type: INSTANT_CLONE or FULL_CLONE"
    )]
    pub clone_type: Option<String>,
    /// Ask for streams with assets of this kind.
    #[arg(
        long,
        value_name = "TYPE",
        help = "Ask for streams with assets of this kind: VDI_DESKTOP, RDSH_DESKTOP or RDSH_APPS"
    )]
    pub image_type: Option<String>,
    /// Ask for streams with assets in this vCenter
    #[arg(long, value_name = "ID", value_parser = values::not_blank)]
    pub vcenter: Option<String>,
    /// Only streams for which this filter holds, or for something below them
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true, value_parser = values::expression)]
    pub filter: Option<String>,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// A list of versions, tags or assets.
#[derive(Debug, Clone, Args)]
pub struct PartListArgs {
    /// Of this stream only: its name or id
    #[arg(value_name = "STREAM")]
    pub stream: Option<String>,
    /// Only those for which this filter holds
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true, value_parser = values::expression)]
    pub filter: Option<String>,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Everything about one of them.
#[derive(Debug, Clone, Args)]
pub struct ImageShowArgs {
    /// A stream by its name, a version or tag as STREAM/NAME; or anything by its id
    #[arg(value_name = "NAME|ID", value_parser = values::not_blank)]
    pub target: String,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What goes.
#[derive(Debug, Clone, Args)]
pub struct ImageDeleteArgs {
    /// Streams by their names, versions and tags as STREAM/NAME; or anything by its id
    #[arg(value_name = "NAME|ID", required = true, value_parser = values::not_blank)]
    pub targets: Vec<String>,
    /// How it is set going.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// Free keys of something new.
#[derive(Debug, Clone, Args)]
pub struct DetailArgs {
    /// A free key with its value; can be repeated
    #[arg(long = "detail", value_name = "KEY=VALUE", value_parser = values::pair, action = ArgAction::Append)]
    pub details: Vec<(String, String)>,
}

/// Free keys of something that is changed.
#[derive(Debug, Clone, Args)]
pub struct DetailEditArgs {
    /// Set a free key; can be repeated
    #[arg(long = "detail", value_name = "KEY=VALUE", value_parser = values::pair, action = ArgAction::Append)]
    pub details: Vec<(String, String)>,
    /// Remove a free key; can be repeated
    #[arg(long = "remove-detail", value_name = "KEY", action = ArgAction::Append)]
    pub removed: Vec<String>,
}

/// `foretop images create`.
#[derive(Debug, Clone, Args)]
pub struct StreamCreateArgs {
    /// The names of the streams: letters, digits, _ and -, at most 64
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// The operating system.
    #[arg(long, value_name = "OS", help = "The operating system, such as WINDOWS_11")]
    pub operating_system: String,
    /// Where they are from.
    #[arg(
        long,
        value_name = "SOURCE",
        help = "Where they are from: UPLOADED, MARKET_PLACE, COPIED_FROM_STREAM or COPIED_FROM_VERSION"
    )]
    pub source: String,
    /// Their status, such as AVAILABLE
    #[arg(long, value_name = "STATUS")]
    pub status: String,
    /// What they are for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Who made them
    #[arg(long, value_name = "TEXT")]
    pub publisher: Option<String>,
    /// Free keys.
    #[command(flatten)]
    pub details: DetailArgs,
    /// How it is set going.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop images update`.
#[derive(Debug, Clone, Args)]
pub struct StreamUpdateArgs {
    /// The stream: its name or id
    #[arg(value_name = "STREAM", value_parser = values::not_blank)]
    pub target: String,
    /// Another name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Another operating system
    #[arg(long, value_name = "OS")]
    pub operating_system: Option<String>,
    /// Another source
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// Another status
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Another description; an empty one clears it
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Another publisher; an empty one clears it
    #[arg(long, value_name = "TEXT")]
    pub publisher: Option<String>,
    /// Free keys.
    #[command(flatten)]
    pub details: DetailEditArgs,
    /// How it is set going.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop images versions create`.
#[derive(Debug, Clone, Args)]
pub struct VersionCreateArgs {
    /// The stream and the new version's name: letters, digits, _ . and -, at most 64
    #[arg(value_name = "STREAM/NAME")]
    pub target: String,
    /// Its status, such as AVAILABLE
    #[arg(long, value_name = "STATUS")]
    pub status: String,
    /// What is new in it
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Free keys.
    #[command(flatten)]
    pub details: DetailArgs,
    /// How it is set going.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop images versions update`.
#[derive(Debug, Clone, Args)]
pub struct VersionUpdateArgs {
    /// The version
    #[arg(value_name = "STREAM/VERSION|ID", value_parser = values::not_blank)]
    pub target: String,
    /// Another name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Another status
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Another description; an empty one clears it
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Free keys.
    #[command(flatten)]
    pub details: DetailEditArgs,
    /// How it is set going.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop images tags create`.
#[derive(Debug, Clone, Args)]
pub struct TagCreateArgs {
    /// The stream and the new tag's name
    #[arg(value_name = "STREAM/NAME")]
    pub target: String,
    /// The version that it points at: its name or id
    #[arg(long, value_name = "VERSION", value_parser = values::not_blank)]
    pub to: String,
    /// Free keys.
    #[command(flatten)]
    pub details: DetailArgs,
    /// How it is set going.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop images tags update`.
#[derive(Debug, Clone, Args)]
pub struct TagUpdateArgs {
    /// The tag
    #[arg(value_name = "STREAM/TAG|ID", value_parser = values::not_blank)]
    pub target: String,
    /// Another name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Point it at this version: its name or id
    #[arg(long, value_name = "VERSION", value_parser = values::not_blank)]
    pub to: Option<String>,
    /// Free keys.
    #[command(flatten)]
    pub details: DetailEditArgs,
    /// How it is set going.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop images tags move`.
#[derive(Debug, Clone, Args)]
pub struct TagMoveArgs {
    /// The tag
    #[arg(value_name = "STREAM/TAG|ID", value_parser = values::not_blank)]
    pub target: String,
    /// The version that it shall point at: its name or id
    #[arg(long, value_name = "VERSION", value_parser = values::not_blank)]
    pub to: String,
    /// How it is set going.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop images assets create`.
#[derive(Debug, Clone, Args)]
pub struct AssetCreateArgs {
    /// The version
    #[arg(value_name = "STREAM/VERSION|ID", value_parser = values::not_blank)]
    pub target: String,
    /// The vCenter: its id
    #[arg(long, value_name = "ID", value_parser = values::not_blank)]
    pub vcenter: String,
    /// `INSTANT_CLONE` or `FULL_CLONE`
    #[arg(long, value_name = "TYPE", help = "INSTANT_CLONE or FULL_CLONE")]
    pub clone_type: String,
    /// `VDI_DESKTOP`, `RDSH_DESKTOP` or `RDSH_APPS`
    #[arg(long, value_name = "TYPE", help = "VDI_DESKTOP, RDSH_DESKTOP or RDSH_APPS")]
    pub image_type: String,
    /// Its status, such as AVAILABLE
    #[arg(long, value_name = "STATUS")]
    pub status: String,
    /// The virtual machine that it is made from: its id
    #[arg(long, value_name = "ID", requires = "snapshot", required_unless_present = "template")]
    pub vm: Option<String>,
    /// The snapshot of that machine: its id
    #[arg(long, value_name = "ID", requires = "vm")]
    pub snapshot: Option<String>,
    /// The template that it is made from, in place of machine and snapshot: its id
    #[arg(long, value_name = "ID", conflicts_with_all = ["vm", "snapshot"])]
    pub template: Option<String>,
    /// Free keys.
    #[command(flatten)]
    pub details: DetailArgs,
    /// How it is set going.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop images assets update`.
#[derive(Debug, Clone, Args)]
pub struct AssetUpdateArgs {
    /// The asset's id
    #[arg(value_name = "ID", value_parser = values::not_blank)]
    pub target: String,
    /// Another clone type
    #[arg(long, value_name = "TYPE")]
    pub clone_type: Option<String>,
    /// Another image type
    #[arg(long, value_name = "TYPE")]
    pub image_type: Option<String>,
    /// Another status
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Free keys.
    #[command(flatten)]
    pub details: DetailEditArgs,
    /// How it is set going.
    #[command(flatten)]
    pub change: ChangeArgs,
}
