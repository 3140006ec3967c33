//! Jobs of the cloud: long work that it does by itself, and that can only be watched (`workspace.md sections 6 and 9.4`).

use serde::{Deserialize, Serialize};

use super::{CloudJobId, Moment, Text, session::words};

words! {
    /// What a job of the cloud does. The first three can be asked for as lists.
    CloudJobKind {
        /// Makes an image server.
        CreateServer = "CREATE_SERVER",
        /// Builds an image from an image server.
        CreateServerImage = "CREATE_SERVER_IMAGE",
        /// Deletes image servers.
        DeleteServer = "DELETE_SERVER",
    }
}

words! {
    /// How far a job of the cloud, or a part of it, has come.
    CloudJobStatus {
        /// It has not begun.
        Waiting = "WAITING",
        /// It is at work.
        Running = "RUNNING",
        /// It is done.
        Success = "SUCCESS",
        /// It failed; its parts say why.
        Failed = "FAILED",
        /// A part behaves oddly; not final by itself.
        Abnormal = "ABNORMAL",
        /// A part is being undone.
        Rollback = "ROLLBACK",
        /// A part is being cancelled.
        Aborting = "ABORTING",
    }
}

impl CloudJobStatus {
    /// Whether it will not change any more: done or failed. Any other word, known or not, is not the end
    /// (`workspace.md section 6.5`).
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Success | Self::Failed)
    }
}

/// A job of the cloud. It does not say which image server it works on: whoever started it has to remember.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageJob {
    /// Its id.
    pub id: CloudJobId,
    /// What it does.
    pub kind: Option<CloudJobKind>,
    /// When it began.
    pub began_at: Option<Moment>,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// How far it has come.
    pub status: Option<CloudJobStatus>,
    /// How many parts it has.
    pub sub_jobs_total: Option<i64>,
    /// Its parts; `None` when they were not told: lists do not.
    pub sub_jobs: Option<Vec<SubJob>>,
}

impl ImageJob {
    /// Whether it is over; `None` when it does not say how far it is.
    pub fn is_over(&self) -> Option<bool> {
        self.status.as_ref().map(CloudJobStatus::is_final)
    }

    /// What the job made: the resource of its first part, once it has succeeded. For a build that is the image in the image
    /// service, with its name; for a creation the image server (`workspace.md section 6.5`).
    pub fn product(&self) -> Option<(&Text, Option<&Text>)> {
        if self.status != Some(CloudJobStatus::Success) {
            return None;
        }
        let first = self.sub_jobs.as_ref()?.first()?;
        Some((first.resource_id.as_ref()?, first.resource_name.as_ref()))
    }

    /// Why it failed: the words of the first part that has any, with their code.
    pub fn failure(&self) -> Option<(Option<&Text>, Option<&Text>)> {
        let parts = self.sub_jobs.as_ref()?;
        parts.iter().find_map(SubJob::error)
    }
}

/// A part of a job of the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubJob {
    /// Its id.
    pub id: CloudJobId,
    /// The job it belongs to.
    pub job_id: Option<CloudJobId>,
    /// What it does.
    pub kind: Option<CloudJobKind>,
    /// When it began.
    pub began_at: Option<Moment>,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// How far it has come.
    pub status: Option<CloudJobStatus>,
    /// What it works on or makes.
    pub resource_id: Option<Text>,
    /// The name of that.
    pub resource_name: Option<Text>,
    /// The code of its failure.
    pub error_code: Option<Text>,
    /// The words of its failure.
    pub error_message: Option<Text>,
}

impl SubJob {
    /// Code and words of its failure, when it has any.
    pub fn error(&self) -> Option<(Option<&Text>, Option<&Text>)> {
        let both = (self.error_code.as_ref(), self.error_message.as_ref());
        (both.0.is_some() || both.1.is_some()).then_some(both)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(resource: Option<&str>, error: Option<&str>) -> SubJob {
        SubJob {
            id: "1".into(),
            job_id: None,
            kind: None,
            began_at: None,
            ended_at: None,
            status: None,
            resource_id: resource.map(Text::clean),
            resource_name: None,
            error_code: None,
            error_message: error.map(Text::clean),
        }
    }

    fn job(status: &str, parts: Option<Vec<SubJob>>) -> ImageJob {
        ImageJob {
            id: "702364883651395584".into(),
            kind: None,
            began_at: None,
            ended_at: None,
            status: Some(status.into()),
            sub_jobs_total: None,
            sub_jobs: parts,
        }
    }

    #[test]
    fn only_success_has_a_product_and_only_two_words_are_the_end() {
        let image = || Some(vec![part(Some("img-1"), None)]);
        assert_eq!(job("SUCCESS", image()).product().unwrap().0.as_str(), "img-1");
        assert_eq!(job("RUNNING", image()).product(), None);
        assert_eq!(job("SUCCESS", None).product(), None);
        for (word, over) in
            [("WAITING", false), ("RUNNING", false), ("ROLLBACK", false), ("PAUSED", false), ("FAILED", true)]
        {
            assert_eq!(job(word, None).is_over(), Some(over), "{word}");
        }
    }

    #[test]
    fn the_reason_of_a_failure_is_in_the_parts() {
        let failed = job("FAILED", Some(vec![part(None, None), part(None, Some("quota"))]));
        assert_eq!(failed.failure().unwrap().1.unwrap().as_str(), "quota");
        assert_eq!(job("FAILED", Some(vec![part(None, None)])).failure(), None);
    }
}
