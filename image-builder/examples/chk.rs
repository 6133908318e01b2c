use image_builder::{
    device_tree as dt,
    host::{apt::Apt, cache::Cache, workspace::Workspace},
};
fn main() {
    let ws = Workspace::find();
    let cache = Cache::open().unwrap();
    let apt = Apt::new(&cache, false);
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (arch, image) = (args[0].clone(), std::fs::read(&args[1]).unwrap());
    let drivers = dt::Drivers::of_kernel(&image);
    for id in boards::list(&ws.boards()).unwrap() {
        let p = match boards::load(&ws.boards(), &id) {
            Ok(p) => p,
            Err(e) => {
                println!("{id}: LOAD {e}");
                continue;
            }
        };
        if format!("{:?}", p.arch) != arch || id == "virt" {
            continue;
        }
        let tree = match dt::make(&ws.boards(), &p, None, &cache, &apt) {
            Ok(t) => t,
            Err(e) => {
                println!("{id}: MAKE {}", e.to_string().chars().take(600).collect::<String>());
                continue;
            }
        };
        let tree = dt::Tree::parse(&tree).unwrap();
        let mut bad = std::collections::BTreeSet::new();
        for (role, path) in &p.device_tree.rely_on {
            let one = std::collections::BTreeMap::from([(role.clone(), path.clone())]);
            if let Err(e) = dt::check(&tree, &drivers, &one) {
                bad.insert(e.to_string());
            }
        }
        if let Err(e) = dt::check_claims(&tree, &p) {
            bad.insert(e.to_string());
        }
        if let Some(h) = &p.header {
            if let Err(e) = dt::check_header(&tree, &mut h.clone()) {
                bad.insert(e.to_string());
            }
        }
        println!("{id}: {}", if bad.is_empty() { "ok" } else { "" });
        for b in bad {
            println!("    {}", b.chars().take(260).collect::<String>());
        }
    }
}
