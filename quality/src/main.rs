mod browser; mod component; mod curve; mod data; mod life; mod minhash; mod network; mod population; mod preset; mod random; mod rates; mod score; mod simulate; mod weights; mod world;
use score::*;
fn main() {
    let data = data::Data::load(None).expect("data");
    for s in population::Source::ALL { let sim = simulate::simulate(&data, s, 4000, 1.0, 1);
      for p in preset::ALL {
        let v = |o: &mut dyn Iterator<Item=&Outcomes>| { let mut c=[0u32;3]; for o in o { c[score(p,o).verdict as usize]+=1; } let t: u32 = c.iter().sum(); format!("{:.1}/{:.1}/{:.1}", c[0] as f64*100./t as f64, c[1] as f64*100./t as f64, c[2] as f64*100./t as f64) };
        print!("{} {:15}:", s.name(), p.name);
        for r in &sim.returns { print!(" {}", v(&mut r.iter().map(|x| &x.outcomes))); }
        print!(" ||");
        for i in &sim.impostors { print!(" {}", v(&mut i.iter())); }
        println!();
      } }
}
