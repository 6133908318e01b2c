//! A media graph walked: from a video device back to the sensor whose pictures can reach it.
//!
//! And what has to be linked and set for that. Pure: a topology in, a route out.

use crate::sys::media::{Link, Pad, Topology};

/// `MEDIA_ENT_F_CAM_SENSOR` (linux/media.h).
const SENSOR: u32 = 0x0002_0001;
/// `MEDIA_LNK_FL_ENABLED` and `..._IMMUTABLE`.
const ENABLED: u32 = 1;
const IMMUTABLE: u32 = 2;
/// The bits of a link's flags that say what it joins, and the two kinds that are of use: pads, and interfaces with entities.
const KIND: u32 = 0xf000_0000;
const DATA: u32 = 0;
const INTERFACE: u32 = 0x1000_0000;
/// No camera has more parts in a row.
const STEPS_MAX: usize = 16;

/// A link from one part to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Where pictures leave the part before.
    pub source: Pad,
    /// Where they come in.
    pub sink: Pad,
    /// Whether it has to be made first.
    pub is_to_be_made: bool,
}

/// From a sensor to a video device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The sensor's entity.
    pub sensor: u32,
    /// The links in the order in which pictures pass them.
    pub steps: Vec<Step>,
}

impl Topology {
    /// The entity to which a device node belongs.
    pub fn entity_of(&self, device: (u32, u32)) -> Option<u32> {
        let interface = self.interfaces.iter().find(|interface| interface.device == device)?;
        let link =
            self.links.iter().find(|link| link.flags & KIND == INTERFACE && link.source == interface.id)?;
        Some(link.sink)
    }

    /// The device node of an entity.
    pub fn device_of(&self, entity: u32) -> Option<(u32, u32)> {
        let link = self.links.iter().find(|link| link.flags & KIND == INTERFACE && link.sink == entity)?;
        let interface = self.interfaces.iter().find(|interface| interface.id == link.source)?;
        Some(interface.device)
    }

    /// The shortest way from a sensor to that entity. Of ways that are equally short one whose links are made already.
    pub fn route_to(&self, entity: u32) -> Option<Route> {
        // The ways from where the search is to the end, the shortest first.
        let mut ways = vec![(entity, Vec::<Step>::new())];
        for _ in 0..STEPS_MAX {
            let mut longer = Vec::new();
            for (at, steps) in &ways {
                for step in self.steps_into(*at) {
                    let mut steps = steps.clone();
                    steps.insert(0, step);
                    longer.push((step.source.entity, steps));
                }
            }
            let made = |steps: &[Step]| steps.iter().filter(|step| step.is_to_be_made).count();
            longer.sort_by_key(|(_, steps)| made(steps));
            if let Some((sensor, steps)) = longer.iter().find(|(at, _)| self.is_sensor(*at)) {
                return Some(Route { sensor: *sensor, steps: steps.clone() });
            }
            // A graph with a ring in it grows without end: each entity is looked at once, by its best way.
            let mut seen = Vec::new();
            longer.retain(|(at, _)| {
                !seen.contains(at) && {
                    seen.push(*at);
                    true
                }
            });
            ways = longer;
        }
        None
    }

    /// Links that have to be taken away for a route: those that end where one of its own ends.
    pub fn in_the_way(&self, route: &Route) -> Vec<Step> {
        let ends_there = |step: &Step| {
            let same_sink = |other: &&Step| other.sink == step.sink && other.is_to_be_made;
            route.steps.iter().find(same_sink).is_some_and(|own| own.source != step.source)
        };
        let links = self.links.iter().filter(|link| link.flags & (ENABLED | IMMUTABLE) == ENABLED);
        links.filter_map(|link| self.step(link)).filter(ends_there).collect()
    }

    /// The links that pictures take from an entity on, as it is now.
    pub fn steps_from(&self, entity: u32) -> Vec<Step> {
        let links = self.links.iter().filter(|link| link.flags & ENABLED != 0);
        links.filter_map(|link| self.step(link)).filter(|step| step.source.entity == entity).collect()
    }

    /// The name of an entity.
    pub fn name_of(&self, entity: u32) -> Option<&str> {
        self.entities.iter().find(|one| one.id == entity).map(|one| one.name.as_str())
    }

    /// The pads of an entity where pictures leave.
    pub fn sources_of(&self, entity: u32) -> impl Iterator<Item = Pad> {
        self.pads.iter().copied().filter(move |pad| pad.entity == entity && pad.is_source)
    }

    fn is_sensor(&self, entity: u32) -> bool {
        self.entities.iter().any(|one| one.id == entity && one.function == SENSOR)
    }

    fn steps_into(&self, entity: u32) -> impl Iterator<Item = Step> {
        self.links.iter().filter_map(|link| self.step(link)).filter(move |step| step.sink.entity == entity)
    }

    /// A link between pads.
    fn step(&self, link: &Link) -> Option<Step> {
        if link.flags & KIND != DATA {
            return None;
        }
        let pad = |id| self.pads.iter().copied().find(|pad| pad.id == id);
        let is_to_be_made = link.flags & ENABLED == 0;
        Some(Step { source: pad(link.source)?, sink: pad(link.sink)?, is_to_be_made })
    }
}

#[cfg(test)]
mod tests {
    use super::{DATA, ENABLED, IMMUTABLE, INTERFACE, SENSOR, Step};
    use crate::sys::media::{Entity, Interface, Link, Pad, Topology};

    /// Entities are 1, 2, ...; a link is from entity to entity, each pad being used once.
    fn graph(sensors: &[u32], others: &[u32], links: &[(u32, u32, u32)], video: &[(u32, u32)]) -> Topology {
        let entity = |function: u32| move |id: &u32| Entity { id: *id, name: format!("part {id}"), function };
        let mut graph = Topology {
            entities: sensors.iter().map(entity(SENSOR)).chain(others.iter().map(entity(0))).collect(),
            ..Topology::default()
        };
        for (number, (from, to, flags)) in links.iter().enumerate() {
            let number = number as u32;
            let (source, sink) = (100 + 2 * number, 101 + 2 * number);
            graph.pads.push(Pad { id: source, entity: *from, index: 1, is_source: true });
            graph.pads.push(Pad { id: sink, entity: *to, index: 0, is_source: false });
            graph.links.push(Link { source, sink, flags: DATA | flags });
        }
        for (entity, minor) in video {
            graph.interfaces.push(Interface { id: 500 + minor, device: (81, *minor) });
            graph.links.push(Link { source: 500 + minor, sink: *entity, flags: INTERFACE | ENABLED });
        }
        graph
    }

    fn parts(steps: &[Step]) -> Vec<(u32, u32)> {
        steps.iter().map(|step| (step.source.entity, step.sink.entity)).collect()
    }

    #[test]
    fn a_pi_s_receiver_leads_to_its_sensor() {
        // imx219, unicam, its two video devices.
        let graph = graph(
            &[1],
            &[2, 3, 4],
            &[(1, 2, ENABLED | IMMUTABLE), (2, 3, ENABLED | IMMUTABLE), (2, 4, ENABLED | IMMUTABLE)],
            &[(3, 0), (4, 1), (1, 2)],
        );
        let video = graph.entity_of((81, 0)).expect("an entity");
        let route = graph.route_to(video).expect("a route");
        assert_eq!((route.sensor, parts(&route.steps)), (1, vec![(1, 2), (2, 3)]));
        assert!(graph.in_the_way(&route).is_empty() && route.steps.iter().all(|step| !step.is_to_be_made));
        assert_eq!((graph.device_of(1), graph.device_of(2)), (Some((81, 2)), None));
        assert_eq!(graph.entity_of((81, 9)), None);
    }

    #[test]
    fn a_link_is_made_where_none_is_and_the_one_in_its_way_taken_away() {
        // Two sensors on one receiver: the way from the second is not made.
        let mut graph = graph(&[1, 2], &[3, 4], &[(1, 3, ENABLED), (2, 3, 0), (3, 4, ENABLED)], &[(4, 0)]);
        // Both end at the same pad.
        graph.pads[3] = graph.pads[1];
        graph.links[1].sink = graph.links[0].sink;
        let route = graph.route_to(4).expect("a route");
        assert_eq!(parts(&route.steps), [(1, 3), (3, 4)], "what is made is preferred");
        graph.entities[0].function = 0;
        let route = graph.route_to(4).expect("a route");
        assert_eq!(parts(&route.steps), [(2, 3), (3, 4)]);
        assert!(route.steps[0].is_to_be_made && !route.steps[1].is_to_be_made);
        assert_eq!(parts(&graph.in_the_way(&route)), [(1, 3)]);
    }

    #[test]
    fn a_ring_and_an_end_without_a_sensor_are_no_routes() {
        let ring = graph(&[], &[1, 2, 3], &[(1, 2, ENABLED), (2, 1, ENABLED), (2, 3, ENABLED)], &[(3, 0)]);
        assert_eq!(ring.route_to(3), None);
        assert_eq!(Topology::default().route_to(7), None);
    }
}
