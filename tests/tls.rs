//! Certificates and channel values from real TLS 1.3 connections with client certificates, on loopback: rustls on both sides,
//! under an authority and certificates that rcgen makes for the run. TLS 1.2 is not in this build of rustls.

use countermark::{BindingForm, CHANNEL_MEMBER, Certificate, Evidence, Status};
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, Outcome, Setup, judge, key_of};
use countermark_tests::possession::Possession;
use countermark_tests::token::TokenBuilder;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, ProtocolVersion, RootCertStore, ServerConfig, ServerConnection, Stream,
};
use sha2::{Digest, Sha256};
use std::io::{Error, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// No read or write takes longer: a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// RFC 9266 4.2: the label, an empty context, 32 bytes.
const LABEL: &[u8] = b"EXPORTER-Channel-Binding";

const NAME: &str = "api.example";

/// A certificate and its key.
type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// One certification authority, and one server of it.
struct Service {
    authority: Issuer<'static, KeyPair>,
    roots: Arc<RootCertStore>,
    server: Arc<ServerConfig>,
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// A certificate of this authority for this name, and its key.
fn identity(authority: &Issuer<'static, KeyPair>, name: &str) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_string()]).unwrap().signed_by(&key, authority).unwrap();
    (vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
}

impl Service {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(params.self_signed(&key).unwrap().der().clone()).unwrap();
        let roots = Arc::new(roots);
        let authority = Issuer::new(params, key);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider()).build().unwrap();
        let (chain, key) = identity(&authority, NAME);
        let server = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .unwrap();
        Service { authority, roots, server: Arc::new(server) }
    }

    /// A client that trusts this authority.
    fn client(&self, identity: Option<Identity>) -> Arc<ClientConfig> {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(self.roots.clone());
        Arc::new(match identity {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
            None => builder.with_no_client_auth(),
        })
    }

    /// A client with a new certificate of this authority.
    fn client_named(&self, name: &str) -> Arc<ClientConfig> {
        self.client(Some(identity(&self.authority, name)))
    }

    /// One connection: handshake, a request and an answer. What the server then knows comes first, what the client knows second.
    fn connect(&self, client: &Arc<ClientConfig>) -> Result<(Connection, Connection), Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut out = TcpStream::connect(listener.local_addr()?)?;
        let (mut taken, _) = listener.accept()?;
        for stream in [&out, &taken] {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
        }
        let mut server = ServerConnection::new(self.server.clone()).unwrap();
        let mut client = ClientConnection::new(client.clone(), ServerName::try_from(NAME).unwrap()).unwrap();
        let serving = std::thread::spawn(move || {
            let mut request = [0; 7];
            let mut stream = Stream::new(&mut server, &mut taken);
            stream.read_exact(&mut request)?;
            assert_eq!(&request, b"request");
            stream.write_all(b"answer")?;
            Ok::<_, Error>(Connection::of(&server, server.handshake_kind()))
        });
        let asked = (|| {
            let mut answer = [0; 6];
            let mut stream = Stream::new(&mut client, &mut out);
            stream.write_all(b"request")?;
            stream.read_exact(&mut answer)?;
            assert_eq!(&answer, b"answer");
            Ok::<_, Error>(Connection::of(&client, client.handshake_kind()))
        })();
        drop(out);
        let served = serving.join().unwrap()?;
        Ok((served, asked?))
    }
}

/// What one side of a connection has of it.
#[derive(Clone, Debug)]
struct Connection {
    /// The other side's certificate.
    certificate: Vec<u8>,
    exporter: [u8; 32],
    kind: HandshakeKind,
}

impl Connection {
    fn of<D>(tls: &rustls::ConnectionCommon<D>, kind: Option<HandshakeKind>) -> Self {
        assert_eq!(tls.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        let export = |context| tls.export_keying_material([0; 32], LABEL, context).unwrap();
        assert_eq!(export(Some(&[])), export(None), "an empty context is none (RFC 8446 7.5)");
        Connection {
            certificate: tls.peer_certificates().unwrap()[0].to_vec(),
            exporter: export(Some(&[])),
            kind: kind.unwrap(),
        }
    }

    /// What the server holds against a token, as it has it from its TLS library.
    fn evidence(&self) -> Evidence<'_> {
        Evidence { certificate: Some(Certificate::Der(&self.certificate)), channel: &self.exporter, ..Evidence::NONE }
    }

    fn certificate_member(&self) -> String {
        member("x5t#S256", &self.certificate)
    }

    fn channel_member(&self) -> String {
        member(CHANNEL_MEMBER, &self.exporter)
    }
}

fn member(name: &str, bytes: &[u8]) -> String {
    format!(r#""{name}":"{}""#, base64url::encode(&Sha256::digest(bytes)))
}

fn bound(members: &[String]) -> String {
    TokenBuilder::new("HS256").payload_with(&format!(r#""cnf":{{{}}}"#, members.join(","))).build()
}

fn judged(possession: Possession<'_>, token: &str, evidence: Evidence<'_>) -> Outcome {
    judge(&Setup::with([key_of("HS256")]).possession(possession), Attempt::new(token).from(evidence))
}

fn bit(status: Status) -> u64 {
    1 << status.bit().unwrap()
}

/// The server's side of four connections, each after both sides were seen to have one channel value: a client's first, its
/// second by a handshake of its own, its third that resumes a session, and another client's.
fn connections() -> [Connection; 4] {
    let service = Service::new();
    let connect = |client: &Arc<ClientConfig>, kind: HandshakeKind| {
        let (served, asked) = service.connect(client).unwrap();
        assert_eq!(served.exporter, asked.exporter, "both sides export one value");
        assert_ne!(served.certificate, asked.certificate, "each side has the other's certificate");
        assert_eq!((served.kind, asked.kind), (kind, kind));
        served
    };
    let alice = service.client_named("alice.example");
    let mut forgetful = (*alice).clone();
    forgetful.resumption = rustls::client::Resumption::disabled();
    let first = connect(&alice, HandshakeKind::Full);
    let second = connect(&Arc::new(forgetful), HandshakeKind::Full);
    let resumed = connect(&alice, HandshakeKind::Resumed);
    let bob = connect(&service.client_named("bob.example"), HandshakeKind::Full);
    assert_eq!((&first.certificate, &first.certificate), (&second.certificate, &resumed.certificate));
    assert_ne!(first.certificate, bob.certificate);
    [first, second, resumed, bob]
}

#[test]
fn tokens_are_bound_to_certificate_and_channel_of_real_connections() {
    let [first, second, resumed, bob] = connections();
    let all = [&first, &second, &resumed, &bob];
    let statuses = |possession: Possession<'_>, token: &str| {
        all.map(|connection| judged(possession, token, connection.evidence()).status)
    };

    // The certificate is the client's on all of its connections.
    let by_certificate = Possession { certificate: true, ..Possession::default() };
    let token = bound(&[first.certificate_member()]);
    let (good, other) = (Status::Accepted, Status::CertificateMismatch);
    assert_eq!(statuses(by_certificate, &token), [good, good, good, other]);
    let without = Evidence { certificate: None, ..first.evidence() };
    assert_eq!(judged(by_certificate, &token, without).status, Status::PossessionMissing);

    // The channel is one connection's; one that resumes a session is another (RFC 8446 7.5).
    let by_channel = Possession { channel: Some(CHANNEL_MEMBER), ..Possession::default() };
    let token = bound(&[first.channel_member()]);
    let other = Status::ChannelMismatch;
    assert_eq!(statuses(by_channel, &token), [good, other, other, other]);

    // Both at once.
    let by_both = Possession { certificate: true, ..by_channel };
    let token = bound(&[first.certificate_member(), first.channel_member()]);
    let failures = all.map(|connection| judged(by_both, &token, connection.evidence()).failures);
    let (certificate, channel) = (bit(Status::CertificateMismatch), bit(Status::ChannelMismatch));
    assert_eq!(failures, [0, channel, channel, certificate | channel]);
}

#[test]
fn a_binding_beside_the_token_is_of_one_connection() {
    let [first, second, resumed, bob] = connections();
    let token = TokenBuilder::new("HS256").build();
    let digest = Sha256::new().chain_update(&token).chain_update(first.exporter).finalize();
    let by_hand = base64url::encode(&digest);
    let mut text = [0; countermark::BINDING_CHARS_MAX];
    assert_eq!(BindingForm::Base64url.bind(token.as_bytes(), &first.exporter, &mut text), Ok(by_hand.as_str()));
    let by_binding = Possession { binding: Some(BindingForm::Base64url), ..Possession::default() };
    let statuses = [&first, &second, &resumed, &bob]
        .map(|connection| judged(by_binding, &token, Evidence { binding: &by_hand, ..connection.evidence() }).status);
    let other = Status::ChannelMismatch;
    assert_eq!(statuses, [Status::Accepted, other, other, other]);
}

#[test]
fn a_client_without_a_certificate_of_the_authority_makes_no_connection() {
    let service = Service::new();
    let refused = service.connect(&service.client(None)).unwrap_err();
    assert!(refused.to_string().contains("peer sent no certificates"), "{refused}");
    let stranger = identity(&Service::new().authority, "alice.example");
    let refused = service.connect(&service.client(Some(stranger))).unwrap_err();
    assert!(refused.to_string().contains("invalid peer certificate"), "{refused}");
}
