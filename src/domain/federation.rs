//! Pods that share their sessions: a federation (`horizon-rest.md section 15`, Cloud Pod Architecture).

use serde::{Deserialize, Serialize};

use super::{PodId, Text};

/// A pod of a federation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pod {
    /// Its id.
    pub id: PodId,
    /// Its name.
    pub name: Option<Text>,
    /// What it is.
    pub description: Option<Text>,
    /// The name of its site.
    pub site: Option<Text>,
    /// Whether it is the one that answers: true for exactly one.
    pub local: bool,
    /// What the pod that answers says of its health, in the server's word (`/monitor/pods`); `None` when it does not say.
    pub health: Option<Text>,
}

impl Pod {
    /// What to call it: its name, or else its id.
    pub fn label(&self) -> Text {
        self.name.clone().unwrap_or_else(|| Text::clean(self.id.raw()))
    }

    /// Whether the pod that answers says that no endpoint of it can be reached: `OFFLINE`, or `OFFLINE 2 of 3`, which is the
    /// best word of them. Of any other word nothing is concluded.
    pub fn is_offline(&self) -> bool {
        self.health.as_ref().is_some_and(|word| word.as_str().starts_with("OFFLINE"))
    }
}

/// The pods that know each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federation {
    /// Its name.
    pub name: Option<Text>,
    /// Its pods, the local one first.
    pub pods: Vec<Pod>,
}

impl Federation {
    /// The pod that answers.
    pub fn local(&self) -> Option<&Pod> {
        self.pods.iter().find(|pod| pod.local)
    }

    /// The pod with this id.
    pub fn pod(&self, id: &PodId) -> Option<&Pod> {
        self.pods.iter().find(|pod| pod.id == *id)
    }

    /// The pods that have to be asked for by their id: all but the local one.
    pub fn remote(&self) -> impl Iterator<Item = &Pod> {
        self.pods.iter().filter(|pod| !pod.local)
    }
}
