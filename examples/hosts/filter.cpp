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
        const auto made = std::make_shared<Rules>(issuer_, rules().get());
        const auto status = made->fill(jwks, issuer_, audience_);
        cmk_wipe(jwks.data(), jwks.size());
        if (status) {
            const std::lock_guard<std::mutex> lock(mutex_);
            rules_ = made;
        }
        return status;
    }

    // Any thread. No value: the request has no such header.
    Answer on_request(std::optional<std::string_view> authorization, std::int64_t now) const {
        const auto used = rules();
        countermark::Verdict verdict;
        cmk_credentials found;
        verdict.report.status = countermark::authorization(authorization.value_or(""), found).code();
        if (!verdict.status() || !used) {
            verdict.report.status = verdict.status() ? CMK_NO_KEY : verdict.report.status;
            return refusal(verdict);
        }
        std::array<unsigned char, CMK_SCRATCH_BYTES(TOKEN_BYTES)> scratch;
        std::array<char, TOKEN_BYTES> buffer;
        verdict = used->verifier.verify(cmk_request_at(found.token, now), scratch);
        const auto subject = verdict ? verdict.claims->text("sub", buffer) : std::nullopt;
        if (subject) {
            return {200, std::string(*subject), {}};
        }
        verdict.report.status = verdict ? CMK_CLAIM_TYPE : verdict.report.status;
        return refusal(verdict);
    }

private:
    static constexpr std::size_t TOKEN_BYTES = 4096;

    // Keys and what was made of them; immutable once filled.
    struct Rules {
        using Keys = countermark::Keys<8>;
        Rules(const std::string &issuer, const Rules *old) : keys(old ? Keys::after(old->keys.get()) : Keys(issuer)) {}
        countermark::Status fill(const std::string &jwks, const std::string &issuer, const std::string &audience) {
            cmk_loaded loaded;
            if (auto added = keys.add_jwks(jwks, std::array{CMK_HS256, CMK_ES256}, loaded); !added) {
                return added;
            }
            const cmk_bytes issuers = countermark::bytes(issuer);
            const cmk_bytes audiences = countermark::bytes(audience);
            const cmk_bytes required = countermark::bytes("sub");
            cmk_policy policy = cmk_policy_for(&issuers, &audiences);
            policy.require = &required;
            policy.require_count = 1;
            policy.token_bytes = TOKEN_BYTES;
            return verifier.init(keys, policy);
        }
        Keys keys;
        countermark::Verifier verifier;
    };

    static Answer refusal(const countermark::Verdict &verdict) {
        const auto status = verdict.status();
        Answer answer{status.http(), {}, std::string(status.name())};
        verdict.each_failure([&](countermark::Status failed) {
            answer.log += failed == status ? "" : " " + std::string(failed.name());
        });
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
