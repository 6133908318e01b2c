//! What init sets up before anything else runs, as data.

use nix::mount::MsFlags;

/// One mount.
#[derive(Debug)]
pub struct Mount {
    /// File system.
    pub kind: &'static str,
    /// Where.
    pub target: &'static str,
    /// Flags.
    pub flags: MsFlags,
    /// Options of the file system.
    pub options: &'static str,
}

const QUIET: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NOEXEC);

/// The kernel's own views, in order.
pub static MOUNTS: &[Mount] = &[
    Mount { kind: "proc", target: "/proc", flags: QUIET.union(MsFlags::MS_NODEV), options: "" },
    Mount { kind: "sysfs", target: "/sys", flags: QUIET.union(MsFlags::MS_NODEV), options: "" },
    Mount { kind: "devtmpfs", target: "/dev", flags: QUIET, options: "mode=0755" },
    // What a panicking kernel left in memory, where the board keeps it.
    Mount { kind: "pstore", target: "/sys/fs/pstore", flags: QUIET.union(MsFlags::MS_NODEV), options: "" },
    // Small: sockets, the settings and a few states. A fault that fills it must not eat the memory.
    Mount {
        kind: "tmpfs",
        target: "/run",
        flags: QUIET.union(MsFlags::MS_NODEV),
        options: "size=1m,mode=0755",
    },
];

/// One kernel setting.
#[derive(Debug)]
pub struct KernelSetting {
    /// File under `/proc/sys`.
    pub path: &'static str,
    /// What is written to it.
    pub value: &'static str,
}

/// Kernel settings, each with its reason.
pub static KERNEL_SETTINGS: &[KernelSetting] = &[
    // Our log lines must not be thinned out by the kernel: we write a few a minute. It insists on the line feed.
    KernelSetting { path: "/proc/sys/kernel/printk_devkmsg", value: "on\n" },
    // The frame slots reserve far more address space than memory; `ring::pool` bounds what is used.
    KernelSetting { path: "/proc/sys/vm/overcommit_memory", value: "1" },
    // What a clip has written must reach the card soon even between our own syncs.
    KernelSetting { path: "/proc/sys/vm/dirty_expire_centisecs", value: "500" },
];
