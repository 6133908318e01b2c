//! Where the fields of usb-redir messages are: byte offsets as in the protocol's structs, which are packed.
//!
//! "USB Network Redirection protocol description version 0.7". Only numbers; `wire` reads and writes by them.

/// Message types.
pub mod kind {
    pub const HELLO: u32 = 0;
    pub const DEVICE_CONNECT: u32 = 1;
    pub const DEVICE_DISCONNECT: u32 = 2;
    pub const RESET: u32 = 3;
    pub const INTERFACE_INFO: u32 = 4;
    pub const EP_INFO: u32 = 5;
    pub const SET_CONFIGURATION: u32 = 6;
    pub const GET_CONFIGURATION: u32 = 7;
    pub const CONFIGURATION_STATUS: u32 = 8;
    pub const SET_ALT_SETTING: u32 = 9;
    pub const GET_ALT_SETTING: u32 = 10;
    pub const ALT_SETTING_STATUS: u32 = 11;
    pub const CANCEL_DATA_PACKET: u32 = 21;
    pub const FILTER_REJECT: u32 = 22;
    pub const DISCONNECT_ACK: u32 = 24;
    pub const CONTROL_PACKET: u32 = 100;
    pub const BULK_PACKET: u32 = 101;
}

/// Header of every message; the id is 32 bits in a hello message only.
pub mod header {
    use std::ops::Range;
    pub const TYPE: Range<usize> = 0..4;
    pub const LENGTH: Range<usize> = 4..8;
    pub const ID_32: Range<usize> = 8..12;
    pub const ID_64: Range<usize> = 8..16;
}

/// `usb_redir_hello_header` with one word of capabilities.
pub mod hello {
    use std::ops::Range;
    pub const VERSION: Range<usize> = 0..64;
    pub const CAPABILITIES: Range<usize> = 64..68;
}

/// `usb_redir_device_connect_header`.
pub mod device_connect {
    use std::ops::Range;
    pub const SPEED: usize = 0;
    pub const CLASS: usize = 1;
    pub const SUBCLASS: usize = 2;
    pub const PROTOCOL: usize = 3;
    pub const VENDOR: Range<usize> = 4..6;
    pub const PRODUCT: Range<usize> = 6..8;
    pub const VERSION: Range<usize> = 8..10;
    pub const BYTES: usize = 10;
}

/// `usb_redir_interface_info_header`: a count, then four columns of 32.
pub mod interface_info {
    use std::ops::Range;
    pub const COUNT: Range<usize> = 0..4;
    pub const NUMBER: usize = 4;
    pub const CLASS: usize = 36;
    pub const SUBCLASS: usize = 68;
    pub const PROTOCOL: usize = 100;
    pub const BYTES: usize = 132;
    pub const MAX: usize = 32;
}

/// `usb_redir_ep_info_header`: columns of 32, out endpoints first.
pub mod ep_info {
    pub const TYPE: usize = 0;
    pub const INTERVAL: usize = 32;
    pub const INTERFACE: usize = 64;
    pub const MAX_PACKET: usize = 96;
    pub const BYTES: usize = 160;
}

/// `usb_redir_control_packet_header`; data follows.
pub mod control {
    use std::ops::Range;
    pub const ENDPOINT: usize = 0;
    pub const REQUEST: usize = 1;
    pub const REQUEST_TYPE: usize = 2;
    pub const STATUS: usize = 3;
    pub const VALUE: Range<usize> = 4..6;
    pub const INDEX: Range<usize> = 6..8;
    pub const LENGTH: Range<usize> = 8..10;
    pub const BYTES: usize = 10;
}

/// `usb_redir_bulk_packet_header` with 32-bit lengths; data follows.
pub mod bulk {
    use std::ops::Range;
    pub const ENDPOINT: usize = 0;
    pub const STATUS: usize = 1;
    pub const LENGTH_LOW: Range<usize> = 2..4;
    pub const STREAM_ID: Range<usize> = 4..8;
    pub const LENGTH_HIGH: Range<usize> = 8..10;
    pub const BYTES: usize = 10;
}
