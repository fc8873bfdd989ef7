/* Lua's tables as C reads them, for countermark.c alone: names, texts, numbers, lists. What is wrong is a Lua error.
 *
 * What the library has addresses of is anchored in a table, `keep`, which is named by its place on the stack. */
#ifndef TABLES_H
#define TABLES_H

#include <countermark.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

/* Names with numbers, and -1 behind the last. */
struct name {
    const char *name;
    int number;
};

static const struct name ALGORITHMS[] = {
    {"HS256", CMK_HS256}, {"HS384", CMK_HS384}, {"HS512", CMK_HS512}, {"ES256", CMK_ES256}, {"ES384", CMK_ES384}, {"ES512", CMK_ES512},
    {"ES256K", CMK_ES256K}, {"RS256", CMK_RS256}, {"RS384", CMK_RS384}, {"RS512", CMK_RS512}, {"PS256", CMK_PS256}, {"PS384", CMK_PS384},
    {"PS512", CMK_PS512}, {"EdDSA", CMK_EDDSA}, {"Ed25519", CMK_EDDSA}, {"ML-DSA-44", CMK_ML_DSA_44}, {"ML-DSA-65", CMK_ML_DSA_65},
    {"ML-DSA-87", CMK_ML_DSA_87}, {NULL, -1}};
static const struct name COMPONENTS[] = {
    {"ip.address", 1}, {"ip.network", 2}, {"ip.asn", 3}, {"ip.country", 4}, {"ip.organisation", 5}, {"ip.isp", 6}, {"ua.family", 16},
    {"ua.version", 17}, {"ua.os", 18}, {"ua.device", 19}, {"ch.brands", 20}, {"ch.platform", 21}, {"ch.mobile", 22}, {"accept-language", 23},
    {"upgrade-insecure-requests", 24}, {"accept-encoding", 25}, {"accept", 26}, {"header.names", 27}, {"privacy", 28}, {"screen.size", 32},
    {"screen.depth", 33}, {"timezone", 34}, {"languages", 35}, {"platform", 36}, {"touch", 37}, {"cpu.cores", 38}, {"memory", 39},
    {"fonts", 48}, {"plugins", 49}, {"features", 50}, {"canvas", 64}, {"audio", 65}, {"webgl.vendor", 66}, {"webgl.renderer", 67},
    {"webgl.parameters", 68}, {"incognito", 80}, {"battery", 81}, {"network.type", 82}, {"input.devices", 83}, {"tls.ja4", 96}, {"http2", 97},
    {"cookie", 112}, {NULL, -1}};
static const struct name PRESETS[] = {{"headers", 1}, {"headers-strict", 2}, {"browser", 3}, {"uniform", 4}, {"stalker", 5}, {"stalker-strict", 6},
                                      {"device", 7}, {NULL, -1}};
static const struct name SHAPES[] = {{"signed", CMK_SIGNED}, {"signed-then-encrypted", CMK_SIGNED_THEN_ENCRYPTED},
                                     {"encrypted-then-signed", CMK_ENCRYPTED_THEN_SIGNED}, {NULL, -1}};
static const struct name SCHEMES[] = {{"Bearer", CMK_BEARER}, {"DPoP", CMK_DPOP}, {NULL, -1}};
static const struct name MODES[] = {{"compat", CMK_ROTATING_COMPAT}, {"derived", CMK_ROTATING_DERIVED}, {NULL, -1}};
/* The methods of proving possession of which one must be met; whatever a token's cnf names must be met besides. */
static const struct name HOLDERS[] = {{"none", 0}, {"certificate", CMK_METHOD_CERTIFICATE}, {"dpop", CMK_METHOD_PROOF}, {"channel", CMK_METHOD_BINDING},
                                      {"any", CMK_METHOD_PROOF | CMK_METHOD_CERTIFICATE | CMK_METHOD_CHANNEL}, {NULL, -1}};

static int number_of(const struct name *names, const char *name) {
    while (names->name != NULL && (name == NULL || strcmp(names->name, name) != 0)) {
        names++;
    }
    return names->number;
}

/* The number of the name in this member; usual: of one that is absent. */
static int named(lua_State *L, int table, const char *member, const struct name *names, const char *usual) {
    int number;
    lua_getfield(L, table, member);
    number = number_of(names, lua_isnil(L, -1) ? usual : lua_tostring(L, -1));
    if (number < 0) {
        luaL_error(L, "countermark: no such %s", member); /* not its name: a slip of the pen may make that a secret */
    }
    lua_pop(L, 1);
    return number;
}

static void is_table(lua_State *L, int index, const char *what) {
    if (!lua_istable(L, index)) {
        luaL_error(L, "countermark: %s is a table", what);
    }
}

/* Refuses members that are none of these, which stand with spaces around each. */
static void only(lua_State *L, int table, const char *names, const char *what) {
    is_table(L, table, what);
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        /* One name: neither two with a space between them, nor one with something behind a NUL. */
        int is_one = strchr(name, ' ') == NULL && lua_type(L, -2) == LUA_TSTRING && strlen(name) == lua_rawlen(L, -2);
        const char *member = lua_pushfstring(L, " %s ", name);
        if (!is_one || strstr(names, member) == NULL) {
            luaL_error(L, "countermark: %s has no%s", what, member);
        }
        lua_pop(L, 1);
    }
}

/* An options table, or an empty one in its place. */
static int options(lua_State *L, int index, const char *names, const char *what) {
    if (lua_isnoneornil(L, index)) {
        lua_settop(L, index - 1);
        lua_newtable(L);
    }
    only(L, index, names, what);
    return index;
}

/* What is on top goes into keep. */
static void anchor(lua_State *L, int keep) {
    lua_rawseti(L, keep, (lua_Integer)lua_rawlen(L, keep) + 1);
}

/* Zeroed memory that lives as long as keep; NULL for none. */
static void *taken(lua_State *L, int keep, size_t count, size_t size) {
    void *memory;
    if (count == 0) {
        return NULL;
    }
    memory = lua_newuserdata(L, count * size);
    memset(memory, 0, count * size);
    anchor(L, keep);
    return memory;
}

/* The text on top, which is taken away. nil: no bytes at all; an empty text is a text. */
static cmk_bytes text(lua_State *L, int keep, const char *what) {
    cmk_bytes bytes = cmk_none();
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return bytes;
    }
    if (lua_type(L, -1) != LUA_TSTRING) {
        luaL_error(L, "countermark: %s is a text", what);
    }
    bytes.ptr = (const uint8_t *)lua_tolstring(L, -1, &bytes.len);
    anchor(L, keep);
    return bytes;
}

static cmk_bytes member(lua_State *L, int table, const char *name, int keep, const char *usual) {
    lua_getfield(L, table, name);
    if (lua_isnil(L, -1) && usual != NULL) {
        lua_pop(L, 1);
        lua_pushstring(L, usual);
    }
    return text(L, keep, name);
}

static cmk_bytes argument(lua_State *L, int index, int keep, const char *what) {
    lua_pushvalue(L, index);
    return text(L, keep, what);
}

/* The length of the list at this place, from 1 on: a set counts as empty, and a list with a hole as far as the hole, so that a policy would
 * ask less. */
static size_t listed(lua_State *L, int table, const char *what) {
    size_t count = 0;
    int is_list = lua_istable(L, table);
    table = lua_absindex(L, table);
    for (lua_pushnil(L); is_list && lua_next(L, table) != 0; lua_pop(L, 2)) {
        is_list = lua_rawgeti(L, table, (lua_Integer)++count) != LUA_TNIL;
    }
    if (!is_list) {
        luaL_error(L, "countermark: %s is a list, without a hole", what);
    }
    return count;
}

/* The list on top, which is taken away. */
static const cmk_bytes *texts(lua_State *L, int keep, const char *what, size_t *count) {
    size_t at;
    cmk_bytes *list;
    int table = lua_gettop(L);
    *count = 0;
    if (lua_isnil(L, table)) {
        lua_pop(L, 1);
        return NULL;
    }
    *count = listed(L, table, what);
    list = taken(L, keep, *count, sizeof *list);
    for (at = 0; at < *count; at++) {
        lua_rawgeti(L, table, (lua_Integer)at + 1);
        list[at] = text(L, keep, what);
    }
    lua_pop(L, 1);
    return list;
}

static const cmk_bytes *members(lua_State *L, int table, const char *name, int keep, size_t *count) {
    lua_getfield(L, table, name);
    return texts(L, keep, name, count);
}

static const int32_t *algorithms(lua_State *L, int table, int keep, size_t *count) {
    size_t at;
    const cmk_bytes *names = members(L, table, "algorithms", keep, count);
    int32_t *list = taken(L, keep, *count, sizeof *list);
    for (at = 0; at < *count; at++) {
        list[at] = number_of(ALGORITHMS, (const char *)names[at].ptr);
        if (list[at] < 0) {
            luaL_error(L, "countermark: no such algorithm");
        }
    }
    return list;
}

/* The value on top, which is taken away: a number that C does not wrap. */
static uint32_t whole(lua_State *L, uint32_t usual, const char *what) {
    int is_whole = 1;
    lua_Integer value = lua_isnil(L, -1) ? (lua_Integer)usual : lua_tointegerx(L, -1, &is_whole);
    if (!is_whole || lua_type(L, -1) == LUA_TSTRING || value < 0 || value > (lua_Integer)UINT32_MAX) {
        luaL_error(L, "countermark: %s is a whole number of 32 bits", what);
    }
    lua_pop(L, 1);
    return (uint32_t)value;
}

static uint32_t whole_member(lua_State *L, int table, const char *name, uint32_t usual) {
    lua_getfield(L, table, name);
    return whole(L, usual, name);
}

static int is_given(lua_State *L, int table, const char *name) {
    int found = lua_getfield(L, table, name) != LUA_TNIL;
    lua_pop(L, 1);
    return found;
}

/* A leniency is asked for by true alone: the text "false" and 0 would be true. */
static int flag(lua_State *L, int table, const char *name) {
    int truth, type = lua_getfield(L, table, name);
    if (type != LUA_TNIL && type != LUA_TBOOLEAN) {
        luaL_error(L, "countermark: %s is true or false", name);
    }
    truth = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return truth;
}

/* The number of a component; one of the host's own is called by its number. */
static uint32_t component(lua_State *L, const char *name) {
    int number = number_of(COMPONENTS, name);
    if (number < 0 && strlen(name) == 3 && strspn(name, "0123456789") == 3) {
        number = atoi(name) >= 128 && atoi(name) <= 255 ? atoi(name) : -1;
    }
    if (number < 0) {
        luaL_error(L, "countermark: no component %s", name);
    }
    return (uint32_t)number;
}

/* The names of the table on top in order, in a list that takes its place; how many. */
static size_t sorted(lua_State *L) {
    size_t count = 0;
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, -3) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            luaL_error(L, "countermark: a table of names");
        }
        lua_pushvalue(L, -2);
        lua_rawseti(L, -4, (lua_Integer)++count);
    }
    lua_getglobal(L, "table");
    lua_getfield(L, -1, "sort");
    lua_pushvalue(L, -3);
    lua_call(L, 1, 0);
    lua_pop(L, 1);
    lua_replace(L, -2);
    return count;
}

#endif
