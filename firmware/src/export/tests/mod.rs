//! The export on a computer: cards and sticks are folders, disks are files, and every operation can fail.

mod copies;
mod disks;
mod faulty;
