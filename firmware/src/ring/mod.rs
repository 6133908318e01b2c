//! Frames handed from thread to thread by ownership, without copies, locks or allocation.
//!
//! A [`Frame`] owns one preallocated slot. Slots travel capture → motion → gather → record through lock-free single-producer
//! single-consumer [`channel`]s (heapless's queue, an eventfd to wake the reader) and come back to the [`Pool`] the same
//! way. Because a slot is owned by exactly one side at a time, there is nothing to lock and nothing `unsafe`. This room
//! must not know what a frame means, and must not copy one.

pub mod channel;
pub mod frame;
pub mod pool;

pub use channel::{Receiver, Sender, channel};
pub use frame::{Coding, Frame, Meta, Slot, Subject};
pub use pool::{Pool, Refusal};

/// Slots in the pool: 10 s of 30 frames a second in the pre-roll, with 200 more for what waits for the card.
pub const SLOTS: usize = 512;
/// Largest frame taken, in bytes. A 4K MJPEG frame of a webcam is below 1 MiB, all that the Pi's sensors see at once (1640x1232, eight bits) below
/// two; the address space is only reserved.
pub const FRAME_BYTES_MAX: usize = 2 * 1024 * 1024;
