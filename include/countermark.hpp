// countermark.hpp - classes for C++17 over the same functions: lifetimes, string views, nodiscard. Header-only; works with
// -fno-exceptions -fno-rtti. What holds a secret wipes it. Nothing throws: a status says what was wrong.
#ifndef COUNTERMARK_HPP
#define COUNTERMARK_HPP

#include "countermark.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace countermark {

/// A status: accepted, or what was wrong.
class [[nodiscard]] Status {
public:
    constexpr Status() noexcept = default;
    constexpr explicit Status(std::int32_t code) noexcept : code_(code) {}
    constexpr bool ok() const noexcept { return code_ == CMK_OK; }
    constexpr explicit operator bool() const noexcept { return ok(); }
    constexpr std::int32_t code() const noexcept { return code_; }
    std::string_view name() const noexcept { return cmk_status_name(code_); }
    std::string_view sentence() const noexcept { return cmk_status_sentence(code_); }
    std::string_view stage() const noexcept { return cmk_stage_name(code_); }
    /// The HTTP status of the answer. Beside 429, 500 and 503 no challenge belongs.
    std::int32_t http() const noexcept { return cmk_http_status(code_); }
    friend constexpr bool operator==(Status left, Status right) noexcept { return left.code_ == right.code_; }
    friend constexpr bool operator!=(Status left, Status right) noexcept { return left.code_ != right.code_; }

private:
    std::int32_t code_ = CMK_NOT_INITIALIZED;
};

/// These bytes. An empty text is a text all the same, and never "none".
inline cmk_bytes bytes(std::string_view text) noexcept {
    return cmk_bytes_of(text.data() != nullptr ? text.data() : "", text.size());
}
/// No bytes at all, where an argument is optional.
inline cmk_bytes none() noexcept { return cmk_none(); }
inline std::string_view view(cmk_bytes found) noexcept {
    return {reinterpret_cast<const char *>(found.ptr), found.len};
}

/// Hands over the text that a call writes; it is empty on failure.
template <typename Make>
Status written(std::string_view &text, Make make) noexcept {
    cmk_bytes made = none();
    const Status status(make(&made));
    text = view(made);
    return status;
}

/// A key set with room for `Count` keys of any kind but RSA of 8192 bits and ML-DSA, wiped at the end of its life.
template <std::size_t Count, std::size_t IssuerBytes = 64>
class Keys {
public:
    Keys() noexcept { status_ = Status(cmk_keys_init(&keys_, region_.data(), sizeof region_, none())); }
    /// A set whose keys verify tokens of this issuer only.
    explicit Keys(std::string_view issuer) noexcept {
        status_ = Status(cmk_keys_init(&keys_, region_.data(), sizeof region_, bytes(issuer)));
    }
    /// A set of the same issuer as `old`, and of the generation after it.
    static Keys after(const cmk_keys *old) noexcept { return Keys(old); }
    ~Keys() { (void)cmk_keys_wipe(&keys_); }
    Keys(const Keys &) = delete;
    Keys &operator=(const Keys &) = delete;

    Status status() const noexcept { return status_; }
    Status add_secret(std::int32_t alg, std::string_view secret, cmk_bytes kid = none()) noexcept {
        return Status(cmk_keys_add_secret(&keys_, alg, kid, bytes(secret)));
    }
    Status add_rotating(std::string_view base, const cmk_rotating &rotating, cmk_bytes kid = none()) noexcept {
        return Status(cmk_keys_add_rotating(&keys_, kid, bytes(base), &rotating));
    }
    Status add_sec1(std::int32_t alg, std::string_view sec1, cmk_bytes kid = none()) noexcept {
        return Status(cmk_keys_add_sec1(&keys_, alg, kid, bytes(sec1)));
    }
    Status add_spki(std::int32_t alg, std::string_view der, cmk_bytes kid = none()) noexcept {
        return Status(cmk_keys_add_spki(&keys_, alg, kid, bytes(der)));
    }
    Status add_ed25519(std::string_view key, cmk_bytes kid = none()) noexcept {
        return Status(cmk_keys_add_ed25519(&keys_, kid, bytes(key)));
    }
    Status add_pkcs1(std::int32_t alg, std::string_view der, cmk_bytes kid = none()) noexcept {
        return Status(cmk_keys_add_pkcs1(&keys_, alg, kid, bytes(der)));
    }
    Status add_certificate(std::int32_t alg, std::string_view der, cmk_bytes kid = none()) noexcept {
        return Status(cmk_keys_add_certificate(&keys_, alg, kid, bytes(der)));
    }
    Status add_pem(std::int32_t alg, std::string_view text, cmk_bytes kid = none()) noexcept {
        return Status(cmk_keys_add_pem(&keys_, alg, kid, bytes(text)));
    }
    template <std::size_t Algs>
    Status add_jwk(std::string_view json, const std::array<std::int32_t, Algs> &algs) noexcept {
        return Status(cmk_keys_add_jwk(&keys_, bytes(json), algs.data(), algs.size()));
    }
    template <std::size_t Algs>
    Status add_jwks(std::string_view json, const std::array<std::int32_t, Algs> &algs, cmk_loaded &loaded) noexcept {
        return Status(cmk_keys_add_jwks(&keys_, bytes(json), algs.data(), algs.size(), &loaded));
    }
    const cmk_keys *get() const noexcept { return &keys_; }

private:
    explicit Keys(const cmk_keys *old) noexcept {
        status_ = Status(cmk_keys_init_after(&keys_, region_.data(), sizeof region_, old));
    }
    std::array<std::uint64_t, (CMK_KEYS_BYTES(Count, IssuerBytes)) / 8> region_{};
    cmk_keys keys_{};
    Status status_;
};

/// One value of a claims set. A view of the scratch.
class Value {
public:
    std::optional<std::int64_t> integer() const noexcept {
        std::int64_t found = 0;
        return cmk_value_integer(&value_, &found) == CMK_OK ? std::optional(found) : std::nullopt;
    }
    std::int32_t kind() const noexcept {
        std::int32_t found = CMK_NULL;
        (void)cmk_value_kind(&value_, &found);
        return found;
    }
    std::optional<bool> boolean() const noexcept {
        std::int32_t found = 0;
        return cmk_value_boolean(&value_, &found) == CMK_OK ? std::optional(found != 0) : std::nullopt;
    }
    /// A string without escapes, as a view of the scratch.
    std::optional<std::string_view> text() const noexcept { return text(nullptr, 0); }
    /// A string; one with escapes is written to the buffer.
    template <std::size_t Size>
    std::optional<std::string_view> text(std::array<char, Size> &buffer) const noexcept {
        return text(buffer.data(), Size);
    }
    std::optional<Value> element(std::size_t position) const noexcept {
        return of([&](cmk_value *found) { return cmk_value_element(&value_, position, found); });
    }
    std::optional<Value> member(std::string_view name) const noexcept {
        return of([&](cmk_value *found) { return cmk_value_member(&value_, bytes(name), found); });
    }
    std::string_view json() const noexcept {
        cmk_bytes found = none();
        (void)cmk_value_json(&value_, &found);
        return view(found);
    }
    template <typename Find>
    static std::optional<Value> of(Find find) noexcept {
        Value found;
        return find(&found.value_) == CMK_OK ? std::optional(found) : std::nullopt;
    }

private:
    std::optional<std::string_view> text(char *buffer, std::size_t size) const noexcept {
        cmk_bytes found = none();
        return cmk_value_text(&value_, buffer, size, &found) == CMK_OK ? std::optional(view(found)) : std::nullopt;
    }
    cmk_value value_{};
};

/// The claims of an accepted token. Views of the scratch.
class Claims {
public:
    explicit Claims(const cmk_claims &claims) noexcept : claims_(claims) {}
    const cmk_claims *get() const noexcept { return &claims_; }
    std::optional<Value> get(std::string_view name) const noexcept {
        return Value::of([&](cmk_value *found) { return cmk_claims_get(&claims_, bytes(name), found); });
    }
    std::optional<Value> at(std::string_view path) const noexcept {
        return Value::of([&](cmk_value *found) { return cmk_claims_at(&claims_, bytes(path), found); });
    }
    /// A claim that is a string without escapes, as a view of the scratch.
    std::optional<std::string_view> text(std::string_view name) const noexcept {
        const auto value = get(name);
        return value ? value->text() : std::nullopt;
    }
    /// A claim that is a string; one with escapes is written to the buffer.
    template <std::size_t Size>
    std::optional<std::string_view> text(std::string_view name, std::array<char, Size> &buffer) const noexcept {
        const auto value = get(name);
        return value ? value->text(buffer) : std::nullopt;
    }
    std::optional<std::int64_t> expires_at() const noexcept { return date(CMK_EXP); }
    std::optional<std::int64_t> not_before() const noexcept { return date(CMK_NBF); }
    std::optional<std::int64_t> issued_at() const noexcept { return date(CMK_IAT); }
    /// The canonical identity of the token that these claims came from.
    std::optional<std::string_view> identity(std::array<unsigned char, CMK_IDENTITY_BYTES> &buffer) const noexcept {
        cmk_bytes found = none();
        const bool made = cmk_claims_identity(&claims_, buffer.data(), buffer.size(), &found) == CMK_OK;
        return made ? std::optional(view(found)) : std::nullopt;
    }
    std::string_view json() const noexcept {
        cmk_bytes found = none();
        (void)cmk_claims_json(&claims_, &found);
        return view(found);
    }
    /// What was proved, layer by layer; views of the scratch.
    std::optional<cmk_layers> layers() const noexcept {
        cmk_layers found{};
        return cmk_claims_layers(&claims_, &found) == CMK_OK ? std::optional(found) : std::nullopt;
    }

private:
    std::optional<std::int64_t> date(std::int32_t which) const noexcept {
        std::int64_t found = 0;
        return cmk_claims_date(&claims_, which, &found) == CMK_OK ? std::optional(found) : std::nullopt;
    }
    cmk_claims claims_;
};

/// The answer: a report, and claims if the token was accepted.
struct [[nodiscard]] Verdict {
    cmk_report report = unasked();
    std::optional<Claims> claims;
    static cmk_report unasked() noexcept {
        cmk_report report{};
        report.status = CMK_NOT_INITIALIZED;
        return report;
    }
    Status status() const noexcept { return Status(report.status); }
    explicit operator bool() const noexcept { return claims.has_value(); }
    bool failed(std::uint64_t bit) const noexcept { return (report.failures & bit) != 0; }
    /// Calls with the status of every check after the signature that failed, in ascending order.
    template <typename Visit>
    void each_failure(Visit visit) const {
        for (std::int32_t code = 0; (code = cmk_failures_next(report.failures, code)) != 0;) {
            visit(Status(code));
        }
    }
    /// Whether the host is advised to issue a new sketch.
    bool advises_reissue() const noexcept { return (report.advice & CMK_ADVICE_REISSUE) != 0; }
    /// After CMK_STEP_UP: whom to ask for a stronger proof. The buffer is needed for a name with escapes.
    template <std::size_t Size>
    std::optional<std::string_view> step_up_subject(std::array<char, Size> &buffer) const noexcept {
        cmk_bytes found = none();
        const bool is_there = cmk_value_text(&report.step_up_subject, buffer.data(), Size, &found) == CMK_OK;
        return is_there ? std::optional(view(found)) : std::nullopt;
    }
};

/// The rules of a sketch; peppers are wiped at the end of its life, and it stays where it is.
class Sketch {
public:
    /// Over rules from cmk_sketch_rules_of(). The claim's name outlives it.
    explicit Sketch(const cmk_sketch_rules &rules) noexcept : status_(Status(cmk_sketch_init(&sketch_, &rules))) {}
    ~Sketch() { (void)cmk_sketch_wipe(&sketch_); }
    Sketch(const Sketch &) = delete;
    Sketch &operator=(const Sketch &) = delete;

    Status status() const noexcept { return status_; }
    /// For cmk_policy and cmk_mint.
    const cmk_sketch *get() const noexcept { return &sketch_; }
    /// How alike the client is to a claim that you kept, per mille.
    std::optional<std::uint32_t> compare(std::string_view claim, const cmk_evidence &evidence) const noexcept {
        std::uint32_t similarity = 0;
        return cmk_sketch_compare(&sketch_, bytes(claim), &evidence, &similarity) == CMK_OK ? std::optional(similarity) : std::nullopt;
    }

private:
    cmk_sketch sketch_{};
    Status status_;
};

/// Key sets and a policy; immutable, so threads share it. Wiped at the end of its life.
class Verifier {
public:
    /// One that verifies nothing until init.
    Verifier() noexcept = default;
    /// Over a policy from cmk_policy_strict() and one or more sets. They outlive the verifier.
    Verifier(const cmk_keys *sets, std::size_t set_count, const cmk_policy &policy) noexcept
        : status_(Status(cmk_verifier_init(&verifier_, sets, set_count, &policy))) {}
    template <std::size_t Count, std::size_t IssuerBytes>
    Verifier(const Keys<Count, IssuerBytes> &keys, const cmk_policy &policy) noexcept : Verifier(keys.get(), 1, policy) {}
    /// The keys must outlive the verifier.
    template <std::size_t Count, std::size_t IssuerBytes>
    Verifier(Keys<Count, IssuerBytes> &&, const cmk_policy &) = delete;
    ~Verifier() { (void)cmk_verifier_wipe(&verifier_); }
    Verifier(const Verifier &) = delete;
    Verifier &operator=(const Verifier &) = delete;

    /// What the constructor of the same arguments does, later. While threads share the verifier it must not be called.
    template <std::size_t Count, std::size_t IssuerBytes>
    Status init(const Keys<Count, IssuerBytes> &keys, const cmk_policy &policy) noexcept {
        status_ = Status(cmk_verifier_init(&verifier_, keys.get(), 1, &policy));
        return status_;
    }
    template <std::size_t Count, std::size_t IssuerBytes>
    Status init(Keys<Count, IssuerBytes> &&, const cmk_policy &) = delete;
    Status status() const noexcept { return status_; }
    template <std::size_t Size>
    Verdict verify(const cmk_request &request, std::array<unsigned char, Size> &scratch) const noexcept {
        return verify(request, scratch.data(), Size);
    }

    /// Lets it use what cmk_prepare() built; the tables outlive it.
    Status use_prepared(const void *tables, std::size_t tables_bytes) noexcept {
        return Status(cmk_verifier_use_prepared(&verifier_, tables, tables_bytes));
    }
    /// Looks up every token that verifies. `Revocation::get()`; the view outlives the verifier and is not moved.
    Status use_revocation(const cmk_revocation *revocation) noexcept {
        return Status(cmk_verifier_use_revocation(&verifier_, revocation));
    }
    /// Checks the signature of a token once. `Cache::get()`; the view outlives the verifier and is not moved.
    Status use_cache(const cmk_cache *cache) noexcept { return Status(cmk_verifier_use_cache(&verifier_, cache)); }
    /// Every token that has a status must be VALID in one of these lists, which outlive the verifier and are not moved.
    Status use_status_lists(const cmk_status_list *lists, std::size_t list_count, cmk_bytes accepted = cmk_bytes{},
                            std::uint32_t flags = 0) noexcept {
        return Status(cmk_verifier_use_status_lists(&verifier_, lists, list_count, accepted, flags));
    }
    Verdict verify(const cmk_request &request, void *scratch, std::size_t scratch_bytes) const noexcept {
        return judged([&](cmk_claims *claims, cmk_report *report) {
            return cmk_verify(&verifier_, &request, scratch, scratch_bytes, claims, report);
        });
    }
    /// As verify, and each proof is accepted once: `Replay::get()`.
    Verdict verify_once(const cmk_request &request, const cmk_replay *replay, void *scratch, std::size_t scratch_bytes) const noexcept {
        return judged([&](cmk_claims *claims, cmk_report *report) {
            return cmk_verify_once(&verifier_, &request, replay, scratch, scratch_bytes, claims, report);
        });
    }
    template <std::size_t Size>
    Verdict verify_once(const cmk_request &request, const cmk_replay *replay,
                        std::array<unsigned char, Size> &scratch) const noexcept {
        return verify_once(request, replay, scratch.data(), Size);
    }
    /// For a JWS whose payload is not a claims set; never for a JWT.
    Status verify_opaque(const cmk_request &request, void *scratch, std::size_t scratch_bytes,
                         std::string_view &payload) const noexcept {
        cmk_bytes found = none();
        cmk_report report{};
        const Status status(cmk_verify_opaque(&verifier_, &request, scratch, scratch_bytes, &found, &report));
        payload = view(found);
        return status;
    }

private:
    template <typename Ask>
    static Verdict judged(Ask ask) noexcept {
        Verdict verdict;
        cmk_claims claims;
        verdict.report.status = ask(&claims, &verdict.report);
        if (verdict.report.status == CMK_OK) {
            verdict.claims.emplace(claims);
        }
        return verdict;
    }
    cmk_verifier verifier_{};
    Status status_;
};

/// A key that mints tokens; wiped at the end of its life.
class Signer {
public:
    static Signer of_secret(std::int32_t alg, std::string_view secret, cmk_bytes kid = none()) noexcept {
        return Signer([&](cmk_signer *signer) { return cmk_signer_of_secret(signer, alg, kid, bytes(secret)); });
    }
    static Signer of_rotating(std::string_view base, const cmk_rotating &rotating, std::string_view user, std::int64_t issued_at,
                              cmk_bytes kid = none()) noexcept {
        return Signer([&](cmk_signer *signer) {
            return cmk_signer_of_rotating(signer, kid, bytes(base), &rotating, bytes(user), issued_at);
        });
    }
    static Signer of_seed(std::string_view seed, cmk_bytes kid = none()) noexcept {
        return Signer([&](cmk_signer *signer) { return cmk_signer_of_seed(signer, kid, bytes(seed)); });
    }
    static Signer of_scalar(std::int32_t alg, std::string_view scalar, cmk_bytes kid = none()) noexcept {
        return Signer([&](cmk_signer *signer) { return cmk_signer_of_scalar(signer, alg, kid, bytes(scalar)); });
    }
    template <std::size_t Algs>
    static Signer of_jwk(std::string_view json, const std::array<std::int32_t, Algs> &algs) noexcept {
        return Signer([&](cmk_signer *signer) { return cmk_signer_of_jwk(signer, bytes(json), algs.data(), algs.size()); });
    }
    ~Signer() { (void)cmk_signer_wipe(&signer_); }
    Signer(const Signer &) = delete;
    Signer &operator=(const Signer &) = delete;

    Status status() const noexcept { return status_; }
    /// The public key as SEC 1 writes it, or the 32 bytes of Ed25519; nothing for an HMAC secret. CMK_PUBLIC_KEY_BYTES_MAX suffice.
    template <std::size_t Size>
    std::optional<std::string_view> public_key(std::array<unsigned char, Size> &buffer) const noexcept {
        cmk_bytes found = none();
        const bool made = cmk_signer_public(&signer_, buffer.data(), buffer.size(), &found) == CMK_OK;
        return made ? std::optional(view(found)) : std::nullopt;
    }
    /// Mints a token into the buffer. The token is empty on failure.
    template <std::size_t Scratch, std::size_t Size>
    Status issue(const cmk_mint &mint, std::array<unsigned char, Scratch> &scratch, std::array<char, Size> &buffer,
                 std::string_view &token) const noexcept {
        return written(token, [&](cmk_bytes *made) {
            return cmk_issue(&signer_, &mint, scratch.data(), Scratch, buffer.data(), Size, made);
        });
    }
    /// The same, nested: CMK_SIGNED_THEN_ENCRYPTED or CMK_ENCRYPTED_THEN_SIGNED. `random`: CMK_SEAL_RANDOM_BYTES fresh bytes.
    template <std::size_t Scratch, std::size_t Size>
    Status issue_nested(const cmk_mint &mint, std::int32_t shape, const cmk_sealer *sealer, std::string_view random,
                        std::array<unsigned char, Scratch> &scratch, std::array<char, Size> &buffer,
                        std::string_view &token) const noexcept {
        return written(token, [&](cmk_bytes *made) {
            return cmk_issue_nested(&signer_, &mint, shape, sealer, bytes(random), scratch.data(), Scratch, buffer.data(), Size, made);
        });
    }

private:
    template <typename Make>
    explicit Signer(Make make) noexcept : status_(Status(make(&signer_))) {}
    cmk_signer signer_{};
    Status status_;
};

/// A key that makes envelopes; wiped at the end of its life.
class Sealer {
public:
    static Sealer of_key(std::int32_t alg, std::int32_t enc, std::string_view key, cmk_bytes kid = none()) noexcept {
        return Sealer([&](cmk_sealer *sealer) { return cmk_sealer_of_key(sealer, alg, enc, kid, bytes(key)); });
    }
    static Sealer of_jwk(std::string_view json, std::int32_t enc) noexcept {
        return Sealer([&](cmk_sealer *sealer) { return cmk_sealer_of_jwk(sealer, bytes(json), enc); });
    }
    ~Sealer() { (void)cmk_sealer_wipe(&sealer_); }
    Sealer(const Sealer &) = delete;
    Sealer &operator=(const Sealer &) = delete;

    Status status() const noexcept { return status_; }
    /// For Signer::issue_nested.
    const cmk_sealer *get() const noexcept { return &sealer_; }
    /// Makes an envelope in the buffer; it is empty on failure. `random`: CMK_SEAL_RANDOM_BYTES fresh bytes.
    template <std::size_t Scratch, std::size_t Size>
    Status seal(std::string_view content, std::string_view random, std::array<unsigned char, Scratch> &scratch,
                std::array<char, Size> &buffer, std::string_view &envelope) const noexcept {
        return written(envelope, [&](cmk_bytes *made) {
            return cmk_seal(&sealer_, bytes(content), bytes(random), scratch.data(), Scratch, buffer.data(), Size, made);
        });
    }

private:
    template <typename Make>
    explicit Sealer(Make make) noexcept : status_(Status(make(&sealer_))) {}
    cmk_sealer sealer_{};
    Status status_;
};

/// An issuer's list of its tokens, unpacked in memory of yours. One list: for several, cmk_status_list_load into an array.
class StatusList {
public:
    /// Of the claims of an accepted list token. `memory` and the texts of `source` outlive it.
    StatusList(const Claims &claims, const cmk_status_source &source, void *memory, std::size_t memory_bytes,
               std::int64_t now) noexcept
        : status_(Status(cmk_status_list_load(&list_, claims.get(), &source, memory, memory_bytes, now))) {}
    StatusList(const StatusList &) = delete;
    StatusList &operator=(const StatusList &) = delete;

    Status status() const noexcept { return status_; }
    /// For Verifier::use_status_lists.
    const cmk_status_list *get() const noexcept { return &list_; }
    /// The number at an index: 0 VALID, 1 INVALID, 2 SUSPENDED, and the application's.
    std::optional<std::uint32_t> at(std::uint64_t index) const noexcept {
        std::uint32_t found = 0;
        return cmk_status_list_get(&list_, index, &found) == CMK_OK ? std::optional(found) : std::nullopt;
    }

private:
    cmk_status_list list_{};
    Status status_;
};

/// The proofs and one-time tokens seen, in a region for `cmk_replay_commit`; the secret is wiped at the end of its life, the
/// table stays.
class Replay {
public:
    /// An empty table in memory of this process.
    static Replay begin(void *region, std::size_t region_bytes, std::string_view secret) noexcept {
        return Replay([&](cmk_replay *replay) { return cmk_replay_init(replay, region, region_bytes, bytes(secret)); });
    }
    /// A table that other processes use, or memory that is all zero.
    static Replay attach(void *region, std::size_t region_bytes, std::string_view secret) noexcept {
        return Replay([&](cmk_replay *replay) { return cmk_replay_attach(replay, region, region_bytes, bytes(secret)); });
    }
    ~Replay() { (void)cmk_replay_wipe(&replay_); }
    Replay(const Replay &) = delete;
    Replay &operator=(const Replay &) = delete;

    Status status() const noexcept { return status_; }
    Status check(const cmk_use &presented, std::int64_t now) const noexcept {
        return Status(cmk_replay_check(&replay_, &presented, now));
    }
    /// Once everything else has passed. Unless it is ok, the request must not be served.
    Status commit(const cmk_use &presented, std::int64_t now) const noexcept {
        return Status(cmk_replay_commit(&replay_, &presented, now));
    }
    /// For Verifier::verify_once.
    const cmk_replay *get() const noexcept { return &replay_; }
    /// What the table holds; all zero when there is none.
    cmk_replay_counts statistics(std::int64_t now) const noexcept {
        cmk_replay_counts counts{};
        (void)cmk_replay_statistics(&replay_, now, &counts);
        return counts;
    }

private:
    template <typename Make>
    explicit Replay(Make make) noexcept : status_(Status(make(&replay_))) {}
    cmk_replay replay_{};
    Status status_;
};

/// Tokens that are refused although they verify; the secret is wiped at the end of its life, the table stays.
class Revocation {
public:
    /// An empty table in memory of this process. `token_life`: the longest that a token lives, in seconds.
    static Revocation begin(void *region, std::size_t region_bytes, std::string_view secret, std::uint32_t token_life,
                            std::uint32_t flags = 0) noexcept {
        return Revocation([&](cmk_revocation *made) {
            return cmk_revocation_init(made, region, region_bytes, bytes(secret), token_life, flags);
        });
    }
    /// A table that other processes use, or memory that is all zero.
    static Revocation attach(void *region, std::size_t region_bytes, std::string_view secret, std::uint32_t token_life,
                             std::uint32_t flags = 0) noexcept {
        return Revocation([&](cmk_revocation *made) {
            return cmk_revocation_attach(made, region, region_bytes, bytes(secret), token_life, flags);
        });
    }
    ~Revocation() { (void)cmk_revocation_wipe(&revocation_); }
    Revocation(const Revocation &) = delete;
    Revocation &operator=(const Revocation &) = delete;

    Status status() const noexcept { return status_; }
    const cmk_revocation *get() const noexcept { return &revocation_; }
    Status revoke_token(std::string_view issuer, std::string_view token_id, std::int64_t expires_at,
                        std::int64_t now) const noexcept {
        return Status(cmk_revoke_token(&revocation_, bytes(issuer), bytes(token_id), expires_at, now));
    }
    Status revoke_key(std::string_view issuer, std::string_view key_id, std::int64_t expires_at,
                      std::int64_t now) const noexcept {
        return Status(cmk_revoke_key(&revocation_, bytes(issuer), bytes(key_id), expires_at, now));
    }
    /// Log out everywhere: refuses tokens issued before.
    Status revoke_subject(std::string_view issuer, std::string_view subject, std::int64_t not_before,
                          std::int64_t now) const noexcept {
        return Status(cmk_revoke_subject(&revocation_, bytes(issuer), bytes(subject), not_before, now));
    }
    Status load(std::string_view snapshot, std::int64_t now) const noexcept {
        return Status(cmk_revocation_load(&revocation_, bytes(snapshot), now));
    }
    Status check(const cmk_revocable &token, std::int64_t now) const noexcept {
        return Status(cmk_revocation_check(&revocation_, &token, now));
    }
    /// What the table holds; all zero when there is none.
    cmk_revocation_counts statistics(std::int64_t now) const noexcept {
        cmk_revocation_counts counts{};
        (void)cmk_revocation_statistics(&revocation_, now, &counts);
        return counts;
    }

private:
    template <typename Make>
    explicit Revocation(Make make) noexcept : status_(Status(make(&revocation_))) {}
    cmk_revocation revocation_{};
    Status status_;
};

/// Verified tokens; the secret is wiped at the end of its life, the cache stays.
class Cache {
public:
    /// An empty cache in memory of this process.
    static Cache begin(void *region, std::size_t region_bytes, std::string_view secret) noexcept {
        return Cache([&](cmk_cache *cache) { return cmk_cache_init(cache, region, region_bytes, bytes(secret)); });
    }
    /// A cache that other processes use, or memory that is all zero.
    static Cache attach(void *region, std::size_t region_bytes, std::string_view secret) noexcept {
        return Cache([&](cmk_cache *cache) { return cmk_cache_attach(cache, region, region_bytes, bytes(secret)); });
    }
    ~Cache() { (void)cmk_cache_wipe(&cache_); }
    Cache(const Cache &) = delete;
    Cache &operator=(const Cache &) = delete;

    Status status() const noexcept { return status_; }
    const cmk_cache *get() const noexcept { return &cache_; }
    /// What the cache holds; all zero when there is none.
    cmk_cache_counts statistics() const noexcept {
        cmk_cache_counts counts{};
        (void)cmk_cache_statistics(&cache_, &counts);
        return counts;
    }

private:
    template <typename Make>
    explicit Cache(Make make) noexcept : status_(Status(make(&cache_))) {}
    cmk_cache cache_{};
    Status status_;
};

/// How often clients may ask, in a region for `cmk_throttle_admit`; the secret is wiped at the end of its life, the table stays.
class Throttle {
public:
    /// An empty table in memory of this process.
    static Throttle begin(void *region, std::size_t region_bytes, std::string_view secret, bool open_when_full = false) noexcept {
        return Throttle([&](cmk_throttle *throttle) {
            return cmk_throttle_init(throttle, region, region_bytes, bytes(secret), open_when_full ? 1 : 0);
        });
    }
    /// A table that other processes use, or memory that is all zero.
    static Throttle attach(void *region, std::size_t region_bytes, std::string_view secret, bool open_when_full = false) noexcept {
        return Throttle([&](cmk_throttle *throttle) {
            return cmk_throttle_attach(throttle, region, region_bytes, bytes(secret), open_when_full ? 1 : 0);
        });
    }
    ~Throttle() { (void)cmk_throttle_wipe(&throttle_); }
    Throttle(const Throttle &) = delete;
    Throttle &operator=(const Throttle &) = delete;

    Status status() const noexcept { return status_; }
    /// Takes each of the charges, or none. Unless it is ok, the request must not be served.
    template <std::size_t Count>
    Status admit(const std::array<cmk_charge, Count> &charges, std::int64_t now_ms, std::uint32_t &retry_after) const noexcept {
        return Status(cmk_throttle_admit(&throttle_, charges.data(), Count, now_ms, &retry_after));
    }
    /// What the table holds; all zero when there is none.
    cmk_throttle_counts statistics(std::int64_t now_ms) const noexcept {
        cmk_throttle_counts counts{};
        (void)cmk_throttle_statistics(&throttle_, now_ms, &counts);
        return counts;
    }

private:
    template <typename Make>
    explicit Throttle(Make make) noexcept : status_(Status(make(&throttle_))) {}
    cmk_throttle throttle_{};
    Status status_;
};

/// What is odd about a visit, and one action; the secret is wiped at the end of its life.
class Risk {
public:
    /// Over rules from cmk_risk_rules_default(). Their lists outlive it.
    Risk(const cmk_risk_rules &rules, std::string_view secret) noexcept
        : status_(Status(cmk_risk_init(&risk_, &rules, bytes(secret)))) {}
    ~Risk() { (void)cmk_risk_wipe(&risk_); }
    Risk(const Risk &) = delete;
    Risk &operator=(const Risk &) = delete;

    Status status() const noexcept { return status_; }
    /// Changes nothing. The finding is all zero when something is wrong with the call.
    Status assess(const cmk_risk_record &record, const cmk_visit &visit, std::int64_t now, cmk_finding &finding) const noexcept {
        return Status(cmk_risk_assess(&risk_, &record, &visit, now, &finding));
    }
    /// How the visit ended: ok when it was served.
    Status observe(cmk_risk_record &record, const cmk_visit &visit, Status ended, std::int64_t now) const noexcept {
        return Status(cmk_risk_observe(&risk_, &record, &visit, ended.code(), now));
    }

private:
    cmk_risk risk_{};
    Status status_;
};

/// A connection that outlives its request. Its bytes are all of it: keep them where you like.
class Session {
public:
    /// Of a token that has just been accepted.
    Session(const cmk_session_rules &rules, std::int64_t expires_at, std::uint64_t epoch, std::int64_t now) noexcept
        : status_(Status(cmk_session_begin(&session_, &rules, expires_at, epoch, now))) {}
    /// One that was kept.
    explicit Session(const cmk_session &kept) noexcept : session_(kept), status_(Status(CMK_OK)) {}

    Status status() const noexcept { return status_; }
    const cmk_session &bytes() const noexcept { return session_; }
    std::int64_t due() const noexcept {
        std::int64_t due = 0;
        (void)cmk_session_due(&session_, &due);
        return due;
    }
    /// Ok: it goes on; CMK_SESSION_REVERIFY: only after a verification, whose result you then give.
    Status observe(const cmk_seen &seen, std::int64_t now) noexcept { return Status(cmk_session_observe(&session_, &seen, now)); }

private:
    cmk_session session_{};
    Status status_;
};

/// The digest of a client, as the claim holds it.
inline std::optional<std::string_view> digest(const cmk_recipe &recipe, const cmk_evidence &evidence,
                                              std::array<char, CMK_DIGEST_BYTES_MAX> &buffer) noexcept {
    cmk_bytes found = none();
    const bool made = cmk_digest(&recipe, &evidence, buffer.data(), buffer.size(), &found) == CMK_OK;
    return made ? std::optional(view(found)) : std::nullopt;
}

/// A client certificate out of a proxy's header field, by one of cmk_certificate_of_...; strip that field at your edge.
inline std::optional<cmk_certificate> certificate(std::int32_t (*read)(cmk_bytes, cmk_certificate *),
                                                  std::string_view value) noexcept {
    cmk_certificate found{};
    return read(bytes(value), &found) == CMK_OK ? std::optional(found) : std::nullopt;
}

/// The server's nonce of this time, for the answer's DPoP-Nonce field.
inline std::optional<std::string_view> dpop_nonce(const cmk_dpop &rules, std::int64_t now,
                                                  std::array<char, CMK_NONCE_CHARS> &buffer) noexcept {
    cmk_bytes found = none();
    const bool made = cmk_dpop_nonce(&rules, now, buffer.data(), buffer.size(), &found) == CMK_OK;
    return made ? std::optional(view(found)) : std::nullopt;
}

/// The binding of a token to a TLS channel, to be kept beside the token.
inline std::optional<std::string_view> channel_binding(std::string_view token, std::string_view channel,
                                                       std::array<char, CMK_BINDING_CHARS_MAX> &buffer,
                                                       std::int32_t form = CMK_BINDING_BASE64URL) noexcept {
    cmk_bytes found = none();
    const bool made =
        cmk_channel_binding(form, bytes(token), bytes(channel), buffer.data(), buffer.size(), &found) == CMK_OK;
    return made ? std::optional(view(found)) : std::nullopt;
}

/// The one token of a request, with the scheme it came under.
inline Status find(const cmk_source &source, const cmk_header *headers, std::size_t header_count, std::string_view query,
                   cmk_credentials &found) noexcept {
    return Status(cmk_find(&source, headers, header_count, bytes(query), &found));
}

/// The token of one Authorization value; CMK_CREDENTIALS_MISSING for an empty one.
inline Status authorization(std::string_view value, cmk_credentials &found) noexcept {
    return Status(cmk_authorization(bytes(value), &found));
}

/// The value of WWW-Authenticate for a status; empty when there is none or the buffer is too small.
template <std::size_t Size>
std::string_view challenge(Status status, std::array<char, Size> &buffer, cmk_bytes realm = none(),
                           cmk_bytes scope = none(), std::int32_t scheme = CMK_BEARER) noexcept {
    cmk_bytes value = none();
    (void)cmk_challenge(scheme, realm, scope, status.code(), buffer.data(), Size, &value);
    return view(value);
}

/// The same for a status that asks for a stronger or a fresher login: what would do. `max_age` in seconds, -1 for none.
template <std::size_t Size>
std::string_view login_challenge(Status status, std::array<char, Size> &buffer, cmk_bytes realm, cmk_bytes acr_values,
                                 std::int64_t max_age = -1, std::int32_t scheme = CMK_BEARER) noexcept {
    cmk_bytes value = none();
    (void)cmk_login_challenge(scheme, realm, acr_values, max_age, status.code(), buffer.data(), Size, &value);
    return view(value);
}

}  // namespace countermark

#endif
