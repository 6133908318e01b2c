//! `card`: from the command line to a written card, one step after the other.

use std::io::BufReader;
use std::path::PathBuf;

use super::disks::Host;
use super::writer::Writer;
use super::{Error, ask, choose, list};
use crate::host::workspace::Workspace;
use crate::image::{self, BuildOptions};

/// What the person wants.
#[derive(Debug)]
pub struct Order {
    /// The image.
    pub build: BuildOptions,
    /// Where it goes; none: only show what there is.
    pub device: Option<PathBuf>,
    /// Whether the question about a removable card is answered already.
    pub yes: bool,
}

/// Lists the cards, or writes one. Returns what is to be shown.
///
/// # Errors
/// When the card was not written.
pub fn run(order: &Order) -> Result<String, Error> {
    let host = Host::this();
    // Mistakes first: nobody should answer a question and wait for a build to hear of them.
    let profile = boards::load(&Workspace::find().boards(), &order.build.board)?;
    if let Some(config) = &order.build.config {
        image::read_config(config).map_err(Box::new)?;
    }
    let Some(device) = &order.device else {
        let disks = host.disks().map_err(choose::Error::Host)?;
        return Ok(list::table(&disks, &profile.id));
    };
    let disk = choose::choose(&host, device)?;
    let mut input = BufReader::new(std::io::stdin());
    if !ask::agrees(&disk, order.yes, &mut input, &mut std::io::stderr()).map_err(Error::Terminal)? {
        return Err(Error::Declined);
    }
    let writer = Writer::open(&host, &disk)?;
    let build = BuildOptions { keep_if_same: true, ..order.build.clone() };
    let built = image::build(&build).map_err(Box::new)?;
    writer.write(&host, &built.path)?;
    Ok(format!(
        "The card holds {} and was read back: every byte is right.\n\
         Next: put it into the board, connect the serial cable (115200 baud, 8N1) and a camera, switch on.\n",
        built.profile.name
    ))
}
