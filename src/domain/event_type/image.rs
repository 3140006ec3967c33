//! Events about image streams, versions, tags and assets (`events.md section 3.4`).

use super::{
    EventMeaning,
    EventResult::{Done, Failed},
    EventSubject::Image,
    EventUrgency::WhoDidWhat,
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "VLSI_IM_STREAM_ADDED",
        (Image, Done, WhoDidWhat),
        "An administrator created an image stream.",
        "The images tab shows its state; the text holds only its id.",
    ),
    meaning(
        "VLSI_IM_STREAM_ADD_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to create an image stream and it was refused. The event does not say which.",
        "The name may be taken or a field may be wrong. It takes GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_STREAM_UPDATED",
        (Image, Done, WhoDidWhat),
        "An administrator changed an image stream. The event does not say what changed.",
        "Pools and farms go on with what they have.",
    ),
    meaning(
        "VLSI_IM_STREAM_UPDATE_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to change an image stream and it was refused.",
        "A field may be wrong, or it is gone. It takes GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_STREAM_DELETED",
        (Image, Done, WhoDidWhat),
        "An administrator deleted an image stream.",
        "Pools and farms that were made from it keep running; new machines cannot be made from it.",
    ),
    meaning(
        "VLSI_IM_STREAM_DELETE_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to delete an image stream and it was refused.",
        "A pool or farm may still use it, or it is gone: the images tab shows who uses it. It takes \
         GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_VERSION_ADDED",
        (Image, Done, WhoDidWhat),
        "An administrator created a version of an image.",
        "The images tab shows its state; the text holds only its id.",
    ),
    meaning(
        "VLSI_IM_VERSION_ADD_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to create a version of an image and it was refused.",
        "The name may be taken or a field may be wrong. It takes GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_VERSION_UPDATED",
        (Image, Done, WhoDidWhat),
        "An administrator changed a version of an image. The event does not say what changed.",
        "Pools and farms go on with what they have until a tag moves.",
    ),
    meaning(
        "VLSI_IM_VERSION_UPDATE_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to change a version of an image and it was refused.",
        "A field may be wrong, or it is gone. It takes GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_VERSION_DELETED",
        (Image, Done, WhoDidWhat),
        "An administrator deleted a version of an image.",
        "Pools and farms that were made from it keep running; new machines cannot be made from it.",
    ),
    meaning(
        "VLSI_IM_VERSION_DELETE_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to delete a version of an image and it was refused.",
        "A pool or farm may still use it, or it is gone: the images tab shows who uses it. It takes \
         GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_TAG_ADDED",
        (Image, Done, WhoDidWhat),
        "An administrator created a tag of an image stream.",
        "The images tab shows its state; the text holds only its id.",
    ),
    meaning(
        "VLSI_IM_TAG_ADD_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to create a tag of an image stream and it was refused.",
        "The name may be taken or a field may be wrong. It takes GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_TAG_UPDATED",
        (Image, Done, WhoDidWhat),
        "An administrator changed a tag of an image stream. The event does not say what changed.",
        "If it was moved to another version, the pools and farms that follow it get a new image.",
    ),
    meaning(
        "VLSI_IM_TAG_UPDATE_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to change a tag of an image stream and it was refused.",
        "A field may be wrong, or it is gone. It takes GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_TAG_DELETED",
        (Image, Done, WhoDidWhat),
        "An administrator deleted a tag of an image stream.",
        "Pools and farms that were made from it keep running; new machines cannot be made from it.",
    ),
    meaning(
        "VLSI_IM_TAG_DELETE_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to delete a tag of an image stream and it was refused.",
        "A pool or farm may still use it, or it is gone: the images tab shows who uses it. It takes \
         GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_ASSET_ADDED",
        (Image, Done, WhoDidWhat),
        "An administrator created an asset: a version of an image in one vCenter.",
        "The images tab shows its state; the text holds only its id.",
    ),
    meaning(
        "VLSI_IM_ASSET_ADD_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to create an asset: a version of an image in one vCenter and it was refused.",
        "The name may be taken or a field may be wrong. It takes GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_ASSET_UPDATED",
        (Image, Done, WhoDidWhat),
        "An administrator changed an asset: a version of an image in one vCenter. The event does not say \
         what changed.",
        "Its state says whether the image can be used in that vCenter.",
    ),
    meaning(
        "VLSI_IM_ASSET_UPDATE_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to change an asset: a version of an image in one vCenter and it was refused.",
        "A field may be wrong, or it is gone. It takes GLOBAL_CONFIG_MANAGEMENT.",
    ),
    meaning(
        "VLSI_IM_ASSET_DELETED",
        (Image, Done, WhoDidWhat),
        "An administrator deleted an asset: a version of an image in one vCenter.",
        "Pools and farms that were made from it keep running; new machines cannot be made from it.",
    ),
    meaning(
        "VLSI_IM_ASSET_DELETE_FAILED",
        (Image, Failed, WhoDidWhat),
        "An administrator tried to delete an asset: a version of an image in one vCenter and it was refused.",
        "A pool or farm may still use it, or it is gone: the images tab shows who uses it. It takes \
         GLOBAL_CONFIG_MANAGEMENT.",
    ),
];
