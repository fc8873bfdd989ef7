//! Real proxies, with the configurations of `proxies/`, on ports of their own.

use super::{World, end, free_port, package, until};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

pub struct Proxy {
    child: Child,
    pub address: SocketAddr,
}

impl Proxy {
    pub fn caddy(world: &World, service: SocketAddr, backend: SocketAddr) -> Proxy {
        let (address, config) = configured("Caddyfile", service, backend);
        let file = world.write("Caddyfile", &config);
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
        // It keeps state in the user's folders.
        for name in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
            command.env(name, &world.folder);
        }
        Self::started(command, address)
    }

    pub fn nginx(world: &World, service: SocketAddr, backend: SocketAddr) -> Proxy {
        let (address, config) = configured("nginx.conf", service, backend);
        // Its usual folders are another's.
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path {name};\n"));
        let config = config.replacen("http {", &format!("http {{\n{}", paths.concat()), 1);
        let file = world.write("nginx.conf", &config);
        let mut command = Command::new("nginx");
        command.arg("-p").arg(&world.folder).arg("-c").arg(file).args(["-e", "stderr", "-g", "daemon off;"]);
        Self::started(command, address)
    }

    pub fn haproxy(world: &World, service: SocketAddr, backend: SocketAddr) -> Proxy {
        let script = std::fs::read_to_string(package().join("proxies/haproxy/countermark.lua")).unwrap();
        Self::haproxy_with(world, service, backend, &script)
    }

    pub fn haproxy_with(world: &World, service: SocketAddr, backend: SocketAddr, script: &str) -> Proxy {
        let (address, config) = configured("haproxy/haproxy.cfg", service, backend);
        world.write("countermark.lua", script);
        let file = world.write("haproxy.cfg", &config);
        let mut command = Command::new("haproxy");
        command.current_dir(&world.folder).arg("-f").arg(file);
        Self::started(command, address)
    }

    fn started(mut command: Command, address: SocketAddr) -> Proxy {
        let program = command.get_program().to_owned();
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = quiet.spawn().unwrap_or_else(|error| panic!("{program:?} (Debian: apt install it): {error}"));
        let proxy = Proxy { child, address };
        until("the proxy listens", || TcpStream::connect(address).is_ok());
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// The configuration that users read, with the ports of this test.
fn configured(name: &str, service: SocketAddr, backend: SocketAddr) -> (SocketAddr, String) {
    let text = std::fs::read_to_string(package().join("proxies").join(name)).unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let mut config = text;
    for (documented, own) in [("127.0.0.1:8080", address), ("127.0.0.1:9180", service), ("127.0.0.1:8081", backend)] {
        assert!(config.contains(documented), "{name} says {documented}");
        config = config.replace(documented, &own.to_string());
    }
    (address, config)
}
