//! What our processes say to each other: one question, one answer, over a local socket.
//!
//! It holds no state and does nothing: the messages, and how they travel.

pub mod messages;
pub mod transport;
pub mod view;

pub use messages::{
    Answer, CameraStatus, CardStatus, ClipOrder, EventLine, Explained, LineCount, Question, ServiceLine,
    Status, TamperStatus, ThingCount, Why, WireStatus,
};
pub use transport::{ANSWER_LIMIT, ControlError, Server, ask, ask_for_files, ask_within, tell};
pub use view::{Look, Looking, Picture, View, fit, shade};
