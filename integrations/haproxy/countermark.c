/* Countermark for plain Lua 5.3, as HAProxy has it: the module that ../lua/countermark.lua is for LuaJIT, with the same functions, the same
 * names and the same answers. Link the static library into it:
 *
 *     cc -O2 -shared -fPIC countermark.c -I../../include -I/usr/include/lua5.3 libcountermark.a -o countermark.so
 *
 * What the library has addresses of is anchored: strings and userdata in a table, `keep`, that lies on the stack during a call, or belongs to
 * the verifier. So an error may leave any function at any place. Nothing here moves, and what comes back to Lua is a copy. */
#include "tables.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define KEYS "countermark.keys"
#define VERIFIER "countermark.verifier"
#define REPLAY "countermark.replay"
#define REJECTED "countermark.rejected"

struct keys {
    cmk_keys keys;
    int is_shared;
};

struct verifier {
    cmk_verifier verifier;
    cmk_sketch sketch;
    size_t token_bytes;
    const cmk_replay *replay;
};

/* ---- Answers ---- */

/* nil, and why: what the library refuses. */
static int rejected(lua_State *L, int32_t status, const cmk_report *report) {
    int32_t after = report == NULL ? 0 : cmk_failures_next(report->failures, 0);
    lua_Integer count = 0;
    lua_pushnil(L);
    lua_newtable(L);
    lua_pushinteger(L, status), lua_setfield(L, -2, "status");
    lua_pushinteger(L, cmk_http_status(status)), lua_setfield(L, -2, "http");
    lua_pushstring(L, cmk_status_name(status)), lua_setfield(L, -2, "name");
    lua_pushstring(L, cmk_status_sentence(status)), lua_setfield(L, -2, "sentence");
    lua_pushstring(L, cmk_stage_name(status)), lua_setfield(L, -2, "stage");
    if (report != NULL && report->similarity >= 0) {
        lua_pushinteger(L, report->similarity), lua_setfield(L, -2, "similarity");
    }
    lua_newtable(L);
    do {
        lua_pushstring(L, cmk_status_name(after == 0 ? status : after)), lua_rawseti(L, -2, ++count);
        after = after == 0 ? 0 : cmk_failures_next(report->failures, after);
    } while (after != 0);
    lua_setfield(L, -2, "failed");
    luaL_setmetatable(L, REJECTED);
    return 2;
}

static int rejected_text(lua_State *L) {
    lua_getfield(L, 1, "name");
    lua_getfield(L, 1, "sentence");
    lua_pushfstring(L, "countermark: %s: %s", lua_tostring(L, -2), lua_tostring(L, -1));
    return 1;
}

/* why:challenge { scheme, realm, scope }: the value of WWW-Authenticate; nil beside 500 and 503. */
static int challenge(lua_State *L) {
    uint8_t buffer[1024];
    cmk_bytes value;
    int keep, given, scheme;
    int32_t status;
    luaL_checktype(L, 1, LUA_TTABLE);
    given = options(L, 2, " scheme realm scope ", "a challenge");
    lua_newtable(L), keep = lua_gettop(L);
    scheme = named(L, given, "scheme", SCHEMES, "Bearer");
    lua_getfield(L, 1, "status");
    status = (int32_t)lua_tointeger(L, -1);
    if (cmk_http_status(status) >= 500 || cmk_challenge(scheme, member(L, given, "realm", keep, NULL), member(L, given, "scope", keep, NULL), status,
                                                        buffer, sizeof buffer, &value) != CMK_OK) {
        return 0;
    }
    lua_pushlstring(L, (const char *)value.ptr, value.len);
    return 1;
}

/* The object at the index, or nil and why. */
static int made(lua_State *L, int index, int32_t status) {
    if (status != CMK_OK) {
        return rejected(L, status, NULL);
    }
    lua_pushvalue(L, index);
    return 1;
}

/* Userdata of every kind is wiped at its end. */
static int wiped(lua_State *L) {
    cmk_wipe(lua_touserdata(L, 1), lua_rawlen(L, 1));
    return 0;
}

/* ---- Keys ---- */

/* On top of the stack: a set with a region behind it. */
static int32_t new_keys(lua_State *L, size_t bytes, cmk_bytes issuer) {
    size_t head = (sizeof(struct keys) + 15) / 16 * 16;
    struct keys *set = lua_newuserdata(L, head + (bytes + 7) / 8 * 8);
    memset(set, 0, head);
    luaL_setmetatable(L, KEYS);
    return cmk_keys_init(&set->keys, (uint8_t *)set + head, (bytes + 7) / 8 * 8, issuer);
}

/* countermark.keys { issuer, capacity } */
static int keys(lua_State *L) {
    int given = options(L, 1, " issuer capacity ", "a key set"), keep;
    cmk_bytes issuer;
    lua_newtable(L), keep = lua_gettop(L);
    issuer = member(L, given, "issuer", keep, NULL);
    return made(L, -1, new_keys(L, cmk_keys_head_bytes(issuer.len) + (size_t)whole_member(L, given, "capacity", 4) * CMK_KEY_BYTES_MAX, issuer));
}

/* countermark.jwks(text, { issuer, algorithms }) */
static int jwks(lua_State *L) {
    int given = options(L, 2, " issuer algorithms ", "a key set"), keep;
    size_t count, bytes;
    cmk_loaded loaded;
    cmk_bytes json, issuer;
    const int32_t *algs;
    int32_t status;
    lua_newtable(L), keep = lua_gettop(L);
    algs = algorithms(L, given, keep, &count);
    json = argument(L, 1, keep, "a key set");
    issuer = member(L, given, "issuer", keep, NULL);
    status = cmk_keys_size_for(json, algs, count, issuer, &bytes);
    if (status == CMK_OK && (status = new_keys(L, bytes, issuer)) == CMK_OK) {
        status = cmk_keys_add_jwks(&((struct keys *)lua_touserdata(L, -1))->keys, json, algs, count, &loaded);
    }
    return made(L, -1, status);
}

static struct keys *open_keys(lua_State *L) {
    struct keys *set = luaL_checkudata(L, 1, KEYS);
    if (set->is_shared) {
        luaL_error(L, "countermark: a verifier has these keys; make a new set and a new verifier");
    }
    return set;
}

/* keys:add_secret(algorithm, secret, kid), keys:add_pem(algorithm, text, kid) */
static int add(lua_State *L, int32_t (*call)(cmk_keys *, int32_t, cmk_bytes, cmk_bytes)) {
    struct keys *set = open_keys(L);
    int algorithm = number_of(ALGORITHMS, luaL_checkstring(L, 2)), keep;
    if (algorithm < 0) {
        return luaL_error(L, "countermark: no such algorithm"); /* swapped arguments make it the secret */
    }
    lua_settop(L, 4);
    lua_newtable(L), keep = lua_gettop(L);
    return made(L, 1, call(&set->keys, algorithm, argument(L, 4, keep, "a key id"), argument(L, 3, keep, "a key")));
}

static int add_secret(lua_State *L) {
    return add(L, cmk_keys_add_secret);
}

static int add_pem(lua_State *L) {
    return add(L, cmk_keys_add_pem);
}

/* keys:add_rotating(base, { mode, claim, window, grace, kid }) */
static int add_rotating(lua_State *L) {
    struct keys *set = open_keys(L);
    int given = options(L, 3, " mode claim window grace kid ", "a rotating secret"), keep;
    cmk_rotating rotating;
    lua_newtable(L), keep = lua_gettop(L);
    rotating = cmk_rotating_of(named(L, given, "mode", MODES, "compat"), member(L, given, "claim", keep, "userId"));
    rotating.window = whole_member(L, given, "window", 86400);
    rotating.grace = whole_member(L, given, "grace", 0);
    return made(L, 1, cmk_keys_add_rotating(&set->keys, member(L, given, "kid", keep, NULL), argument(L, 2, keep, "a base"), &rotating));
}

/* ---- Proofs that were seen ---- */

/* One table for the process: HAProxy may have a Lua state for each of its threads, and a proof is accepted once by all of them. */
static pthread_mutex_t replay_lock = PTHREAD_MUTEX_INITIALIZER;
static cmk_replay replay_table;
static int replay_is_begun;

static int32_t begin_replay(size_t uses, const uint8_t *secret, size_t secret_bytes) {
    size_t bytes = cmk_replay_region_bytes(uses);
    void *region = aligned_alloc(64, (bytes + 63) / 64 * 64); /* for the life of the process */
    int32_t status = region == NULL ? CMK_REGION_TOO_SMALL : cmk_replay_init(&replay_table, region, bytes, cmk_bytes_of(secret, secret_bytes));
    if (status != CMK_OK) {
        free(region);
    } else {
        replay_is_begun = 1;
    }
    return status;
}

/* countermark.replay(uses, secret): a table for so many proofs at a time; secret: nil: of the system's. All calls give
 * the same table, of the size that the first asked for. */
static int replay(lua_State *L) {
    uint8_t random[32];
    const uint8_t *secret = random;
    size_t secret_bytes = sizeof random, uses;
    int32_t status = CMK_OK;
    FILE *source;
    lua_settop(L, 2);
    lua_pushvalue(L, 1);
    uses = whole(L, 0, "uses");
    if (!lua_isnil(L, 2)) {
        secret = (const uint8_t *)luaL_checklstring(L, 2, &secret_bytes);
    } else if ((source = fopen("/dev/urandom", "rb")) == NULL || fread(random, 1, sizeof random, source) != sizeof random) {
        return luaL_error(L, "countermark: no random bytes");
    } else {
        fclose(source);
    }
    pthread_mutex_lock(&replay_lock);
    if (!replay_is_begun) {
        status = begin_replay(uses, secret, secret_bytes);
    }
    pthread_mutex_unlock(&replay_lock);
    cmk_wipe(random, sizeof random);
    *(const cmk_replay **)lua_newuserdata(L, sizeof(cmk_replay *)) = &replay_table;
    luaL_setmetatable(L, REPLAY);
    return made(L, -1, status);
}

/* ---- Verifiers ---- */

static const cmk_rule *rules(lua_State *L, int policy, int keep, size_t *count) {
    static const char *const TESTS[] = {"all_of", "any_of", "none_of"};
    int test, rights;
    cmk_rule *list;
    *count = 0;
    lua_getfield(L, policy, "rights"), rights = lua_gettop(L);
    if (lua_isnil(L, rights)) {
        lua_pop(L, 1);
        return NULL;
    }
    only(L, rights, " all_of any_of none_of ", "rights");
    list = taken(L, keep, 33, sizeof *list); /* one more than the library takes */
    for (test = 0; test < 3; test++) {
        size_t paths, path;
        lua_getfield(L, rights, TESTS[test]);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            continue;
        }
        luaL_checktype(L, -1, LUA_TTABLE);
        lua_pushvalue(L, -1);
        paths = sorted(L);
        for (path = 0; path < paths && *count < 33; path++) {
            cmk_rule *rule = &list[(*count)++];
            lua_rawgeti(L, -1, (lua_Integer)path + 1);
            lua_pushvalue(L, -1);
            lua_gettable(L, -4);
            rule->values = texts(L, keep, lua_tostring(L, -2), &rule->value_count);
            rule->path = text(L, keep, "a path");
            rule->test = test + 1;
        }
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
    return list;
}

/* Gives components of this list a role. */
static size_t roles(lua_State *L, int given, const char *name, int32_t role, cmk_weight *weights, size_t count, int keep) {
    size_t listed, at, place;
    const cmk_bytes *names = members(L, given, name, keep, &listed);
    for (at = 0; at < listed; at++) {
        uint32_t number = component(L, (const char *)names[at].ptr);
        for (place = 0; place < count && weights[place].component != number; place++) {
        }
        /* A required component without a weight is compared all the same, and is in no sum. */
        if (place == count && role == CMK_ROLE_REQUIRED && count <= CMK_ENTRIES_MAX) {
            weights[count++].component = number;
        }
        if (place < count) {
            weights[place].role = role;
        }
    }
    return count;
}

static int by_component(const void *left, const void *right) {
    uint32_t first = ((const cmk_weight *)left)->component, second = ((const cmk_weight *)right)->component;
    return first < second ? -1 : first > second;
}

static int32_t sketch(lua_State *L, int given, int keep, cmk_sketch *made_sketch) {
    cmk_pepper pepper = {0, {NULL, 0}};
    cmk_sketch_rules rules;
    cmk_weight *weights = taken(L, keep, CMK_ENTRIES_MAX + 1, sizeof *weights);
    only(L, given, " form claim preset pepper accept step_up coverage drift weights optional required ", "a sketch");
    pepper.secret = member(L, given, "pepper", keep, "");
    rules = cmk_sketch_rules_of(named(L, given, "preset", PRESETS, "browser"), member(L, given, "claim", keep, "cmk"), &pepper, 1);
    lua_getfield(L, given, "weights");
    if (!lua_isnil(L, -1)) {
        luaL_checktype(L, -1, LUA_TTABLE);
        for (lua_pushnil(L); lua_next(L, -2) != 0 && rules.weight_count <= CMK_ENTRIES_MAX;) {
            if (lua_type(L, -2) != LUA_TSTRING) {
                return luaL_error(L, "countermark: weights have names");
            }
            weights[rules.weight_count].component = component(L, lua_tostring(L, -2));
            weights[rules.weight_count++].weight = whole(L, 0, "a weight");
        }
        rules.weight_count = roles(L, given, "optional", CMK_ROLE_OPTIONAL, weights, rules.weight_count, keep);
        rules.weight_count = roles(L, given, "required", CMK_ROLE_REQUIRED, weights, rules.weight_count, keep);
        qsort(weights, rules.weight_count, sizeof *weights, by_component);
        rules.weights = weights;
    } else if (is_given(L, given, "optional") || is_given(L, given, "required")) {
        return luaL_error(L, "countermark: optional and required need weights");
    }
    lua_settop(L, given);
    rules.accept = is_given(L, given, "accept") ? (int32_t)whole_member(L, given, "accept", 0) : -1;
    rules.step_up = is_given(L, given, "step_up") ? (int32_t)whole_member(L, given, "step_up", 0) : -1;
    rules.coverage = is_given(L, given, "coverage") ? (int32_t)whole_member(L, given, "coverage", 0) : -1;
    rules.drift = is_given(L, given, "drift") ? (int32_t)whole_member(L, given, "drift", 0) : -1;
    return cmk_sketch_init(made_sketch, &rules);
}

/* The policy's fingerprint: a digest's recipe, or a sketch in the verifier. */
static int32_t fingerprint(lua_State *L, int table, int keep, cmk_policy *policy, struct verifier *verifier) {
    int32_t status = CMK_OK;
    int given;
    lua_getfield(L, table, "fingerprint"), given = lua_gettop(L);
    if (!lua_isnil(L, given)) {
        static const struct name FORMS[] = {{"digest", 0}, {"sketch", 1}, {NULL, -1}};
        is_table(L, given, "a fingerprint");
        if (named(L, given, "form", FORMS, NULL) == 1) {
            status = sketch(L, given, keep, &verifier->sketch);
            policy->sketch = &verifier->sketch;
        } else {
            static const struct name ONLY[] = {{"compat", 0}, {NULL, -1}};
            cmk_recipe *recipe = taken(L, keep, 1, sizeof *recipe);
            only(L, given, " form claim preset ", "a digest");
            (void)named(L, given, "preset", ONLY, "compat");
            *recipe = cmk_recipe_compat(member(L, given, "claim", keep, "fp"));
            policy->digest = recipe;
        }
    }
    lua_settop(L, given - 1);
    return status;
}

/* countermark.verifier(sets, policy, replay): the policy's members are in ../conformance/README.md. */
static int verifier(lua_State *L) {
    int given, keep, self, holder;
    size_t count, at;
    cmk_policy policy = cmk_policy_strict();
    cmk_dpop dpop = cmk_dpop_rules();
    const cmk_replay **seen;
    struct verifier *made_verifier;
    cmk_keys *sets;
    int32_t status;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 3);
    seen = luaL_testudata(L, 3, REPLAY);
    if (lua_isnil(L, 2)) {
        lua_newtable(L), lua_replace(L, 2);
    }
    given = 2;
    only(L, given, " algorithms issuers audiences any_audience subject typ leeway require allow_missing_exp max_age token_bytes shape fingerprint holder rights ", "a policy");
    lua_newtable(L), keep = lua_gettop(L);
    made_verifier = lua_newuserdata(L, sizeof *made_verifier), self = lua_gettop(L);
    memset(made_verifier, 0, sizeof *made_verifier);
    luaL_setmetatable(L, VERIFIER);
    lua_pushvalue(L, keep), lua_setuservalue(L, self);

    policy.algs = algorithms(L, given, keep, &policy.alg_count);
    policy.issuers = members(L, given, "issuers", keep, &policy.issuer_count);
    policy.audiences = members(L, given, "audiences", keep, &policy.audience_count);
    policy.require = members(L, given, "require", keep, &policy.require_count);
    policy.flags = (flag(L, given, "any_audience") ? CMK_ANY_AUDIENCE : 0) | (flag(L, given, "allow_missing_exp") ? CMK_ALLOW_MISSING_EXP : 0);
    policy.subject = member(L, given, "subject", keep, NULL);
    policy.typ = member(L, given, "typ", keep, NULL);
    policy.leeway = whole_member(L, given, "leeway", 0);
    policy.max_age = whole_member(L, given, "max_age", 0);
    policy.token_bytes = whole_member(L, given, "token_bytes", 0);
    policy.shape = named(L, given, "shape", SHAPES, "signed");
    policy.rules = rules(L, given, keep, &policy.rule_count);
    holder = named(L, given, "holder", HOLDERS, "none");
    if ((holder & (int)CMK_METHOD_PROOF) != 0 && seen == NULL) {
        return luaL_error(L, "countermark: proofs are accepted once only by a verifier with a replay table");
    }
    if (holder != 0) {
        policy.dpop = seen != NULL ? &dpop : NULL; /* without a table a token that is bound to a proof's key is refused */
        policy.certificate = 1;
        policy.channel = cmk_text(CMK_CHANNEL_MEMBER);
        policy.binding = holder == (int)CMK_METHOD_BINDING ? CMK_BINDING_BASE64URL : 0;
        policy.combination = CMK_ANY_OF;
        policy.methods = (uint32_t)holder;
    }
    count = listed(L, 1, "key sets");
    sets = taken(L, keep, count, sizeof *sets);
    for (at = 0; at < count; at++) {
        struct keys *set;
        lua_rawgeti(L, 1, (lua_Integer)at + 1);
        set = luaL_checkudata(L, -1, KEYS);
        set->is_shared = 1;
        sets[at] = set->keys;
        anchor(L, keep);
    }
    made_verifier->token_bytes = policy.token_bytes == 0 ? 8192 : policy.token_bytes;
    made_verifier->replay = seen == NULL ? NULL : *seen;
    status = fingerprint(L, given, keep, &policy, made_verifier);
    if (status == CMK_OK) {
        status = cmk_verifier_init(&made_verifier->verifier, sets, count, &policy);
    }
    return made(L, self, status);
}

/* ---- Requests ---- */

/* Components: a value is a text, a number, a boolean, or a list of texts. */
static void components(lua_State *L, int table, int keep, cmk_evidence *evidence) {
    size_t names, name, at, count = 0, place = 0;
    cmk_component *list;
    int values, order;
    lua_getfield(L, table, "components"), values = lua_gettop(L);
    if (lua_isnil(L, values)) {
        lua_pop(L, 1);
        return;
    }
    luaL_checktype(L, values, LUA_TTABLE);
    lua_pushvalue(L, values), names = sorted(L), order = lua_gettop(L);
    for (name = 0; name < names; name++) {
        lua_rawgeti(L, order, (lua_Integer)name + 1);
        lua_gettable(L, values);
        at = lua_istable(L, -1) ? listed(L, -1, "a component") : 1;
        count += at > 1 ? at : 1;
        lua_pop(L, 1);
    }
    list = taken(L, keep, count, sizeof *list);
    for (name = 0; name < names; name++) {
        size_t length;
        const char *called;
        uint32_t number;
        lua_rawgeti(L, order, (lua_Integer)name + 1);
        called = lua_tostring(L, -1);
        number = component(L, called);
        lua_pushvalue(L, -1), lua_gettable(L, values);
        length = lua_istable(L, -1) ? lua_rawlen(L, -1) : 1;
        for (at = 0; at == 0 || at < length; at++) {
            cmk_bytes value;
            if (lua_istable(L, -1) && length == 0) {
                lua_pushstring(L, ""); /* the empty set is the set of one empty element */
            } else if (lua_istable(L, -1)) {
                lua_rawgeti(L, -1, (lua_Integer)at + 1);
            } else if (lua_isboolean(L, -1)) {
                lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false");
            } else if (lua_type(L, -1) == LUA_TNUMBER) {
                lua_pushfstring(L, "%I", lua_tointeger(L, -1));
            } else {
                lua_pushvalue(L, -1);
            }
            value = text(L, keep, "a component");
            if (number >= CMK_COMPONENT_IP_ASN && number <= CMK_COMPONENT_IP_ISP) {
                /* What a host looks up by the address has members of its own. */
                *(number == CMK_COMPONENT_IP_ASN       ? &evidence->asn
                  : number == CMK_COMPONENT_IP_COUNTRY ? &evidence->country
                  : number == CMK_COMPONENT_IP_ISP     ? &evidence->isp
                                                       : &evidence->organisation) = value;
            } else if (place < count) {
                list[place].number = number;
                list[place++].value = value;
            }
        }
        lua_pop(L, 2);
    }
    evidence->components = list;
    evidence->component_count = place;
    lua_settop(L, values - 1);
}

static const cmk_evidence *evidence_of(lua_State *L, int table, int keep, size_t *longest_proof) {
    cmk_evidence *evidence = taken(L, keep, 1, sizeof *evidence);
    cmk_header *headers;
    size_t at;
    only(L, table, " address headers components certificate dpop scheme method uri nonce channel binding ", "evidence");
    *evidence = cmk_evidence_of(NULL, 0);
    evidence->address = member(L, table, "address", keep, NULL);
    evidence->certificate = member(L, table, "certificate", keep, NULL);
    evidence->method = member(L, table, "method", keep, NULL);
    evidence->uri = member(L, table, "uri", keep, NULL);
    evidence->nonce = member(L, table, "nonce", keep, NULL);
    evidence->channel = member(L, table, "channel", keep, NULL);
    evidence->binding = member(L, table, "binding", keep, NULL);
    lua_getfield(L, table, "headers");
    if (!lua_isnil(L, -1)) {
        evidence->header_count = listed(L, -1, "headers");
        evidence->headers = headers = taken(L, keep, evidence->header_count, sizeof *headers);
        for (at = 0; at < evidence->header_count; at++) {
            lua_rawgeti(L, -1, (lua_Integer)at + 1);
            luaL_checktype(L, -1, LUA_TTABLE);
            lua_rawgeti(L, -1, 1), headers[at].name = text(L, keep, "a header's name");
            lua_rawgeti(L, -1, 2), headers[at].value = text(L, keep, "a header's value");
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
    /* One field is a text; of several the host has a table, which the library refuses. */
    lua_getfield(L, table, "dpop");
    if (lua_type(L, -1) == LUA_TSTRING) {
        lua_newtable(L);
        lua_insert(L, -2);
        lua_rawseti(L, -2, 1);
    }
    evidence->proofs = texts(L, keep, "dpop", &evidence->proof_count);
    if (evidence->proof_count > 0 && !is_given(L, table, "scheme")) {
        luaL_error(L, "countermark: beside a proof the evidence says scheme: what the token came under");
    }
    evidence->scheme = named(L, table, "scheme", SCHEMES, "Bearer");
    for (at = 0; at < evidence->proof_count; at++) {
        size_t length = evidence->proofs[at].len < 8192 ? evidence->proofs[at].len : 8192;
        *longest_proof = length > *longest_proof ? length : *longest_proof;
    }
    components(L, table, keep, evidence);
    return evidence;
}

/* verifier:verify(token, { now, evidence }): json, similarity, reissue. verifier:verify_opaque(token): the payload of a JWS that is no claims
 * set, which says nothing of time, issuer, audience or holder; never for a JWT. */
static int ask(lua_State *L, int is_opaque) {
    struct verifier *self = luaL_checkudata(L, 1, VERIFIER);
    int given = options(L, 3, " now evidence ", "a request"), keep;
    size_t proof = 0, bytes = 0;
    uint8_t *scratch;
    cmk_claims claims;
    cmk_report report;
    cmk_bytes found;
    cmk_request request = cmk_request_at(cmk_none(), (int64_t)time(NULL));
    int32_t status;
    if (lua_type(L, 2) != LUA_TSTRING) {
        return luaL_error(L, "countermark: a token is a text");
    }
    lua_newtable(L), keep = lua_gettop(L);
    request.token = argument(L, 2, keep, "a token");
    lua_getfield(L, given, "now");
    if (!lua_isnil(L, -1)) {
        int is_whole;
        request.now = lua_tointegerx(L, -1, &is_whole);
        if (!is_whole || lua_type(L, -1) != LUA_TNUMBER) {
            return luaL_error(L, "countermark: now is in whole seconds");
        }
    }
    lua_getfield(L, given, "evidence");
    if (!lua_isnil(L, -1)) {
        request.evidence = evidence_of(L, lua_gettop(L), keep, &proof);
    }
    status = cmk_scratch_bytes(&self->verifier, request.token.len < self->token_bytes ? request.token.len : self->token_bytes, &bytes);
    if (status != CMK_OK) {
        return rejected(L, status, NULL);
    }
    bytes += CMK_SCRATCH_BYTES(proof);
    scratch = taken(L, keep, bytes, 1);
    if (is_opaque) {
        status = cmk_verify_opaque(&self->verifier, &request, scratch, bytes, &found, &report);
    } else {
        status = cmk_verify_once(&self->verifier, &request, self->replay, scratch, bytes, &claims, &report);
        if (status == CMK_OK) {
            (void)cmk_claims_json(&claims, &found);
        }
    }
    if (status != CMK_OK) {
        cmk_wipe(scratch, bytes);
        return rejected(L, status, &report);
    }
    if (!is_opaque) {
        lua_newtable(L);
        lua_pushboolean(L, (report.advice & CMK_ADVICE_REISSUE) != 0), lua_setfield(L, -2, "reissue");
        if (report.similarity >= 0) {
            lua_pushinteger(L, report.similarity), lua_setfield(L, -2, "similarity");
        }
    }
    lua_pushlstring(L, (const char *)found.ptr, found.len);
    cmk_wipe(scratch, bytes);
    if (!is_opaque) {
        lua_setfield(L, -2, "json");
    }
    return 1;
}

static int verify(lua_State *L) {
    return ask(L, 0);
}

static int verify_opaque(lua_State *L) {
    return ask(L, 1);
}

/* countermark.open_envelope(sets, envelope): the content of a JWE alone, of at most 8192 bytes. It says nothing about who made it, or when. */
static int open_envelope(lua_State *L) {
    cmk_bytes envelope, content;
    cmk_keys *sets;
    size_t count, at, bytes;
    uint8_t *scratch;
    int keep;
    int32_t status;
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TSTRING);
    lua_newtable(L), keep = lua_gettop(L);
    count = listed(L, 1, "key sets");
    sets = taken(L, keep, count, sizeof *sets);
    for (at = 0; at < count; at++) {
        lua_rawgeti(L, 1, (lua_Integer)at + 1);
        sets[at] = ((struct keys *)luaL_checkudata(L, -1, KEYS))->keys;
        anchor(L, keep);
    }
    envelope = argument(L, 2, keep, "an envelope");
    bytes = CMK_SCRATCH_BYTES(envelope.len);
    scratch = taken(L, keep, bytes, 1);
    status = cmk_envelope_open(sets, count, envelope, scratch, bytes, &content);
    if (status != CMK_OK) {
        cmk_wipe(scratch, bytes);
        return rejected(L, status, NULL);
    }
    lua_pushlstring(L, (const char *)content.ptr, content.len);
    cmk_wipe(scratch, bytes);
    return 1;
}

/* countermark.authorization(value): the token and the scheme of an Authorization field, which may be nil. */
static int authorization(lua_State *L) {
    cmk_credentials found;
    int32_t status;
    int keep;
    lua_settop(L, 1);
    lua_newtable(L), keep = lua_gettop(L);
    status = cmk_authorization(argument(L, 1, keep, "an Authorization field"), &found);
    if (status != CMK_OK) {
        return rejected(L, status, NULL);
    }
    lua_pushlstring(L, (const char *)found.token.ptr, found.token.len);
    lua_pushstring(L, found.scheme == CMK_DPOP ? "DPoP" : "Bearer");
    return 2;
}

/* countermark.must(value, why): the value, or an error that says why there is none; assert would throw the table, which HAProxy cannot print. */
static int must(lua_State *L) {
    if (!lua_toboolean(L, 1)) {
        return luaL_error(L, "%s", luaL_tolstring(L, 2, NULL));
    }
    lua_settop(L, 1);
    return 1;
}

/* ---- The module ---- */

static void kind(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction ending) {
    luaL_newmetatable(L, name);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    if (ending != NULL) {
        lua_pushcfunction(L, ending), lua_setfield(L, -2, "__gc");
    }
    lua_pushboolean(L, 0), lua_setfield(L, -2, "__metatable"); /* so that nobody calls __gc by hand */
    lua_pop(L, 1);
}

int luaopen_countermark(lua_State *L);
int luaopen_countermark(lua_State *L) {
    static const luaL_Reg OF_KEYS[] = {{"add_secret", add_secret}, {"add_pem", add_pem}, {"add_rotating", add_rotating}, {NULL, NULL}};
    static const luaL_Reg OF_VERIFIER[] = {{"verify", verify}, {"verify_opaque", verify_opaque}, {NULL, NULL}};
    static const luaL_Reg OF_REJECTED[] = {{"challenge", challenge}, {NULL, NULL}};
    static const luaL_Reg NONE[] = {{NULL, NULL}};
    static const luaL_Reg MODULE[] = {{"keys", keys}, {"jwks", jwks}, {"replay", replay}, {"verifier", verifier}, {"open_envelope", open_envelope},
                                      {"authorization", authorization}, {"must", must}, {NULL, NULL}};
    const struct name *name;
    if (cmk_abi() != CMK_ABI) {
        return luaL_error(L, "countermark: the library has another ABI than the header");
    }
    kind(L, KEYS, OF_KEYS, wiped);
    kind(L, VERIFIER, OF_VERIFIER, wiped);
    kind(L, REPLAY, NONE, NULL);
    kind(L, REJECTED, OF_REJECTED, NULL);
    luaL_getmetatable(L, REJECTED);
    lua_pushcfunction(L, rejected_text), lua_setfield(L, -2, "__tostring");
    luaL_newlib(L, MODULE);
    lua_newtable(L);
    for (name = ALGORITHMS; name->name != NULL; name++) {
        lua_pushinteger(L, name->number), lua_setfield(L, -2, name->name);
    }
    lua_setfield(L, -2, "algorithms");
    return 1;
}
