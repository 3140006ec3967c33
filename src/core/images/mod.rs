//! The images tab: streams with what is below them and who uses them.

mod tab;

pub use tab::{ImageNode, ImagesTab};
