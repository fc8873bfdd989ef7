// A filter in the world of C++: one object, shared by every thread of the server. Requests only read; keys are replaced while
// they run.
//
// `filter keys=JWKS now=SECONDS header=VALUE request ...` plays the server: it loads keys, sets the clock, and serves a request
// with this Authorization value, or with none, in four threads at once while the keys are loaded again and again; the threads
// must agree. tests/hosts.rs runs it.
#include "countermark.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// ---- The filter: all that a host of this library writes. ----

class Filter {
public:
    struct Answer {
        std::int32_t http = 500;
        std::string text; // the subject, or WWW-Authenticate
        std::string log;
        bool operator==(const Answer &other) const { return http == other.http && text == other.text && log == other.log; }
    };

    Filter(std::string issuer, std::string audience) : issuer_(std::move(issuer)), audience_(std::move(audience)) {}

    // Loads a key set. What is in use stays so until the new one is whole; the text is wiped: it may hold secrets.
    countermark::Status load(std::string &jwks) {
        const auto old = rules();
        auto made = std::make_shared<Rules>(issuer_, old.get());
        const auto status = made->fill(jwks, issuer_, audience_);
        for (volatile char &byte : jwks) {
            byte = 0;
        }
        if (status) {
            const std::lock_guard<std::mutex> lock(mutex_);
            rules_ = std::move(made);
        }
        return status;
    }

    // Any thread. No value: the request has no such header.
    Answer on_request(std::optional<std::string_view> authorization, std::int64_t now) const {
        const auto used = rules();
        cmk_credentials found;
        auto status = countermark::Status(
            cmk_authorization(authorization ? countermark::bytes(*authorization) : countermark::none(), &found));
        if (status && !used) {
            status = countermark::Status(CMK_NO_KEY);
        }
        if (!status) {
            return refusal(status, 0);
        }
        std::array<unsigned char, CMK_SCRATCH_BYTES(TOKEN_BYTES)> scratch;
        const auto verdict = used->verifier->verify(cmk_request_at(found.token, now), scratch.data(), scratch.size());
        if (!verdict) {
            return refusal(verdict.status(), verdict.report.failures);
        }
        std::array<char, TOKEN_BYTES> buffer;
        const auto claim = verdict.claims->get("sub");
        const auto subject = claim ? claim->text(buffer) : std::nullopt;
        return subject ? Answer{200, std::string(*subject), {}} : refusal(countermark::Status(CMK_CLAIM_ABSENT), 0);
    }

private:
    static constexpr std::size_t TOKEN_BYTES = 4096;
    static constexpr std::array<std::int32_t, 2> ALGS = {CMK_HS256, CMK_ES256};

    // Keys and what was made of them; immutable once filled. The wrapper has no successor of a set, so this holds a region.
    struct Rules {
        Rules(const std::string &issuer, const Rules *old) {
            status = old == nullptr ? cmk_keys_init(&keys, region.data(), sizeof region, countermark::bytes(issuer))
                                    : cmk_keys_init_after(&keys, region.data(), sizeof region, &old->keys);
        }
        ~Rules() {
            verifier.reset();
            (void)cmk_keys_wipe(&keys);
        }
        countermark::Status fill(const std::string &jwks, const std::string &issuer, const std::string &audience) {
            if (status == CMK_OK) {
                cmk_loaded loaded;
                status = cmk_keys_add_jwks(&keys, countermark::bytes(jwks), ALGS.data(), ALGS.size(), &loaded);
            }
            if (status != CMK_OK) {
                return countermark::Status(status);
            }
            const cmk_bytes issuers = countermark::bytes(issuer);
            const cmk_bytes audiences = countermark::bytes(audience);
            const cmk_bytes required = countermark::bytes("sub");
            cmk_policy policy = cmk_policy_strict();
            policy.issuers = &issuers;
            policy.issuer_count = 1;
            policy.audiences = &audiences;
            policy.audience_count = 1;
            policy.require = &required;
            policy.require_count = 1;
            policy.token_bytes = TOKEN_BYTES;
            verifier.emplace(&keys, 1, policy);
            return verifier->status();
        }
        std::array<std::uint64_t, CMK_KEYS_BYTES(8, 64) / 8> region{};
        cmk_keys keys{};
        std::optional<countermark::Verifier> verifier;
        std::int32_t status;
    };

    // The report says in bits what failed after the signature; the log wants names.
    static constexpr std::pair<std::uint64_t, std::int32_t> FAILED[] = {
        {CMK_FAILED_ISSUER, CMK_ISSUER},
        {CMK_FAILED_KEY_ISSUER, CMK_KEY_ISSUER},
        {CMK_FAILED_AUDIENCE, CMK_AUDIENCE},
        {CMK_FAILED_EXPIRED, CMK_EXPIRED},
        {CMK_FAILED_NOT_YET_VALID, CMK_NOT_YET_VALID},
        {CMK_FAILED_ISSUED_IN_FUTURE, CMK_ISSUED_IN_FUTURE},
        {CMK_FAILED_EXPIRY_MISSING, CMK_EXPIRY_MISSING},
        {CMK_FAILED_LIFETIME, CMK_LIFETIME},
        {CMK_FAILED_CLAIM_REQUIRED, CMK_CLAIM_REQUIRED},
        {CMK_FAILED_CONFIRMATION, CMK_CONFIRMATION},
    };

    static Answer refusal(countermark::Status status, std::uint64_t failures) {
        Answer answer;
        answer.http = cmk_http_status(status.code());
        answer.log = status.name();
        for (const auto &[bit, failed] : FAILED) {
            if ((failures & bit) != 0 && failed != status.code()) {
                answer.log += std::string(" ") + cmk_status_name(failed);
            }
        }
        answer.log += ": " + std::string(status.sentence());
        if (answer.http != 500) { // else the fault is ours, and no other token would help
            std::array<char, 256> buffer;
            answer.text = countermark::challenge(status, buffer, countermark::bytes("api"));
        }
        return answer;
    }

    std::shared_ptr<const Rules> rules() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return rules_;
    }

    std::string issuer_; // the verifiers point at these two
    std::string audience_;
    mutable std::mutex mutex_; // for the pointer; a request holds it for a copy
    std::shared_ptr<const Rules> rules_;
};

// ---- The server. ----

static void serve(Filter &filter, const std::string &jwks, std::optional<std::string_view> authorization, std::int64_t now) {
    std::vector<Filter::Answer> answers(4);
    std::vector<std::thread> threads;
    for (auto &answer : answers) {
        threads.emplace_back([&] { answer = filter.on_request(authorization, now); });
    }
    for (int round = 0; round < 20 && !jwks.empty(); round++) {
        std::string again = jwks;
        (void)filter.load(again);
    }
    for (auto &thread : threads) {
        thread.join();
    }
    for (const auto &answer : answers) {
        if (!(answer == answers.front())) {
            std::puts("the threads do not agree");
        }
    }
    const auto &answer = answers.front();
    if (!answer.log.empty()) {
        std::printf("log: %s\n", answer.log.c_str());
    }
    std::printf("%d%s%s\n", static_cast<int>(answer.http), answer.text.empty() ? "" : " ", answer.text.c_str());
}

int main(int count, char **arguments) {
    Filter filter("https://login.example", "https://api.example");
    std::string good;
    std::int64_t now = 0;
    for (int at = 1; at < count; at++) {
        const std::string word = arguments[at];
        const std::string value = word.substr(word.find('=') + 1);
        if (word.rfind("now=", 0) == 0) {
            now = std::strtoll(value.c_str(), nullptr, 10);
        } else if (word.rfind("keys=", 0) == 0) {
            std::string text = value;
            const auto status = filter.load(text);
            std::printf("keys: %s\n", std::string(status.name()).c_str());
            good = status ? value : good;
        } else if (word.rfind("header=", 0) == 0) {
            serve(filter, good, value, now);
        } else {
            serve(filter, good, std::nullopt, now);
        }
    }
    return 0;
}
