//! Image servers: machines on which images are prepared, and what is asked of them (`workspace.md section 5`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AppGroupId, AppServerGroupId, AppServerId, ImageServerId, Moment, Text, session::words};

words! {
    /// What an image server is doing.
    ImageServerStatus {
        /// It is being made.
        Creating = "CREATING",
        /// It runs.
        Active = "ACTIVE",
        /// An image is being made from it.
        Building = "BUILDING",
        /// The making of an image is over.
        Built = "BUILT",
        /// It failed.
        Error = "ERROR",
        /// It is being deleted.
        Deleting = "DELETING",
    }
}

impl ImageServerStatus {
    /// Whether an image can be built from it in this state (`workspace.md section 5.6`); `None` when the state is one that
    /// Foretop does not know.
    pub fn may_build(&self) -> Option<bool> {
        match self {
            Self::Active | Self::Built => Some(true),
            Self::Creating | Self::Building | Self::Error | Self::Deleting => Some(false),
            Self::Unknown(_) => None,
        }
    }

    /// Whether it can be deleted in this state: refused while it is made or an image is built (`section 5.5`).
    pub fn may_delete(&self) -> Option<bool> {
        match self {
            Self::Active | Self::Built | Self::Error => Some(true),
            Self::Creating | Self::Building | Self::Deleting => Some(false),
            Self::Unknown(_) => None,
        }
    }

    /// Whether the state will change by itself.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Creating | Self::Building | Self::Deleting)
    }
}

words! {
    /// Where an image comes from.
    ImageType {
        /// Bought in the market place.
        Gold = "gold",
        /// Given by the cloud.
        Public = "public",
        /// The account's own.
        Private = "private",
        /// Shared by another account.
        Shared = "shared",
        /// The API's own "other".
        Other = "other",
    }
}

/// What an image server was started from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRef {
    /// The image, in the image service.
    pub id: Option<Text>,
    /// Where it comes from.
    pub image_type: Option<ImageType>,
    /// The specification of a market place image.
    pub spec_code: Option<Text>,
    /// The product of a market place image.
    pub product_id: Option<Text>,
}

/// Who may work on an image server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageServerAccount {
    /// The account's name.
    pub account: Option<Text>,
    /// `USER`; the API knows `USER_GROUP` as well.
    pub account_type: Option<Text>,
    /// Its domain.
    pub domain: Option<Text>,
}

/// A machine on which an image is prepared. What was not said is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageServer {
    /// The id that every call takes. Not [`ImageServer::app_server_id`].
    pub id: ImageServerId,
    /// Its name.
    pub name: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// What it was started from.
    pub source: ImageRef,
    /// The app server behind it (`server_id` on the wire).
    pub app_server_id: Option<AppServerId>,
    /// The machine in the compute service.
    pub instance_id: Option<Text>,
    /// The app server group that was made along with it.
    pub server_group_id: Option<AppServerGroupId>,
    /// The app group that was made along with it.
    pub app_group_id: Option<AppGroupId>,
    /// The image that was last built from it, in the image service; `None` before the first.
    pub image_id: Option<Text>,
    /// What it is doing.
    pub status: Option<ImageServerStatus>,
    /// Who may work on it.
    pub accounts: Vec<ImageServerAccount>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// When it last changed.
    pub updated_at: Option<Moment>,
    /// The label for billing and rights.
    pub enterprise_project_id: Option<Text>,
}

impl ImageServer {
    /// An image server of which nothing but the id is known.
    pub fn new(id: ImageServerId) -> Self {
        Self {
            id,
            name: None,
            description: None,
            source: ImageRef::default(),
            app_server_id: None,
            instance_id: None,
            server_group_id: None,
            app_group_id: None,
            image_id: None,
            status: None,
            accounts: Vec::new(),
            created_at: None,
            updated_at: None,
            enterprise_project_id: None,
        }
    }

    /// What to call it: its name, or else its id.
    pub fn label(&self) -> Text {
        self.name.clone().unwrap_or_else(|| Text::clean(self.id.raw()))
    }
}

/// Which image servers are asked for; all of them without a condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageServerQuery {
    /// A part of the name.
    pub name: Option<String>,
    /// This one only. An unknown id gives an empty list and no fault.
    pub id: Option<ImageServerId>,
}

/// An image that is to be built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewImage {
    /// Its name.
    pub name: String,
    /// What is in it; left out when `None` or empty.
    pub description: Option<String>,
    /// Whether the system is generalised first (sysprep); left out when `None`, the server's preset holds then.
    pub sysprep: Option<bool>,
}

impl NewImage {
    /// The rules that the server has for name and description and that are broken (`workspace.md section 5.6`); none when it
    /// may be sent.
    pub fn broken_rules(&self) -> Vec<TextRule> {
        let mut broken = IMAGE_NAME.broken(&self.name);
        broken.extend(self.description.iter().flat_map(|text| IMAGE_DESCRIPTION.broken(text)));
        broken
    }
}

/// What is to be changed of an image server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageServerEdit {
    /// Another name.
    pub name: Option<String>,
    /// Another description; an empty one takes it away.
    pub description: Option<String>,
}

impl ImageServerEdit {
    /// The rules that are broken (`workspace.md section 5`).
    pub fn broken_rules(&self) -> Vec<TextRule> {
        let name = self.name.iter().flat_map(|text| SERVER_NAME.broken(text));
        name.chain(self.description.iter().flat_map(|text| SERVER_DESCRIPTION.broken(text))).collect()
    }

    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.description.is_none()
    }
}

/// A rule for a text that was broken; shown as a sentence for whoever typed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRule {
    /// What the text is: `image name`, `description` and so on.
    pub field: TextField,
    /// How it breaks the rule.
    pub breach: Breach,
}

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TextField {
    /// The name of an image.
    ImageName,
    /// The description of an image.
    ImageDescription,
    /// The name of an image server.
    ServerName,
    /// The description of an image server.
    ServerDescription,
}

impl TextField {
    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::ImageName => "the image name",
            Self::ServerName => "the image server's name",
            Self::ImageDescription | Self::ServerDescription => "the description",
        }
    }
}

/// How a text breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Breach {
    /// There is nothing in it.
    Empty,
    /// It has more characters than may be.
    TooLong {
        /// How many it has.
        has: usize,
        /// How many it may have.
        most: usize,
    },
    /// It begins with a blank.
    BlankFirst,
    /// It ends with a blank.
    BlankLast,
    /// It has characters that may not be in it: each once, in their order, the first few.
    Foreign(String),
}

impl fmt::Display for TextRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field.label();
        match &self.breach {
            Breach::Empty => write!(formatter, "{field} is missing"),
            Breach::TooLong { has, most } => {
                write!(formatter, "{field} has {has} characters, {most} at most")
            }
            Breach::BlankFirst => write!(formatter, "{field} must not begin with a blank"),
            Breach::BlankLast => write!(formatter, "{field} must not end with a blank"),
            Breach::Foreign(characters) => {
                let may = match self.field {
                    TextField::ImageName => {
                        "only letters a-z, digits, Chinese characters, blanks, `.`, `_` and `-`"
                    }
                    TextField::ServerName => "only letters a-z, digits, Chinese characters, `_` and `-`",
                    TextField::ImageDescription | TextField::ServerDescription => {
                        "no line breaks, `<` or `>`"
                    }
                };
                let mut words: Vec<String> = Vec::new();
                for character in characters.chars() {
                    let word = match character {
                        '\r' | '\n' => "line breaks".to_owned(),
                        ' ' => "blanks".to_owned(),
                        other => format!("`{}`", Text::clean(&other.to_string())),
                    };
                    if !words.contains(&word) {
                        words.push(word);
                    }
                }
                write!(formatter, "{field} must not have {} ({may})", words.join(", "))
            }
        }
    }
}

/// The most characters that a text may not have which are named at once.
const MOST_NAMED: usize = 8;

/// The rules for one text. The patterns of the specification need a look-ahead; they are checked by hand.
struct Rules {
    field: TextField,
    most: usize,
    required: bool,
    /// Whether it may begin with a blank; and end with one.
    blank_first: bool,
    blank_last: bool,
    allowed: fn(char) -> bool,
}

const IMAGE_NAME: Rules = Rules {
    field: TextField::ImageName,
    most: 128,
    required: true,
    blank_first: false,
    blank_last: false,
    allowed: |character| is_word(character) || matches!(character, ' ' | '.' | '-'),
};

const IMAGE_DESCRIPTION: Rules = Rules {
    field: TextField::ImageDescription,
    most: 1024,
    required: false,
    blank_first: false,
    blank_last: true,
    allowed: |character| !matches!(character, '\r' | '\n' | '<' | '>'),
};

const SERVER_NAME: Rules = Rules {
    field: TextField::ServerName,
    most: 64,
    required: true,
    // Blanks are no allowed characters here: they are told as such.
    blank_first: true,
    blank_last: true,
    allowed: |character| is_word(character) || character == '-',
};

/// The reference gives no pattern for it: only its length is checked, the server decides about the rest.
const SERVER_DESCRIPTION: Rules = Rules {
    field: TextField::ServerDescription,
    most: 255,
    required: false,
    blank_first: true,
    blank_last: true,
    allowed: |_| true,
};

/// `\w` of ASCII, and the Han characters that the specification names.
fn is_word(character: char) -> bool {
    character == '_' || character.is_ascii_alphanumeric() || matches!(character, '\u{4e00}'..='\u{9fa5}')
}

impl Rules {
    fn broken(&self, text: &str) -> Vec<TextRule> {
        let mut breaches = Vec::new();
        if text.is_empty() {
            if self.required {
                breaches.push(Breach::Empty);
            }
        } else {
            let has = text.chars().count();
            if has > self.most {
                breaches.push(Breach::TooLong { has, most: self.most });
            }
            if !self.blank_first && text.starts_with(' ') {
                breaches.push(Breach::BlankFirst);
            }
            // Nothing but blanks is told once.
            let told = !self.blank_first && text.trim().is_empty();
            if !self.blank_last && text.ends_with(' ') && !told {
                breaches.push(Breach::BlankLast);
            }
            let mut foreign = String::new();
            for character in text.chars().filter(|character| !(self.allowed)(*character)) {
                if !foreign.contains(character) && foreign.chars().count() < MOST_NAMED {
                    foreign.push(character);
                }
            }
            if !foreign.is_empty() {
                breaches.push(Breach::Foreign(foreign));
            }
        }
        breaches.into_iter().map(|breach| TextRule { field: self.field, breach }).collect()
    }
}

#[cfg(test)]
mod tests;
