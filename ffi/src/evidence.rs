//! What C knows of the client, read in place.

#[cfg(any(feature = "fingerprint", feature = "_possession"))]
use crate::memory::sized;
use crate::memory::{Apart, cmk_bytes};
use countermark::{Evidence, Status};
#[cfg(any(feature = "fingerprint", feature = "_possession", feature = "carrier"))]
use {crate::memory::list, countermark::Headers};

/// One header field.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_header {
    pub name: cmk_bytes,
    pub value: cmk_bytes,
}

/// The client as the host sees it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_evidence {
    pub size: usize,
    pub headers: *const cmk_header,
    pub header_count: usize,
    pub address: cmk_bytes,
    pub asn: cmk_bytes,
    pub country: cmk_bytes,
    pub organisation: cmk_bytes,
    pub isp: cmk_bytes,
    pub components: *const cmk_component,
    pub component_count: usize,
    pub certificate: cmk_bytes,
    pub certificate_digest: cmk_bytes,
    pub proofs: *const cmk_bytes,
    pub proof_count: usize,
    pub method: cmk_bytes,
    pub uri: cmk_bytes,
    pub nonce: cmk_bytes,
    pub channel: cmk_bytes,
    pub binding: cmk_bytes,
    pub scheme: i32,
}

/// One value of a component, or one element of a set.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_component {
    pub number: u32,
    pub value: cmk_bytes,
}

/// C's component values, checked once.
#[cfg(any(feature = "fingerprint", feature = "_possession"))]
pub(crate) struct CComponents<'a>(&'a [cmk_component]);

#[cfg(any(feature = "fingerprint", feature = "_possession"))]
impl<'a> CComponents<'a> {
    /// # Safety
    /// `ptr` points to `count` values that are valid for `'a`, or is NULL.
    unsafe fn read(ptr: *const cmk_component, count: usize) -> Result<Self, Status> {
        // SAFETY: the caller's promise.
        let values = unsafe { list(ptr, count) }?;
        if cfg!(not(feature = "sketch")) && !values.is_empty() {
            return Err(Status::NotSupported);
        }
        for listed in values {
            // SAFETY: the caller's promise.
            unsafe { listed.value.read() }?;
            #[cfg(feature = "sketch")]
            component(listed).ok_or(Status::Argument)?;
        }
        Ok(CComponents(values))
    }
}

#[cfg(feature = "sketch")]
fn component(listed: &cmk_component) -> Option<countermark::Component> {
    u8::try_from(listed.number).ok().and_then(countermark::Component::from_number)
}

#[cfg(feature = "sketch")]
impl countermark::Components for CComponents<'_> {
    fn visit(&self, visitor: &mut dyn FnMut(countermark::Component, &[u8])) {
        for listed in self.0 {
            // SAFETY: `read` has looked at every value, under the caller's promise.
            if let (Some(component), Ok(value)) = (component(listed), unsafe { listed.value.read() }) {
                visitor(component, value);
            }
        }
    }
}

/// C's header fields, checked once.
#[cfg(any(feature = "fingerprint", feature = "_possession", feature = "carrier"))]
pub(crate) struct CHeaders<'a>(&'a [cmk_header]);

#[cfg(any(feature = "fingerprint", feature = "_possession", feature = "carrier"))]
impl<'a> CHeaders<'a> {
    /// # Safety
    /// `ptr` points to `count` header fields that are valid for `'a`, or is NULL.
    pub(crate) unsafe fn read(ptr: *const cmk_header, count: usize) -> Result<Self, Status> {
        // SAFETY: the caller's promise.
        let fields = unsafe { list(ptr, count) }?;
        for field in fields {
            // SAFETY: the caller's promise.
            unsafe { (field.name.read()?, field.value.read()?) };
        }
        Ok(CHeaders(fields))
    }

    /// Everything that is read of the fields, for overlap checks.
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        apart.and_list(self.0);
        self.0.iter().for_each(|field| {
            apart.and_bytes(field.name).and_bytes(field.value);
        });
    }
}

#[cfg(any(feature = "fingerprint", feature = "_possession", feature = "carrier"))]
impl Headers for CHeaders<'_> {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        let field = self.0.get(position)?;
        // SAFETY: `read` has looked at every field, under the caller's promise.
        unsafe { Some((field.name.read().ok()?, field.value.read().ok()?)) }
    }
}

/// The proofs of a request. Only how many there are matters of more than one.
#[cfg(any(feature = "fingerprint", feature = "_possession"))]
pub(crate) struct Proofs<'a> {
    listed: &'a [cmk_bytes],
    #[cfg(feature = "dpop")]
    shown: [&'a [u8]; 2],
}

#[cfg(any(feature = "fingerprint", feature = "_possession"))]
impl<'a> Proofs<'a> {
    const NONE: Proofs<'static> = Proofs {
        listed: &[],
        #[cfg(feature = "dpop")]
        shown: [&[]; 2],
    };

    /// # Safety
    /// `ptr` points to `count` byte strings that are valid for `'a`, or is NULL.
    unsafe fn read(ptr: *const cmk_bytes, count: usize) -> Result<Self, Status> {
        // SAFETY: the caller's promise, for the whole block.
        unsafe {
            let listed = list(ptr, count)?;
            for proof in listed {
                proof.read()?;
            }
            #[allow(clippy::needless_update)] // in a build without proofs that is all
            #[cfg_attr(not(feature = "dpop"), allow(unused_mut))]
            let mut proofs = Proofs { listed, ..Proofs::NONE };
            #[cfg(feature = "dpop")]
            for (place, proof) in proofs.shown.iter_mut().zip(listed) {
                *place = proof.read()?;
            }
            Ok(proofs)
        }
    }
}

/// The certificate, which comes as itself or as its digest.
///
/// # Safety
/// The members are valid for their lengths for `'a`, or NULL.
#[cfg(feature = "mtls")]
unsafe fn certificate<'a>(evidence: &cmk_evidence) -> Result<Option<countermark::Certificate<'a>>, Status> {
    use countermark::Certificate;
    // SAFETY: the caller's promise.
    let (der, digest) = unsafe { (evidence.certificate.read()?, evidence.certificate_digest.read()?) };
    match (evidence.certificate.ptr.is_null(), evidence.certificate_digest.ptr.is_null()) {
        (true, true) => Ok(None),
        (false, true) => Ok(Some(Certificate::Der(der))),
        (true, false) => Ok(Some(Certificate::Digest(digest.try_into().map_err(|_| Status::Argument)?))),
        (false, false) => Err(Status::Argument),
    }
}

/// The client of one request: its structure, its header fields and its components, checked once.
///
/// A build that asks nothing of the client does not look at it at all: that would be a kilobyte of flash for nothing.
#[cfg(any(feature = "fingerprint", feature = "_possession"))]
pub(crate) struct Client<'a> {
    evidence: Option<cmk_evidence>,
    headers: CHeaders<'a>,
    components: CComponents<'a>,
    proofs: Proofs<'a>,
    at: *const cmk_evidence,
}

#[cfg(not(any(feature = "fingerprint", feature = "_possession")))]
pub(crate) struct Client<'a>(core::marker::PhantomData<&'a ()>);

#[cfg(any(feature = "fingerprint", feature = "_possession"))]
impl<'a> Client<'a> {
    /// The evidence at `ptr`; none for NULL.
    ///
    /// # Safety
    /// `ptr` points to a `cmk_evidence` whose members are valid for their lengths for `'a`, or NULL; or is NULL.
    pub(crate) unsafe fn read(ptr: *const cmk_evidence) -> Result<Self, Status> {
        if ptr.is_null() {
            let (headers, components, proofs) = (CHeaders(&[]), CComponents(&[]), Proofs::NONE);
            return Ok(Client { evidence: None, headers, components, proofs, at: ptr });
        }
        // SAFETY: the caller's promise.
        unsafe {
            let evidence = sized(ptr, size_of::<cmk_evidence>())?;
            let headers = CHeaders::read(evidence.headers, evidence.header_count)?;
            let components = CComponents::read(evidence.components, evidence.component_count)?;
            let proofs = Proofs::read(evidence.proofs, evidence.proof_count)?;
            Ok(Client { evidence: Some(evidence), headers, components, proofs, at: ptr })
        }
    }

    /// # Safety
    /// As [`Client::read`].
    pub(crate) unsafe fn evidence(&'a self) -> Result<Evidence<'a>, Status> {
        let Some(evidence) = &self.evidence else { return Ok(Evidence::NONE) };
        // SAFETY: the caller's promise.
        unsafe {
            Ok(Evidence {
                address: evidence.address.text()?,
                asn: evidence.asn.text()?,
                country: evidence.country.text()?,
                organisation: evidence.organisation.text()?,
                isp: evidence.isp.text()?,
                headers: &self.headers,
                #[cfg(feature = "sketch")]
                components: &self.components,
                #[cfg(feature = "mtls")]
                certificate: certificate(evidence)?,
                #[cfg(feature = "dpop")]
                proofs: self.proofs.shown.get(..self.proofs.listed.len().min(2)).unwrap_or_default(),
                #[cfg(feature = "dpop")]
                method: evidence.method.text()?,
                #[cfg(feature = "dpop")]
                uri: evidence.uri.text()?,
                #[cfg(feature = "dpop")]
                nonce: evidence.nonce.text()?,
                #[cfg(feature = "dpop")]
                scheme: match evidence.scheme {
                    0 | 1 => countermark::Scheme::Bearer,
                    2 => countermark::Scheme::DPoP,
                    _ => return Err(Status::Argument),
                },
                #[cfg(feature = "channel")]
                channel: evidence.channel.read()?,
                #[cfg(feature = "channel")]
                binding: evidence.binding.text()?,
            })
        }
    }

    /// Everything that is read of the client, for overlap checks.
    #[inline(never)]
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        let Some(evidence) = &self.evidence else { return };
        apart.and_object(self.at).and_list(self.components.0).and_list(self.proofs.listed);
        self.headers.read_by(apart);
        self.proofs.listed.iter().for_each(|proof| {
            apart.and_bytes(*proof);
        });
        let cmk_evidence { certificate, certificate_digest, method, uri, nonce, channel, binding, .. } = evidence;
        [certificate, certificate_digest, method, uri, nonce, channel, binding].iter().for_each(|bytes| {
            apart.and_bytes(**bytes);
        });
        self.components.0.iter().for_each(|listed| {
            apart.and_bytes(listed.value);
        });
        [evidence.address, evidence.asn, evidence.country, evidence.organisation, evidence.isp].iter().for_each(|text| {
            apart.and_bytes(*text);
        });
    }
}

#[cfg(not(any(feature = "fingerprint", feature = "_possession")))]
#[allow(clippy::unnecessary_wraps)]
impl<'a> Client<'a> {
    /// # Safety
    /// None: nothing is read.
    pub(crate) unsafe fn read(_: *const cmk_evidence) -> Result<Self, Status> {
        Ok(Client(core::marker::PhantomData))
    }

    /// # Safety
    /// None: nothing is read.
    pub(crate) unsafe fn evidence(&'a self) -> Result<Evidence<'a>, Status> {
        Ok(Evidence::NONE)
    }

    pub(crate) fn read_by(&self, _: &mut Apart<'_>) {}
}
