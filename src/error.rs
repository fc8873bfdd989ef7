//! One status for every way a token, a key, a policy or a call can fail.
//!
//! The numbers are part of the C ABI and are never reused. The hundreds digit names the pipeline stage.

/// The stage of the pipeline that a status belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Nothing failed.
    None,
    /// 1xx: finding the token and splitting it at its dots.
    Token,
    /// 2xx: the protected header.
    Header,
    /// 3xx: loading keys and choosing one.
    Key,
    /// 4xx: the signature or the decryption.
    Signature,
    /// 5xx: the payload and its claims.
    Payload,
    /// 6xx: issuer, audience, time, required claims, type.
    Policy,
    /// 7xx: who presents the token.
    Holder,
    /// 800 to 849: revocation, replay, risk, rate.
    Standing,
    /// 850 to 899: what the token may do.
    Rights,
    /// 9xx: the caller's own mistake.
    Caller,
}

impl Stage {
    /// The stage of a status number.
    pub const fn of(code: i32) -> Stage {
        match code {
            100..=199 => Stage::Token,
            200..=299 => Stage::Header,
            300..=399 => Stage::Key,
            400..=499 => Stage::Signature,
            500..=599 => Stage::Payload,
            600..=699 => Stage::Policy,
            700..=799 => Stage::Holder,
            800..=849 => Stage::Standing,
            850..=899 => Stage::Rights,
            900..=999 => Stage::Caller,
            _ => Stage::None,
        }
    }

    /// The stage's name in lower case, as in a log line; empty for [`Stage::None`].
    pub const fn name(self) -> &'static str {
        match self {
            Stage::None => "",
            Stage::Token => "token",
            Stage::Header => "header",
            Stage::Key => "key",
            Stage::Signature => "signature",
            Stage::Payload => "payload",
            Stage::Policy => "policy",
            Stage::Holder => "holder",
            Stage::Standing => "standing",
            Stage::Rights => "rights",
            Stage::Caller => "caller",
        }
    }
}

macro_rules! statuses {
    ($( $code:literal $variant:ident $name:literal $(bit $bit:literal)? $sentence:literal; )*) => {
        /// What became of a call. Zero is accepted; every other number says what was wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(i32)]
        #[non_exhaustive]
        pub enum Status {
            $( #[doc = $sentence] $variant = $code, )*
        }

        impl Status {
            /// Every status, in the order of the numbers.
            pub const ALL: &'static [Status] = &[ $( Status::$variant, )* ];

            /// The statuses that have a bit, each with it, in the order of the numbers: a device's flash holds these alone.
            const WITH_BIT: &'static [(u8, Status)] = &[ $( $( ($bit, Status::$variant), )? )* ];

            /// The name in the C header without its prefix, such as `EXPIRED`.
            pub const fn name(self) -> &'static str {
                match self { $( Status::$variant => $name, )* }
            }

            /// What was wrong, which rule it broke, and what helps.
            pub const fn sentence(self) -> &'static str {
                match self { $( Status::$variant => $sentence, )* }
            }

            /// The status with this number.
            pub const fn from_code(code: i32) -> Option<Status> {
                match code { $( $code => Some(Status::$variant), )* _ => None }
            }

            /// The status's bit in [`Failures`]; only statuses after the signature have one.
            pub const fn bit(self) -> Option<u32> {
                match self { $( $( Status::$variant => Some($bit), )? )* _ => None }
            }
        }
    };
}

statuses! {
    0 Accepted "OK" "Accepted: every check of the policy passed.";

    100 TokenEmpty "TOKEN_EMPTY" "The token is empty; see how the host takes it from the request.";
    101 TokenTooLarge "TOKEN_TOO_LARGE" "The token is longer than the limit token_bytes (8 KiB unless set); raise it if the issuer's tokens are longer.";
    102 TokenNotCompact "TOKEN_NOT_COMPACT" "The token does not have exactly the dots of its shape in compact serialization: a JWS two, a JWE four (RFC 7515 7.1, RFC 7516 7.1).";
    103 TokenSegmentEmpty "TOKEN_SEGMENT_EMPTY" "The token's JOSE header or signature is empty (RFC 7515 7.1); so are the signatures of unsecured JWTs.";
    110 CredentialsMissing "CREDENTIALS_MISSING" "The request carries no token where the carrier looks for one (RFC 6750 3.1: answer without an error code).";
    111 CredentialsMalformed "CREDENTIALS_MALFORMED" "The Authorization field, cookie or query argument that should carry the token is malformed (RFC 9110 11.4, RFC 6265 4.2.1).";
    112 CredentialsRepeated "CREDENTIALS_REPEATED" "The request carries more than one token (RFC 6750 2: exactly one method, once).";

    200 HeaderEncoding "HEADER_ENCODING" "The JOSE header is not unpadded base64url with zero trailing bits (RFC 7515 2).";
    201 HeaderJson "HEADER_JSON" "The JOSE header is not one strict UTF-8 JSON object (RFC 7515 4, RFC 8259).";
    202 HeaderDuplicate "HEADER_DUPLICATE" "The JOSE header has two parameters of one name (RFC 7515 4).";
    203 HeaderLimit "HEADER_LIMIT" "The JOSE header is nested deeper than the limit depth, or has more members or crit names than the limit members.";
    204 HeaderType "HEADER_TYPE" "A parameter of the JOSE header has the wrong JSON type (RFC 7515 4.1).";
    205 AlgorithmMissing "ALGORITHM_MISSING" "The JOSE header has no alg (RFC 7515 4.1.1).";
    206 AlgorithmUnknown "ALGORITHM_UNKNOWN" "The JOSE header's alg names no algorithm of this build, as its features list them; none is never one (RFC 8725 3.2).";
    207 CritMalformed "CRIT_MALFORMED" "The JOSE header's crit is not an array of strings (RFC 7515 4.1.11).";
    208 CritEmpty "CRIT_EMPTY" "The JOSE header's crit is an empty array (RFC 7515 4.1.11).";
    209 CritDuplicate "CRIT_DUPLICATE" "The JOSE header's crit names one extension twice (RFC 7515 4.1.11).";
    210 CritRegistered "CRIT_REGISTERED" "The JOSE header's crit names a parameter that RFC 7515 or RFC 7518 defines (RFC 7515 4.1.11).";
    211 CritAbsent "CRIT_ABSENT" "The JOSE header's crit names a parameter that the header does not have (RFC 7515 4.1.11).";
    212 CritUnknown "CRIT_UNKNOWN" "The JOSE header's crit names an extension that this version does not understand (RFC 7515 4.1.11).";
    213 UnencodedPayload "UNENCODED_PAYLOAD" "The JOSE header's b64 is not true; JWTs must not use it (RFC 7797 7).";
    214 EncryptionInSignature "ENCRYPTION_IN_SIGNATURE" "The JOSE header has enc, so it is a JWE's where a JWS's belongs (RFC 7516 9).";
    215 NestedUndeclared "NESTED_UNDECLARED" "The JOSE header's cty says that a token is nested inside, and the policy declares no nesting (RFC 7519 5.2).";

    216 EncryptionMissing "ENCRYPTION_MISSING" "The JOSE header of a JWE has no enc (RFC 7516 4.1.2).";
    217 EncryptionUnknown "ENCRYPTION_UNKNOWN" "The JOSE header's enc names no content encryption of RFC 7518 5.1.";
    218 Compressed "COMPRESSED" "The JOSE header has zip: compressed content is refused, whatever it would inflate to (RFC 8725 3.6).";
    219 ManagementRefused "MANAGEMENT_REFUSED" "The JOSE header's alg is RSA1_5 or PBES2, which this library never does: the first leaks by its errors, the second lets the sender choose the work (RFC 8725 3.2).";
    220 EphemeralMissing "EPHEMERAL_MISSING" "The JOSE header's alg is a key agreement, and it has no epk (RFC 7518 4.6.1.1).";
    221 EphemeralKey "EPHEMERAL_KEY" "The JOSE header's epk is not a JWK of P-256 or X25519, or this build agrees on neither (RFC 7518 4.6.1.1, RFC 8037 3.2.1).";
    222 EphemeralPoint "EPHEMERAL_POINT" "The JOSE header's epk is not a point of its curve (RFC 7518 4.6.1.1, SP 800-56A 5.6.2.3).";
    223 PartyInfo "PARTY_INFO" "The JOSE header's apu or apv is not base64url, or has more than 256 bytes (RFC 7518 4.6.1.2, 4.6.1.3).";
    224 WrapParameters "WRAP_PARAMETERS" "The JOSE header's alg is A128GCMKW or one of its kin, and its iv or tag is missing or does not have 96 or 128 bits (RFC 7518 4.7.1).";
    225 NestedMissing "NESTED_MISSING" "The policy declares a nested token, and the outer JOSE header's cty is not JWT (RFC 7519 5.2).";
    226 EncryptedKeyLength "ENCRYPTED_KEY_LENGTH" "The JWE's encrypted key is not base64url of the length that its alg and enc give it (RFC 7518 4).";
    227 IvLength "IV_LENGTH" "The JWE's initialization vector is not base64url of 96 bits for GCM, of 128 for CBC (RFC 7518 5).";
    228 CiphertextLength "CIPHERTEXT_LENGTH" "The JWE's ciphertext is not base64url, or for CBC not of whole blocks, one at least (RFC 7518 5.2.2.2).";
    229 TagLength "TAG_LENGTH" "The JWE's authentication tag is not base64url of its enc's length: a shorter one is easier to forge (RFC 7518 5).";

    300 UnknownKid "UNKNOWN_KID" "No key has the JOSE header's kid, and none is without one (RFC 7515 4.1.4); fetch the issuer's keys again, not too often.";
    301 AlgorithmMismatch "ALGORITHM_MISMATCH" "The JOSE header's alg is not the algorithm of any key it could mean (RFC 8725 3.1); if the issuer changed it, load its keys.";
    302 NoKey "NO_KEY" "The verifier holds no key at all; load the issuer's keys.";
    303 TooManyCandidates "TOO_MANY_CANDIDATES" "More keys could have signed the token than the limit candidates allows; give the keys a kid.";
    304 AlgorithmNotAllowed "ALGORITHM_NOT_ALLOWED" "The policy's algorithms do not include the JOSE header's alg (RFC 8725 3.1).";
    310 KeyMalformed "KEY_MALFORMED" "The key or key set is not one strict JSON object of the form of a JWK or JWK Set (RFC 7517 4, 5).";
    311 KeyTypeUnsupported "KEY_TYPE_UNSUPPORTED" "The key's kty or crv, or its kind in DER, is not one of this build's (RFC 7518 6); see its features.";
    312 KeyMemberMissing "KEY_MEMBER_MISSING" "The key lacks a member that its kty must have (RFC 7518 6).";
    313 KeyMemberType "KEY_MEMBER_TYPE" "A member of the key has the wrong JSON type (RFC 7517 4).";
    314 KeyEncoding "KEY_ENCODING" "A member of the key is not unpadded base64url (RFC 7518 6).";
    315 KeyTooShort "KEY_TOO_SHORT" "The HMAC key is shorter than the hash's output: HS256 needs 32 bytes, HS384 48, HS512 64 (RFC 7518 3.2).";
    316 KeyTooLong "KEY_TOO_LONG" "The HMAC key is longer than 512 bytes.";
    317 KeyLength "KEY_LENGTH" "A coordinate or scalar of the key does not have the length of its curve (RFC 7518 6.2.1.2, RFC 8037 2).";
    318 KeyPoint "KEY_POINT" "The key is not a point of its curve, or not a scalar below its order (SEC 1 2.3.4, RFC 8032 5.1.3).";
    319 KeyUse "KEY_USE" "The key's use or key_ops forbids what it is loaded for (RFC 7517 4.2, 4.3).";
    320 KeyAlgorithmUnknown "KEY_ALGORITHM_UNKNOWN" "The key's alg names no signature algorithm of this build (RFC 7517 4.4); see its features.";
    321 KeyAlgorithmMismatch "KEY_ALGORITHM_MISMATCH" "The key's alg does not fit its kty and crv (RFC 7518 3.1).";
    322 KeyAlgorithmUndecided "KEY_ALGORITHM_UNDECIDED" "The key has no alg, and none or several of the algorithms it is loaded for fit it; name one (RFC 8725 3.1).";
    323 KeyIdDuplicate "KEY_ID_DUPLICATE" "Two keys of the set have the same kid and alg (RFC 7517 4.5).";
    324 KeyIdTooLong "KEY_ID_TOO_LONG" "The key's kid is longer than 128 bytes; a thumbprint has 43 (RFC 7638).";
    325 KeyDer "KEY_DER" "The key is not a SubjectPublicKeyInfo or an RSAPublicKey in DER (RFC 5280 4.1.2.7, RFC 8017 A.1.1).";
    326 KeySetTooLarge "KEY_SET_TOO_LARGE" "The key set has more than 64 keys, or more than 64 KiB of text.";
    327 KeySetEmpty "KEY_SET_EMPTY" "The key set's array of keys is empty (RFC 7517 5.1).";
    328 KeyModulusTooSmall "KEY_MODULUS_TOO_SMALL" "The RSA key's modulus has fewer than 2048 bits (RFC 7518 3.3).";
    329 KeyModulusTooLarge "KEY_MODULUS_TOO_LARGE" "The RSA key's modulus has more than 4096 bits, or than 8192 in a build with rsa8192.";
    330 KeyModulusEven "KEY_MODULUS_EVEN" "The RSA key's modulus is even, so it is no product of two odd primes (RFC 8017 3.1).";
    331 KeyExponent "KEY_EXPONENT" "The RSA key's exponent is even, below 3 or above 2^33 (RFC 8017 3.1).";
    332 KeyLeadingZero "KEY_LEADING_ZERO" "A number of the RSA key begins with a zero byte (RFC 7518 2, Base64urlUInt).";
    333 KeyPem "KEY_PEM" "The text is not one PEM block of a public key or certificate, of at most 4096 bytes (RFC 7468 2).";
    334 KeyCertificate "KEY_CERTIFICATE" "The certificate is not an X.509 certificate in DER (RFC 5280 4.1).";
    335 KeySmallOrder "KEY_SMALL_ORDER" "The Ed25519 key is a point of small order: it holds under signatures that nobody made (RFC 8032 5.1.7).";
    336 KeySecretLength "KEY_SECRET_LENGTH" "The key does not have exactly the length of its alg, for dir that of its enc (RFC 7518 4.4, 4.5, 4.7, 5).";
    340 RotatingUserMissing "ROTATING_USER_MISSING" "The token lacks the claim that the rotating secret's claim names: whose key signed it cannot be told.";
    341 RotatingUserType "ROTATING_USER_TYPE" "The claim that holds the rotating secret's user is neither a string nor an integer of at most 2^53.";
    342 RotatingTimeMissing "ROTATING_TIME_MISSING" "The token has no iat, or no date there (RFC 7519 4.1.6): which window's key signed it cannot be told.";
    343 RotatingWindowPast "ROTATING_WINDOW_PAST" "The token's iat lies in an earlier window of the rotating secret than now's and its grace; the client needs a new token.";
    344 RotatingWindowAhead "ROTATING_WINDOW_AHEAD" "The token's iat lies in a later window of the rotating secret than now's and the leeway's; compare the clocks.";
    345 RotatingPayload "ROTATING_PAYLOAD" "The payload is not base64url of one strict JSON object within the limits, so the rotating secret's user cannot be read.";
    346 RotatingSettings "ROTATING_SETTINGS" "The rotating secret's claim is empty or longer than 128 bytes, its window 0, its grace above 1, or its mode unknown.";

    400 Signature "SIGNATURE" "The signature does not hold under any key that the token could mean (RFC 7515 5.2): altered, or signed by another.";
    401 Decryption "DECRYPTION" "The JWE does not open under any key that it could mean (RFC 7516 5.2, 11.5): altered, or made for another.";

    500 PayloadEncoding "PAYLOAD_ENCODING" "The payload is not unpadded base64url with zero trailing bits (RFC 7515 2).";
    501 PayloadJson "PAYLOAD_JSON" "The payload is not one strict UTF-8 JSON object (RFC 7519 7.2, RFC 8259).";
    502 PayloadDuplicate "PAYLOAD_DUPLICATE" "The payload has two members of one name in one object (RFC 7519 4).";
    503 PayloadLimit "PAYLOAD_LIMIT" "The payload is nested deeper than the limit depth, or an object in it has more members than the limit members.";
    504 ClaimType "CLAIM_TYPE" "A claim has the wrong JSON type (RFC 7519 4.1, RFC 7800 3.1).";
    505 ClaimDate "CLAIM_DATE" "A date claim is negative or not below 2^63 seconds (RFC 7519 2, NumericDate).";
    506 ClaimAbsent "CLAIM_ABSENT" "The token has no claim of that name or path.";
    507 ClaimRange "CLAIM_RANGE" "The claim's number is not an integer of 64 bits.";
    508 ClaimEscaped "CLAIM_ESCAPED" "A string claim holds an escape and is asked for as borrowed text; ask for a copy.";
    509 ClaimShape "CLAIM_SHAPE" "The claims do not have the shape of the caller's struct.";

    600 Issuer "ISSUER" bit 0 "The token's iss is not one of the policy's issuers, or is absent (RFC 7519 4.1.1).";
    601 KeyIssuer "KEY_ISSUER" bit 1 "The token is signed by a key of another issuer than its iss (RFC 8725 3.8).";
    602 Audience "AUDIENCE" bit 2 "The token's aud names none of the policy's audiences, or is absent (RFC 7519 4.1.3).";
    603 AudienceUnexpected "AUDIENCE_UNEXPECTED" bit 3 "The token has an aud and the policy names no audience (RFC 7519 4.1.3); name yours.";
    604 Subject "SUBJECT" bit 4 "The token's sub is not the policy's subject (RFC 7519 4.1.2).";
    605 Type "TYPE" bit 5 "The JOSE header's typ is not the policy's, or is absent (RFC 8725 3.11).";
    606 Expired "EXPIRED" bit 6 "The token's exp has passed (RFC 7519 4.1.4); the client needs a new token.";
    607 NotYetValid "NOT_YET_VALID" bit 7 "The token's nbf has not been reached (RFC 7519 4.1.5); compare the clocks.";
    608 IssuedInFuture "ISSUED_IN_FUTURE" bit 8 "The token's iat lies in the future by more than the leeway (RFC 7519 4.1.6); compare the clocks.";
    609 TooOld "TOO_OLD" bit 9 "The token's iat is longer ago than the policy's max_age (RFC 7519 4.1.6); the client needs a new token.";
    610 ExpiryMissing "EXPIRY_MISSING" bit 10 "The token has no exp (RFC 7519 4.1.4), and the policy does not say allow_missing_exp.";
    611 IssuedAtMissing "ISSUED_AT_MISSING" bit 11 "The policy has a max_age, and the token has no iat (RFC 7519 4.1.6).";
    612 Lifetime "LIFETIME" bit 12 "The token's nbf is not before its exp (RFC 7519 4.1.4, 4.1.5), so it is never valid.";
    613 ClaimRequired "CLAIM_REQUIRED" bit 13 "The token lacks a claim that the policy requires, or has null there.";
    614 Nonce "NONCE" bit 14 "The token's nonce is not the one that was asked for, or is absent (OpenID Connect Core 2).";
    615 Acr "ACR" bit 15 "The token's acr is not one that the policy accepts, or is absent (RFC 9470 3, OpenID Connect Core 2).";
    616 AuthTimeMissing "AUTH_TIME_MISSING" bit 16 "The policy has an auth_max_age, and the token's auth_time is absent, no date, or in the future (OpenID Connect Core 2).";
    617 AuthTooOld "AUTH_TOO_OLD" bit 17 "The user's auth_time is longer ago than the policy's auth_max_age (RFC 9470 3, OpenID Connect Core 2); log in again.";

    700 Confirmation "CONFIRMATION" bit 24 "The token has a cnf, and a method in it is not supported and met (RFC 7800 3.1).";
    701 PossessionMissing "POSSESSION_MISSING" bit 25 "The token is bound to its holder, and the client showed no certificate, proof or channel value (RFC 8705 3, RFC 9449 7.1); send it.";
    702 CertificateMalformed "CERTIFICATE_MALFORMED" bit 26 "The client certificate, or the header field that carries it, does not have its form (RFC 5280 4.1, RFC 9440 2.2).";
    703 CertificateMismatch "CERTIFICATE_MISMATCH" bit 27 "The client certificate is not the one that the token is bound to (RFC 8705 3.1); use the connection of the token's owner.";
    704 ChannelMismatch "CHANNEL_MISMATCH" bit 28 "The TLS channel is not the one that the token is bound to (RFC 9266 2); get a token for this connection.";
    705 PossessionUnbound "POSSESSION_UNBOUND" bit 29 "The token is not bound to its holder in the way that the policy asks for (RFC 7800 3.1); get a bound token.";
    706 Scheme "SCHEME" bit 30 "The token is bound to a DPoP key and came under another scheme than DPoP (RFC 9449 7.1, 7.2).";
    707 ProofRepeated "PROOF_REPEATED" bit 31 "The request has more than one DPoP proof (RFC 9449 4.3, check 1); send one.";
    708 ProofMalformed "PROOF_MALFORMED" bit 32 "The proof is not one compact JWS of a strict header and a strict claims set, no longer than the rules allow (RFC 9449 4.3, check 2).";
    709 ProofClaim "PROOF_CLAIM" bit 33 "The proof lacks jti, htm, htu or iat, or one has the wrong type, or jti has no or more than 512 bytes (RFC 9449 4.2, 4.3, check 3).";
    710 FingerprintMissing "FINGERPRINT_MISSING" bit 34 "The policy binds tokens to a fingerprint, and the token has none; the issuer must mint one into it.";
    711 FingerprintMalformed "FINGERPRINT_MALFORMED" bit 35 "The token's fingerprint is neither a digest of the recipe's length nor a well-formed sketch.";
    712 FingerprintMismatch "FINGERPRINT_MISMATCH" bit 36 "The client's fingerprint is not the one the token was issued to; log in again.";
    713 AddressMalformed "ADDRESS_MALFORMED" bit 37 "The client address is not an IPv4 or IPv6 address in text.";
    714 ComponentMalformed "COMPONENT_MALFORMED" bit 38 "A supplied component comes twice, has over 1024 elements, is one that the core derives or looks up by the address, or is no decimal number of 0 to 65535 where an ordinal belongs.";
    715 PepperUnknown "PEPPER_UNKNOWN" bit 39 "The token's sketch was made under a pepper that is retired or unknown; log in again.";
    716 ComponentRequired "COMPONENT_REQUIRED" bit 40 "A component that the policy requires changed or is missing; log in again.";
    717 CollectorMalformed "COLLECTOR_MALFORMED" bit 41 "What the page's collector sent is not one strict JSON object within the limits.";
    718 ProofType "PROOF_TYPE" bit 42 "The proof's typ is not dpop+jwt, or dbsc+jwt where that is asked for (RFC 9449 4.3, check 4).";
    719 ProofAlgorithm "PROOF_ALGORITHM" bit 43 "The proof's alg is not one that the policy accepts, or not that of its jwk (RFC 9449 4.3, check 5); none and HMAC never are.";
    720 ProofKey "PROOF_KEY" bit 44 "The proof's jwk is missing, is no usable public key, or has a private member (RFC 9449 4.2, 4.3, check 7).";
    721 ProofSignature "PROOF_SIGNATURE" bit 45 "The proof's signature does not hold under its jwk (RFC 9449 4.3, check 6).";
    722 ProofMethod "PROOF_METHOD" bit 46 "The proof's htm is not the method of the request (RFC 9449 4.3, check 8).";
    723 ProofUri "PROOF_URI" bit 18 "The proof's htu is not the URI of the request without query and fragment (RFC 9449 4.3, check 9).";
    724 ProofTime "PROOF_TIME" bit 19 "The proof's iat is too long ago or too far in the future (RFC 9449 4.3, check 11, and 11.1); compare the clocks.";
    725 ProofNonce "PROOF_NONCE" bit 20 "The proof does not carry the server's current nonce (RFC 9449 4.3, check 10, and 9); repeat the request with the nonce of the answer.";
    726 ProofTokenHash "PROOF_TOKEN_HASH" bit 21 "The proof's ath is missing or is not the hash of the token it came with (RFC 9449 4.3, check 12).";
    727 ProofThumbprint "PROOF_THUMBPRINT" bit 22 "The proof's key is not the one that the token is bound to (RFC 9449 4.3, check 12, and 6.1).";

    799 StepUp "STEP_UP" bit 47 "The token is genuine, but the policy asks for a stronger proof of its holder (RFC 9470 3); ask for a stronger login.";

    800 Replayed "REPLAYED" bit 48 "The proof or one-time token was presented before (RFC 9449 11.1); make a new proof for each request.";
    801 ReplayFull "REPLAY_FULL" bit 49 "The replay table has no place to remember the proof or one-time token, so it is refused (RFC 9449 11.1); give it more memory.";
    802 Revoked "REVOKED" bit 50 "The token, its key, or every token of its subject from before a time was revoked; log in again.";
    803 RevocationUnknown "REVOCATION_UNKNOWN" bit 51 "The token may have been revoked: the table had no place for every revocation since it was issued, or the store did not answer; log in again.";
    804 StatusInvalid "STATUS_INVALID" bit 52 "The issuer's status list says that the token is INVALID (draft-ietf-oauth-status-list-21 7.1); log in again.";
    805 StatusSuspended "STATUS_SUSPENDED" bit 53 "The issuer's status list says that the token is SUSPENDED, or gives it a status that the policy does not accept (draft-ietf-oauth-status-list-21 7.1).";
    806 StatusListStale "STATUS_LIST_STALE" bit 54 "The status list's exp has passed, or its ttl or the host's max_age (draft-ietf-oauth-status-list-21 5.1, 13.7); fetch a new one.";
    807 StatusListMismatch "STATUS_LIST_MISMATCH" bit 55 "No status list at hand is the one that the token names, for its issuer; or the token names none and must (draft-ietf-oauth-status-list-21 6.2, 8.3).";
    808 StatusIndex "STATUS_INDEX" bit 56 "The token's status index is no number of the status list (draft-ietf-oauth-status-list-21 8.3).";
    813 RateLimited "RATE_LIMITED" bit 63 "The client has asked more often than its limit allows; answer 429 with Retry-After (RFC 6585 4).";
    814 ThrottleFull "THROTTLE_FULL" bit 23 "The throttle table has no place to count a new client, so its request is refused; give it more memory.";
    816 SessionEnded "SESSION_ENDED" "The session has ended: refused, too old, expired, or idle for too long; log in again.";
    817 SessionReverify "SESSION_REVERIFY" "The session goes on only when its token has been verified again; verify it, and tell the result.";
    820 LockedOut "LOCKED_OUT" bit 57 "Too much about the subject's visits is odd, or failed: it is locked out for a while; see until when.";
    849 StepUpRisk "STEP_UP_RISK" bit 58 "The token is genuine, but its visit is odd (RFC 9470 3); ask for a stronger login.";

    850 RightsMissing "RIGHTS_MISSING" bit 60 "The token lacks a value that a rule asks for, or its number does not compare as a rule asks (RFC 6750 3.1, insufficient_scope).";
    851 RightsForbidden "RIGHTS_FORBIDDEN" bit 61 "The token has a value that a rule excludes (RFC 6750 3.1, insufficient_scope).";
    852 RightsType "RIGHTS_TYPE" bit 62 "A claim that a rule reads is no string and no array of strings or, where numbers are compared, no integer of 64 bits.";

    901 NotSupported "NOT_SUPPORTED" "This build does not have what the call asks for; see the feature list.";
    902 ScratchTooSmall "SCRATCH_TOO_SMALL" "The scratch is smaller than scratch_bytes of the token's length; set the limit token_bytes to what it holds.";
    903 NullPointer "NULL_POINTER" "A pointer is NULL where memory is needed.";
    904 StructSize "STRUCT_SIZE" "A structure's size is not one that this library knows; make it by its function, of this library's header.";
    905 AbiMismatch "ABI_MISMATCH" "The header and the library are of different ABI versions; build against this library's header.";
    906 Misaligned "MISALIGNED" "A region or object is not aligned as its type demands.";
    907 RegionTooSmall "REGION_TOO_SMALL" "The region has no room for the key, or for the smallest table; see key_bytes and keys_size_for.";
    908 BufferTooSmall "BUFFER_TOO_SMALL" "The buffer has no room for the result.";
    909 Overlap "OVERLAP" "Memory that the call writes overlaps memory that it reads.";
    910 PolicyConflict "POLICY_CONFLICT" "Two settings of the policy contradict each other, or verify_opaque is asked to judge claims or given a rotating secret.";
    911 IssuersUnbound "ISSUERS_UNBOUND" "The policy names several issuers, or is RFC 9068's and names none, and a key set belongs to none (RFC 8725 3.8, RFC 9068 4).";
    912 LimitRange "LIMIT_RANGE" "A limit is zero or above what this build can hold.";
    913 ClockMissing "CLOCK_MISSING" "The request has no clock, and the policy does not say no_clock together with a nonce, or a rotating secret or the single use of a proof needs the time.";
    914 Argument "ARGUMENT" "An argument is not one of its type's values, or a text is not UTF-8.";
    915 NotInitialized "NOT_INITIALIZED" "The object was never filled, or was wiped; see what its init returned.";
    916 PepperTooShort "PEPPER_TOO_SHORT" "The pepper, or the secret of a table, is shorter than 16 bytes.";
    917 TooManyItems "TOO_MANY_ITEMS" "A list is longer than the library's bound for it.";
    918 ClaimsMalformed "CLAIMS_MALFORMED" "The claims to issue are not one strict JSON object without duplicates.";
    919 TableMismatch "TABLE_MISMATCH" "The region is a table of another secret, size or kind.";
    923 RevocationFull "REVOCATION_FULL" "The table has no place for this revocation; until it would have expired, what falls into its bucket is refused, too. Give the table more memory.";
    924 SnapshotMalformed "SNAPSHOT_MALFORMED" "The snapshot of revocations is cut off, damaged, or not of its format; nothing of it was loaded.";
    925 StatusListMalformed "STATUS_LIST_MALFORMED" "The status list has no bits of 1, 2, 4 or 8, no positive ttl, or its lst is not base64url of one zlib stream (draft-ietf-oauth-status-list-21 4.1, 5.1).";
    926 StatusListTooLarge "STATUS_LIST_TOO_LARGE" "The status list unpacks to more than the memory that it was given.";
    927 NetworksMalformed "NETWORKS_MALFORMED" "The table of networks is not sorted by prefix and length, or a prefix has bits behind its length.";
    930 RightsRule "RIGHTS_RULE" "A rule has no path, no value, an unknown test, or for a scope a value that is empty or has a space (RFC 6749 3.3).";
    931 RightsLimit "RIGHTS_LIMIT" "There are more than 32 rules, a rule has more than 32 values, or a path more than 256 bytes or 16 steps.";
}

impl Status {
    /// The number, the same as in C.
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// Whether this status asks for more instead of rejecting.
    pub const fn is_step_up(self) -> bool {
        matches!(self, Status::StepUp | Status::StepUpRisk)
    }

    /// Whether this status says what is wrong with a DPoP proof.
    #[cfg(feature = "carrier")]
    pub(crate) const fn is_of_proof(self) -> bool {
        matches!(self.code(), 707..=709 | 718..=727) || matches!(self, Status::Replayed)
    }

    /// The stage that the number's hundreds digit names.
    pub const fn stage(self) -> Stage {
        Stage::of(self.code())
    }
}

impl core::fmt::Display for Status {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.sentence())
    }
}

impl core::error::Error for Status {}

/// The checks after the signature that failed: one named bit for each status from 600 to 899.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Failures(u64);

impl Failures {
    /// No check failed.
    pub const NONE: Failures = Failures(0);

    /// The bits, the same as in C.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether no check failed.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this status's bit is set.
    pub const fn contains(self, status: Status) -> bool {
        match status.bit() {
            Some(bit) => self.0 & 1u64.wrapping_shl(bit) != 0,
            None => false,
        }
    }

    /// The statuses whose bits are set, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Status> {
        let is_set = move |bit: u8| self.0 & 1u64.wrapping_shl(bit.into()) != 0;
        Status::WITH_BIT.iter().filter(move |(bit, _)| is_set(*bit)).map(|(_, status)| *status)
    }

    /// The code of the verdict: the lowest-numbered status, except that every reject outranks a step up.
    pub fn status(self) -> Status {
        if self.is_empty() {
            return Status::Accepted;
        }
        let reject = self.iter().find(|status| !status.is_step_up());
        reject.or(self.iter().next()).unwrap_or(Status::Accepted)
    }

    #[inline]
    pub(crate) fn set_if(&mut self, failed: bool, status: Status) {
        if let (true, Some(bit)) = (failed, status.bit()) {
            self.0 |= 1u64.wrapping_shl(bit);
        }
    }

    /// Takes a check's failure into the mask. One without a bit ends the work: it must not get lost.
    #[cfg(any(feature = "fingerprint", feature = "_possession", feature = "_standing"))]
    pub(crate) fn fold(&mut self, status: Status) -> Result<(), Status> {
        self.set(status);
        status.bit().map(|_| ()).ok_or(status)
    }

    pub(crate) fn set(&mut self, status: Status) {
        self.set_if(true, status);
    }

    /// Everything that failed here or there.
    #[cfg(feature = "_possession")]
    pub(crate) fn join(&mut self, other: Failures) {
        self.0 |= other.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reject_outranks_a_step_up() {
        let mut failures = Failures::NONE;
        failures.set(Status::StepUp);
        assert_eq!(failures.status(), Status::StepUp);
        for status in Status::ALL.iter().filter(|status| status.bit().is_some() && !status.is_step_up()) {
            let mut both = failures;
            both.set(*status);
            assert_eq!(both.status(), *status);
        }
    }
}
