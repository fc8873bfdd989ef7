// Package countermark verifies JWTs and who presents them, over Countermark's C library.
//
//	keys, err := countermark.JWKS(jwks, "https://login.example")
//	verifier, err := countermark.NewVerifier(countermark.Policy{
//		Issuers: []string{"https://login.example"}, Audiences: []string{"https://api.example"},
//	}, nil, keys)
//	accepted, err := verifier.Verify(token, time.Now(), nil)
//
// Whatever comes back is a copy: nothing points into the library's memory. Keys and verifiers are shared by goroutines freely; their memory
// is outside of Go's heap, and is zeroed and freed by their finalizers. An error of the library is an *Error; wrong use of the package is not.
package countermark

/*
#cgo pkg-config: countermark
#include <countermark.h>
#include <stdlib.h>
*/
import "C"

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"
)

var (
	algorithms = numbered(map[int]string{1: "HS256 HS384 HS512 ES256 ES384 ES512 ES256K RS256 RS384 RS512 PS256 PS384 PS512 EdDSA ML-DSA-44 ML-DSA-65 ML-DSA-87", 14: "Ed25519"})
	components = numbered(map[int]string{
		1:  "ip.address ip.network ip.asn ip.country ip.organisation ip.isp",
		16: "ua.family ua.version ua.os ua.device ch.brands ch.platform ch.mobile accept-language upgrade-insecure-requests accept-encoding accept header.names privacy",
		32: "screen.size screen.depth timezone languages platform touch cpu.cores memory",
		48: "fonts plugins features", 64: "canvas audio webgl.vendor webgl.renderer webgl.parameters",
		80: "incognito battery network.type input.devices", 96: "tls.ja4 http2", 112: "cookie",
	})
	presets = numbered(map[int]string{1: "headers headers-strict browser uniform stalker stalker-strict device"})
	shapes  = map[string]int{"": C.CMK_SIGNED, "signed": C.CMK_SIGNED, "signed-then-encrypted": C.CMK_SIGNED_THEN_ENCRYPTED, "encrypted-then-signed": C.CMK_ENCRYPTED_THEN_SIGNED}
	schemes = map[string]int{"": C.CMK_BEARER, "Bearer": C.CMK_BEARER, "DPoP": C.CMK_DPOP}
	modes   = map[string]int{"": C.CMK_ROTATING_COMPAT, "compat": C.CMK_ROTATING_COMPAT, "derived": C.CMK_ROTATING_DERIVED}
	// The methods of proving possession of which one must be met; whatever a token's cnf names must be met besides.
	holders = map[string]int{"": 0, "none": 0, "certificate": C.CMK_METHOD_CERTIFICATE, "dpop": C.CMK_METHOD_PROOF, "channel": C.CMK_METHOD_BINDING,
		"any": C.CMK_METHOD_PROOF | C.CMK_METHOD_CERTIFICATE | C.CMK_METHOD_CHANNEL}
)

func numbered(rows map[int]string) map[string]int {
	numbers := map[string]int{}
	for first, names := range rows {
		for position, name := range strings.Fields(names) {
			numbers[name] = first + position
		}
	}
	return numbers
}

// known is the number of a name; a name that is none is the caller's slip. The error does not repeat it: swapped arguments make it a secret.
func known(numbers map[string]int, name, what string) (int, error) {
	if number, ok := numbers[name]; ok {
		return number, nil
	}
	return 0, errors.New("countermark: no such " + what)
}

// Error is a status of the library that is not OK.
type Error struct {
	Status                int
	Name, Sentence, Stage string
	// HTTP is the status of the answer: 400, 401, 403, 429, 503, or 500 for what is the host's own mistake.
	HTTP int
	// Failed has, of a verdict on a token, the name of every check that failed.
	Failed []string
	// Similarity is that of the fingerprint; -1 when none was scored.
	Similarity int
}

func (e *Error) Error() string { return "countermark: " + e.Name + ": " + e.Sentence }

// Challenge is the value of WWW-Authenticate; empty beside 500 and 503. Scheme: "Bearer" (or empty), "DPoP". Realm and scope may be empty.
func (e *Error) Challenge(scheme, realm, scope string) string {
	number, err := known(schemes, scheme, "scheme")
	if e.HTTP >= 500 || err != nil {
		return ""
	}
	memory := memory{}
	defer memory.free()
	buffer := memory.take(1024)
	var value C.cmk_bytes
	C.cmk_challenge(C.int32_t(number), memory.some(realm), memory.some(scope), C.int32_t(e.Status), buffer, 1024, &value)
	return C.GoStringN((*C.char)(unsafe.Pointer(value.ptr)), C.int(value.len))
}

func failure(status C.int32_t) *Error {
	return &Error{
		Status: int(status), HTTP: int(C.cmk_http_status(status)), Similarity: -1, Failed: []string{C.GoString(C.cmk_status_name(status))},
		Name: C.GoString(C.cmk_status_name(status)), Sentence: C.GoString(C.cmk_status_sentence(status)), Stage: C.GoString(C.cmk_stage_name(status)),
	}
}

func checked(status C.int32_t) error {
	if status != C.CMK_OK {
		return failure(status)
	}
	return nil
}

// unless is what was made, or nil beside the error.
func unless[T any](made *T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return made, nil
}

func rejected(status C.int32_t, report *C.cmk_report) *Error {
	found := failure(status)
	found.Similarity = int(report.similarity)
	var failed []string
	for after := C.cmk_failures_next(report.failures, 0); after != 0; after = C.cmk_failures_next(report.failures, after) {
		failed = append(failed, C.GoString(C.cmk_status_name(after)))
	}
	if failed != nil {
		found.Failed = failed
	}
	return found
}

// memory is C's, for what one object or one call gives to the library: it does not move, and may hold addresses.
type memory struct{ blocks []block }

type block struct {
	start unsafe.Pointer
	bytes C.size_t
}

func (m *memory) take(bytes int) unsafe.Pointer {
	one := block{C.calloc(1, C.size_t(bytes)+1), C.size_t(bytes)}
	if one.start == nil {
		panic("countermark: out of memory")
	}
	m.blocks = append(m.blocks, one)
	return one.start
}

// free zeroes it too: it held tokens, or keys.
func (m *memory) free() {
	for _, one := range m.blocks {
		C.cmk_wipe(one.start, one.bytes)
		C.free(one.start)
	}
	m.blocks = nil
}

// text is these bytes; an empty text is a text.
func (m *memory) text(text string) C.cmk_bytes { return m.bytes([]byte(text)) }

// some is these bytes, and none at all for an empty text.
func (m *memory) some(text string) C.cmk_bytes {
	if text == "" {
		return C.cmk_none()
	}
	return m.text(text)
}

// optional is none at all for nil.
func (m *memory) optional(text *string) C.cmk_bytes {
	if text == nil {
		return C.cmk_none()
	}
	return m.text(*text)
}

// bytes is none at all for nil.
func (m *memory) bytes(bytes []byte) C.cmk_bytes {
	if bytes == nil {
		return C.cmk_none()
	}
	start := m.take(len(bytes))
	copy(unsafe.Slice((*byte)(start), len(bytes)), bytes)
	return C.cmk_bytes_of(start, C.size_t(len(bytes)))
}

func (m *memory) texts(texts []string) (*C.cmk_bytes, C.size_t) {
	list := array[C.cmk_bytes](m, len(texts))
	for position, text := range texts {
		list[position] = m.text(text)
	}
	return first(list), C.size_t(len(texts))
}

func (m *memory) algorithms(names []string) (*C.int32_t, C.size_t, error) {
	list := array[C.int32_t](m, len(names))
	for position, name := range names {
		number, err := known(algorithms, name, "algorithm")
		if err != nil {
			return nil, 0, err
		}
		list[position] = C.int32_t(number)
	}
	return first(list), C.size_t(len(names)), nil
}

func array[T any](m *memory, count int) []T {
	var one T
	return unsafe.Slice((*T)(m.take(int(unsafe.Sizeof(one))*count)), count)
}

func first[T any](list []T) *T {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

func copied(found C.cmk_bytes) []byte { return C.GoBytes(unsafe.Pointer(found.ptr), C.int(found.len)) }

// Keys is a key set. Fill it before a verifier has it.
type Keys struct {
	memory memory
	keys   C.cmk_keys
	shared atomic.Bool
}

// NewKeys is an empty set with room for so many keys. With an issuer its keys verify tokens of that issuer only; "" is none.
func NewKeys(issuer string, capacity int) (*Keys, error) {
	if capacity < 0 || capacity > 10_000 {
		return nil, errors.New("countermark: capacity is a number of keys")
	}
	return newKeys(issuer, int(C.cmk_keys_head_bytes(C.size_t(len(issuer))))+capacity*C.CMK_KEY_BYTES_MAX)
}

func newKeys(issuer string, size int) (*Keys, error) {
	set := &Keys{}
	runtime.SetFinalizer(set, func(set *Keys) { set.memory.free() })
	size = (size + 7) / 8 * 8
	return unless(set, checked(C.cmk_keys_init(&set.keys, set.memory.take(size), C.size_t(size), set.memory.some(issuer))))
}

// JWKS is the usable keys of a JWK Set. A key without alg gets the only one of the algorithms that fits its type.
func JWKS(text []byte, issuer string, algorithms ...string) (*Keys, error) {
	memory := memory{}
	defer memory.free()
	algs, count, err := memory.algorithms(algorithms)
	if err != nil {
		return nil, err
	}
	var size C.size_t
	var loaded C.cmk_loaded
	json := memory.text(string(text))
	if err := checked(C.cmk_keys_size_for(json, algs, count, memory.some(issuer), &size)); err != nil {
		return nil, err
	}
	set, err := newKeys(issuer, int(size))
	if err != nil {
		return nil, err
	}
	return unless(set, checked(C.cmk_keys_add_jwks(&set.keys, json, algs, count, &loaded)))
}

func (k *Keys) add(algorithm string, call func(m *memory, alg C.int32_t) C.int32_t) error {
	number, err := known(algorithms, algorithm, "algorithm")
	if err != nil {
		return err
	}
	if k.shared.Load() {
		return errors.New("countermark: a verifier has these keys; make a new set and a new verifier")
	}
	memory := memory{}
	defer memory.free()
	return checked(call(&memory, C.int32_t(number)))
}

// AddSecret adds an HMAC secret. kid may be empty, here and below.
func (k *Keys) AddSecret(algorithm string, secret []byte, kid string) error {
	return k.add(algorithm, func(m *memory, alg C.int32_t) C.int32_t {
		return C.cmk_keys_add_secret(&k.keys, alg, m.some(kid), m.text(string(secret)))
	})
}

// AddPEM adds a block PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE.
func (k *Keys) AddPEM(algorithm string, text []byte, kid string) error {
	return k.add(algorithm, func(m *memory, alg C.int32_t) C.int32_t {
		return C.cmk_keys_add_pem(&k.keys, alg, m.some(kid), m.text(string(text)))
	})
}

// Rotating says how the secret of a user and a window of time is derived from a base. Zero: compat, userId, a day, no grace.
type Rotating struct {
	Mode, Claim   string
	Window, Grace uint32
}

// AddRotating adds a secret for each user and each window of time.
func (k *Keys) AddRotating(base []byte, rotating Rotating, kid string) error {
	mode, err := known(modes, rotating.Mode, "mode")
	if err != nil {
		return err
	}
	if rotating.Claim == "" {
		rotating.Claim = "userId"
	}
	return k.add("HS256", func(m *memory, _ C.int32_t) C.int32_t {
		rules := C.cmk_rotating_of(C.int32_t(mode), m.text(rotating.Claim))
		rules.window, rules.grace = C.uint32_t(rotating.Window), C.uint32_t(rotating.Grace)
		return C.cmk_keys_add_rotating(&k.keys, m.some(kid), m.text(string(base)), &rules)
	})
}

// Replay remembers proofs, so that each is accepted once.
type Replay struct {
	memory memory
	table  *C.cmk_replay
}

// NewReplay has room for so many proofs at a time: the rate of requests times 360 seconds.
func NewReplay(uses int) (*Replay, error) {
	if uses < 0 || uses > 10_000_000 {
		return nil, errors.New("countermark: a table is for up to ten million uses")
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	replay := &Replay{}
	runtime.SetFinalizer(replay, func(replay *Replay) { replay.memory.free() })
	size := int(C.cmk_replay_region_bytes(C.size_t(uses)))
	replay.table = &array[C.cmk_replay](&replay.memory, 1)[0]
	return unless(replay, checked(C.cmk_replay_init(replay.table, replay.memory.take(size), C.size_t(size), replay.memory.bytes(secret))))
}

// Policy is what a token must be. The zero policy asks for exp and allows no aud. Names: ../conformance/README.md.
type Policy struct {
	Algorithms, Issuers, Audiences []string
	AnyAudience                    bool
	AllowMissingExp                bool     // a token without exp, which may live for ever
	Subject, Typ                   *string  // nil: any. An empty one is asked for like any other
	Leeway, MaxAge, TokenBytes     uint32   // zero: none, none, 8192
	Require                        []string // claims that must be there, besides exp
	Shape                          string
	Digest                         *Digest
	Sketch                         *Sketch
	Holder                         string
	AllOf, AnyOf, NoneOf           map[string][]string // rights: paths with values
}

// Digest binds tokens to a fingerprint by the field's scheme. Claim: fp, unless it says otherwise.
type Digest struct{ Claim string }

// Sketch binds tokens to a fingerprint by similarity. Zero members are the preset's; the zero preset is browser, the zero claim cmk.
type Sketch struct {
	Claim, Preset                   string
	Pepper                          []byte
	Accept, StepUp, Coverage, Drift *uint16
	Weights                         map[string]uint32 // these replace the preset's, and its groups
	Optional, Required              []string          // only with weights
}

// Evidence is what is known of the client. Components: names with their values; of a set, one for each element.
type Evidence struct {
	Address            string
	Headers            [][2]string
	Components         map[string][]string
	Certificate        []byte   // in DER; nil: none
	Proofs             []string // the values of all DPoP fields
	Scheme             string   // what the token came under: Bearer (or empty, without a proof), DPoP
	Method, URI, Nonce string   // URI: absolute, as the client sees it
	Channel            []byte
	Binding            string
}

// Verifier is key sets and a policy, checked once.
type Verifier struct {
	memory     memory
	verifier   *C.cmk_verifier
	keys       []*Keys
	replay     *Replay
	tokenBytes int
}

// NewVerifier checks the policy. Replay may be nil where no proofs are asked for.
func NewVerifier(policy Policy, replay *Replay, keys ...*Keys) (*Verifier, error) {
	v := &Verifier{keys: keys, replay: replay, tokenBytes: int(policy.TokenBytes)}
	runtime.SetFinalizer(v, func(v *Verifier) { v.memory.free() })
	if v.tokenBytes == 0 {
		v.tokenBytes = 8192
	}
	shape, err := known(shapes, policy.Shape, "shape")
	if err != nil {
		return nil, err
	}
	holder, err := known(holders, policy.Holder, "holder")
	if err != nil {
		return nil, err
	}
	if holder&C.CMK_METHOD_PROOF != 0 && replay == nil {
		return nil, errors.New("countermark: proofs are accepted once only by a verifier with a Replay")
	}
	m := &v.memory
	c := C.cmk_policy_strict()
	if c.algs, c.alg_count, err = m.algorithms(policy.Algorithms); err != nil {
		return nil, err
	}
	c.issuers, c.issuer_count = m.texts(policy.Issuers)
	c.audiences, c.audience_count = m.texts(policy.Audiences)
	c.subject, c.typ, c.shape = m.optional(policy.Subject), m.optional(policy.Typ), C.int32_t(shape)
	c.leeway, c.max_age, c.token_bytes = C.uint32_t(policy.Leeway), C.uint32_t(policy.MaxAge), C.uint32_t(policy.TokenBytes)
	c.require, c.require_count = m.texts(policy.Require)
	flags := 0
	if policy.AllowMissingExp {
		flags |= C.CMK_ALLOW_MISSING_EXP
	}
	if policy.AnyAudience {
		flags |= C.CMK_ANY_AUDIENCE
	}
	c.flags = C.uint32_t(flags)
	c.rules, c.rule_count = v.rules(policy)
	if holder != 0 {
		if replay != nil { // Without a table a token that is bound to a proof's key is refused.
			c.dpop = &array[C.cmk_dpop](m, 1)[0]
			*c.dpop = C.cmk_dpop_rules()
		}
		c.certificate, c.channel, c.combination, c.methods = 1, m.text(C.CMK_CHANNEL_MEMBER), C.CMK_ANY_OF, C.uint32_t(holder)
		if holder&C.CMK_METHOD_BINDING != 0 {
			c.binding = C.CMK_BINDING_BASE64URL
		}
	}
	if policy.Digest != nil {
		c.digest = &array[C.cmk_recipe](m, 1)[0]
		*c.digest = C.cmk_recipe_compat(m.text(otherwise(policy.Digest.Claim, "fp")))
	}
	if policy.Sketch != nil {
		if c.sketch, err = v.sketch(*policy.Sketch); err != nil {
			return nil, err
		}
	}
	sets := array[C.cmk_keys](m, len(keys))
	for position, set := range keys {
		set.shared.Store(true)
		sets[position] = set.keys
	}
	v.verifier = &array[C.cmk_verifier](m, 1)[0]
	return unless(v, checked(C.cmk_verifier_init(v.verifier, first(sets), C.size_t(len(sets)), &c)))
}

func (v *Verifier) rules(policy Policy) (*C.cmk_rule, C.size_t) {
	rights := []map[string][]string{policy.AllOf, policy.AnyOf, policy.NoneOf}
	rules := array[C.cmk_rule](&v.memory, len(policy.AllOf)+len(policy.AnyOf)+len(policy.NoneOf))
	at := 0
	for test, paths := range rights {
		for _, path := range sorted(paths) {
			rules[at].path, rules[at].test = v.memory.text(path), C.int32_t(test+1)
			rules[at].values, rules[at].value_count = v.memory.texts(paths[path])
			at++
		}
	}
	return first(rules), C.size_t(len(rules))
}

func (v *Verifier) sketch(sketch Sketch) (*C.cmk_sketch, error) {
	m := &v.memory
	preset, err := known(presets, otherwise(sketch.Preset, "browser"), "preset")
	if err != nil {
		return nil, err
	}
	peppers := array[C.cmk_pepper](m, 1)
	peppers[0].secret = m.text(string(sketch.Pepper))
	rules := C.cmk_sketch_rules_of(C.int32_t(preset), m.text(otherwise(sketch.Claim, "cmk")), &peppers[0], 1)
	thresholds := map[*C.int32_t]*uint16{&rules.accept: sketch.Accept, &rules.step_up: sketch.StepUp, &rules.coverage: sketch.Coverage, &rules.drift: sketch.Drift}
	for threshold, wanted := range thresholds {
		if wanted != nil {
			*threshold = C.int32_t(*wanted)
		}
	}
	if sketch.Weights == nil && len(sketch.Optional)+len(sketch.Required) > 0 {
		return nil, errors.New("countermark: Optional and Required need Weights")
	}
	weights, roles := map[int]uint32{}, map[int]int{}
	for role, names := range [][]string{C.CMK_ROLE_OPTIONAL: sketch.Optional, C.CMK_ROLE_REQUIRED: sketch.Required} {
		for _, name := range names {
			number, err := component(name)
			if err != nil {
				return nil, err
			}
			if roles[number] = role; role == C.CMK_ROLE_REQUIRED {
				weights[number] = 0 // Without a weight it is compared all the same, and is in no sum.
			}
		}
	}
	for name, weight := range sketch.Weights {
		number, err := component(name)
		if err != nil {
			return nil, err
		}
		weights[number] = weight
	}
	numbers := make([]int, 0, len(weights))
	for number := range weights {
		numbers = append(numbers, number)
	}
	sort.Ints(numbers)
	list := array[C.cmk_weight](m, len(numbers))
	for position, number := range numbers {
		list[position] = C.cmk_weight{component: C.uint32_t(number), weight: C.uint32_t(weights[number]), role: C.int32_t(roles[number])}
	}
	rules.weights, rules.weight_count = first(list), C.size_t(len(list))
	made := &array[C.cmk_sketch](m, 1)[0]
	return made, checked(C.cmk_sketch_init(made, &rules))
}

// Accepted is what an accepted token says.
type Accepted struct {
	JSON       []byte // the claims, as they stand in the token
	Similarity int    // -1: no fingerprint was scored
	Reissue    bool   // something changed: issue a new sketch
}

// Claims decodes the claims into a value.
func (a *Accepted) Claims(into any) error { return json.Unmarshal(a.JSON, into) }

// Verify says what the token says, or gives an *Error. The zero time is no time. Evidence may be nil.
func (v *Verifier) Verify(token string, now time.Time, evidence *Evidence) (accepted *Accepted, err error) {
	if now.IsZero() {
		return nil, errors.New("countermark: now is the zero time")
	}
	err = v.ask(token, now, evidence, func(request *C.cmk_request, scratch unsafe.Pointer, bytes C.size_t) error {
		var claims C.cmk_claims
		var report C.cmk_report
		var replay *C.cmk_replay
		if v.replay != nil {
			replay = v.replay.table
		}
		if status := C.cmk_verify_once(v.verifier, request, replay, scratch, bytes, &claims, &report); status != C.CMK_OK {
			return rejected(status, &report)
		}
		var text C.cmk_bytes
		if err := checked(C.cmk_claims_json(&claims, &text)); err != nil {
			return err
		}
		accepted = &Accepted{copied(text), int(report.similarity), report.advice&C.CMK_ADVICE_REISSUE != 0}
		return nil
	})
	return accepted, err
}

// VerifyOpaque is the payload of a JWS that is no claims set. It says nothing of time, issuer, audience or holder. Never for a JWT.
func (v *Verifier) VerifyOpaque(token string) (payload []byte, err error) {
	err = v.ask(token, time.Unix(0, 0), nil, func(request *C.cmk_request, scratch unsafe.Pointer, bytes C.size_t) error {
		var found C.cmk_bytes
		var report C.cmk_report
		if status := C.cmk_verify_opaque(v.verifier, request, scratch, bytes, &found, &report); status != C.CMK_OK {
			return rejected(status, &report)
		}
		payload = copied(found)
		return nil
	})
	return payload, err
}

func (v *Verifier) ask(token string, now time.Time, evidence *Evidence, judge func(*C.cmk_request, unsafe.Pointer, C.size_t) error) error {
	// Neither finalizer may run while the library reads what they free.
	defer runtime.KeepAlive(v)
	memory := memory{}
	defer memory.free()
	request := C.cmk_request_at(memory.text(token), C.int64_t(now.Unix()))
	proof := 0
	if evidence != nil {
		given, err := evidence.put(&memory)
		if err != nil {
			return err
		}
		request.evidence = given
		for _, one := range evidence.Proofs {
			proof = max(proof, min(len(one), 8192))
		}
	}
	var bytes C.size_t
	if err := checked(C.cmk_scratch_bytes(v.verifier, C.size_t(min(len(token), v.tokenBytes)), &bytes)); err != nil {
		return err
	}
	bytes += C.size_t(proof + proof/16 + 8)
	return judge(&request, memory.take(int(bytes)), bytes)
}

func (e *Evidence) put(m *memory) (*C.cmk_evidence, error) {
	if len(e.Proofs) > 0 && e.Scheme == "" {
		return nil, errors.New("countermark: beside a proof the evidence says Scheme: what the token came under")
	}
	scheme, err := known(schemes, e.Scheme, "scheme")
	if err != nil {
		return nil, err
	}
	headers := array[C.cmk_header](m, len(e.Headers))
	for position, header := range e.Headers {
		headers[position] = C.cmk_header{name: m.text(header[0]), value: m.text(header[1])}
	}
	c := &array[C.cmk_evidence](m, 1)[0]
	*c = C.cmk_evidence_of(first(headers), C.size_t(len(headers)))
	c.address, c.certificate, c.channel, c.binding = m.text(e.Address), m.bytes(e.Certificate), m.text(string(e.Channel)), m.text(e.Binding)
	c.method, c.uri, c.nonce, c.scheme = m.text(e.Method), m.text(e.URI), m.some(e.Nonce), C.int32_t(scheme)
	c.proofs, c.proof_count = m.texts(e.Proofs)
	lookedUp := map[string]*C.cmk_bytes{"ip.asn": &c.asn, "ip.country": &c.country, "ip.organisation": &c.organisation, "ip.isp": &c.isp}
	var supplied []C.cmk_component
	for _, name := range sorted(e.Components) {
		number, err := component(name)
		if err != nil {
			return nil, err
		}
		values := e.Components[name]
		if len(values) == 0 {
			values = []string{""} // The empty set is the set of one empty element.
		}
		if place := lookedUp[name]; place != nil {
			*place = m.text(values[0])
			continue
		}
		for _, value := range values {
			supplied = append(supplied, C.cmk_component{number: C.uint32_t(number), value: m.text(value)})
		}
	}
	list := array[C.cmk_component](m, len(supplied))
	copy(list, supplied)
	c.components, c.component_count = first(list), C.size_t(len(list))
	return c, nil
}

// OpenEnvelope is the content of a JWE alone, of at most 8192 bytes. It says nothing about who made it, or when.
func OpenEnvelope(envelope string, keys ...*Keys) ([]byte, error) {
	defer runtime.KeepAlive(keys)
	memory := memory{}
	defer memory.free()
	sets := array[C.cmk_keys](&memory, len(keys))
	for position, set := range keys {
		sets[position] = set.keys
	}
	size := len(envelope) + len(envelope)/16 + 8
	var content C.cmk_bytes
	err := checked(C.cmk_envelope_open(first(sets), C.size_t(len(sets)), memory.text(envelope), memory.take(size), C.size_t(size), &content))
	return copied(content), err
}

// Authorization is the token and the scheme of a request's Authorization field; "" or nothing for none. More than one is refused: whoever
// is in front may have looked at the other (RFC 6750 2).
func Authorization(values ...string) (token, scheme string, err error) {
	if len(values) > 1 {
		return "", "", failure(C.CMK_CREDENTIALS_REPEATED)
	}
	value := strings.Join(values, "")
	memory := memory{}
	defer memory.free()
	var found C.cmk_credentials
	if err := checked(C.cmk_authorization(memory.some(value), &found)); err != nil {
		return "", "", err
	}
	return string(copied(found.token)), map[C.int32_t]string{C.CMK_BEARER: "Bearer", C.CMK_DPOP: "DPoP"}[found.scheme], nil
}

// component is the number of a component; one of the host's own is called by its number.
func component(name string) (int, error) {
	if number, err := strconv.ParseUint(name, 10, 8); err == nil && number >= 128 {
		return int(number), nil
	}
	if number, ok := components[name]; ok {
		return number, nil
	}
	return 0, fmt.Errorf("countermark: no component %q", name)
}

func sorted(paths map[string][]string) []string {
	names := make([]string, 0, len(paths))
	for name := range paths {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func otherwise(text, usual string) string {
	if text == "" {
		return usual
	}
	return text
}

func max(left, right int) int {
	if left > right {
		return left
	}
	return right
}

func min(left, right int) int { return left + right - max(left, right) }
