// Cases judges conformance cases through the binding: JSON lines in, JSON lines out, as `cargo run --example conformance` does.
//
// A case that the binding cannot say is answered `skipped: WHY`. Lines are read as Go reads JSON: what is no case is not judged here.
package main

import (
	"bufio"
	"countermark"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

type line struct {
	ID       string
	Token    string
	Now      int64
	Keys     json.RawMessage
	Rotating *struct {
		Base, Mode string
		Claim      *string
		Window     *uint32
		Grace      uint32
	}
	Policy   policy
	Evidence evidence
}

type policy struct {
	Algorithms, Issuers, Audiences []string
	AnyAudience                    bool `json:"any_audience"`
	Subject, Typ                   *string
	Leeway                         uint32
	Require                        []string
	MaxAge                         *uint32 `json:"max_age"`
	MaxTokenBytes                  *uint32 `json:"max_token_bytes"`
	Shape, Payload, Holder         string
	Fingerprint                    *struct {
		Form, Claim, Preset, Pepper string
		Accept, Coverage, Drift     *uint16
		StepUp                      *uint16 `json:"step_up"`
		Weights                     map[string]uint32
		Optional, Required          []string
	}
	Rights struct {
		AllOf  map[string][]string `json:"all_of"`
		AnyOf  map[string][]string `json:"any_of"`
		NoneOf map[string][]string `json:"none_of"`
	}
}

type evidence struct {
	Address                             string
	Headers                             [][2]string
	Components                          map[string]json.RawMessage
	Certificate, Dpop, Channel          *string
	Scheme, Method, URI, Nonce, Binding string
}

// skipped is why the binding cannot say a case.
type skipped string

func (s skipped) Error() string { return string(s) }

// verdict is a status that is the case program's own.
type verdict struct {
	code int
	name string
}

func (v verdict) Error() string { return v.name }

var (
	notSupported   = verdict{901, "NOT_SUPPORTED"}
	policyConflict = verdict{910, "POLICY_CONFLICT"}
	// Registered for JWS, and in no build of the library.
	unknownAlgorithms = map[string]bool{"none": true, "Ed448": true, "ML-DSA-44": true, "ML-DSA-65": true, "ML-DSA-87": true}
)

func decoded(text *string) []byte {
	if text == nil {
		return nil
	}
	bytes, err := base64.RawURLEncoding.DecodeString(*text)
	if err != nil {
		panic(err)
	}
	return append([]byte{}, bytes...)
}

// settings is the policy in the binding's words.
func settings(p policy) (countermark.Policy, error) {
	s := countermark.Policy{Algorithms: p.Algorithms, Issuers: p.Issuers, Audiences: p.Audiences, AnyAudience: p.AnyAudience, Subject: p.Subject, Typ: p.Typ, Leeway: p.Leeway,
		Holder: p.Holder, AllOf: p.Rights.AllOf, AnyOf: p.Rights.AnyOf, NoneOf: p.Rights.NoneOf}
	// Of a case it is the whole list; the binding asks for exp by itself.
	s.AllowMissingExp = p.Require != nil
	for _, name := range p.Require {
		if name == "exp" {
			s.AllowMissingExp = false
		} else {
			s.Require = append(s.Require, name)
		}
	}
	for _, name := range p.Algorithms {
		if unknownAlgorithms[name] {
			return s, notSupported
		}
	}
	for name, given := range map[string]*uint32{"max_token_bytes": p.MaxTokenBytes, "max_age": p.MaxAge} {
		if given != nil && *given == 0 {
			return s, skipped(name + " 0 is the default in C")
		}
	}
	if p.MaxTokenBytes != nil && p.Shape == "encrypted" {
		return s, skipped("max_token_bytes of an envelope alone is 8192 in C")
	}
	if p.MaxTokenBytes != nil {
		s.TokenBytes = *p.MaxTokenBytes
	}
	if p.MaxAge != nil {
		s.MaxAge = *p.MaxAge
	}
	if p.Shape != "encrypted" {
		s.Shape = p.Shape
	}
	if f := p.Fingerprint; f != nil && f.Form == "digest" {
		s.Digest = &countermark.Digest{Claim: f.Claim}
	} else if f != nil {
		if f.Weights == nil && len(f.Optional)+len(f.Required) > 0 {
			return s, skipped("optional and required of a sketch need weights in C")
		}
		if f.Weights != nil && len(f.Weights) == 0 {
			return s, skipped("a sketch without any weight has the preset's in C")
		}
		s.Sketch = &countermark.Sketch{Claim: f.Claim, Preset: f.Preset, Pepper: decoded(&f.Pepper), Accept: f.Accept, StepUp: f.StepUp, Coverage: f.Coverage,
			Drift: f.Drift, Weights: f.Weights, Optional: f.Optional, Required: f.Required}
	}
	return s, nil
}

func keysOf(l line) ([]*countermark.Keys, error) {
	if l.Rotating != nil {
		rotating := countermark.Rotating{Mode: l.Rotating.Mode, Grace: l.Rotating.Grace}
		if l.Rotating.Window != nil {
			if rotating.Window = *l.Rotating.Window; rotating.Window == 0 {
				return nil, skipped("rotating: window 0 is the default in C")
			}
		}
		if l.Rotating.Claim != nil {
			if rotating.Claim = *l.Rotating.Claim; rotating.Claim == "" {
				return nil, skipped("rotating: an empty claim is the default in Go")
			}
		}
		keys, err := countermark.NewKeys("", 1)
		if err == nil {
			err = keys.AddRotating([]byte(l.Rotating.Base), rotating, "")
		}
		return []*countermark.Keys{keys}, err
	}
	sets := []json.RawMessage{l.Keys}
	if l.Keys[0] == '[' {
		sets = nil
		if err := json.Unmarshal(l.Keys, &sets); err != nil {
			panic(err)
		}
	}
	var keys []*countermark.Keys
	for _, text := range sets {
		var belonging struct{ Issuer string }
		if err := json.Unmarshal(text, &belonging); err != nil {
			panic(err)
		}
		set, err := countermark.JWKS(text, belonging.Issuer, l.Policy.Algorithms...)
		if err != nil {
			return nil, err
		}
		keys = append(keys, set)
	}
	return keys, nil
}

func evidenceOf(e evidence) *countermark.Evidence {
	shown := &countermark.Evidence{Address: e.Address, Headers: e.Headers, Certificate: decoded(e.Certificate), Scheme: e.Scheme, Method: e.Method, URI: e.URI,
		Nonce: e.Nonce, Channel: decoded(e.Channel), Binding: e.Binding, Components: map[string][]string{}}
	if shown.Scheme == "" {
		shown.Scheme = "DPoP" // of a case the usual one
	}
	if e.Dpop != nil {
		shown.Proofs = []string{*e.Dpop}
	}
	for name, raw := range e.Components {
		var values []string
		var one string
		if json.Unmarshal(raw, &values) != nil {
			if json.Unmarshal(raw, &one) != nil {
				one = string(raw) // an integer or a boolean
			}
			values = []string{one}
		}
		shown.Components[name] = values
	}
	return shown
}

func judge(l line, replay *countermark.Replay) (string, error) {
	wanted, err := settings(l.Policy)
	if err != nil {
		return "", err
	}
	keys, err := keysOf(l)
	if err != nil {
		return "", err
	}
	verifier, err := countermark.NewVerifier(wanted, replay, keys...)
	if err != nil {
		return "", err
	}
	p, opaque := l.Policy, l.Policy.Payload == "opaque"
	var payload []byte
	switch {
	case p.Shape == "encrypted":
		// An envelope alone authenticates nobody: nothing that claims could answer may be asked of it.
		if !opaque || len(p.Issuers)+len(p.Audiences)+len(p.Require) > 0 || p.Subject != nil || p.MaxAge != nil || p.Fingerprint != nil {
			return "", policyConflict
		}
		payload, err = countermark.OpenEnvelope(l.Token, keys...)
	case opaque:
		payload, err = verifier.VerifyOpaque(l.Token)
	default:
		accepted, err := verifier.Verify(l.Token, time.Unix(l.Now, 0), evidenceOf(l.Evidence))
		if err != nil {
			return "", err
		}
		similarity := ""
		if accepted.Similarity >= 0 {
			similarity = fmt.Sprintf(`,"similarity":%d`, accepted.Similarity)
		}
		return `"status":"OK","code":0,"claims":` + onOneLine(string(accepted.JSON)) + similarity, nil
	}
	return `"status":"OK","code":0,"payload":"` + base64.RawURLEncoding.EncodeToString(payload) + `"`, err
}

// onOneLine leaves out the white space between JSON's tokens: parsing it would round numbers.
func onOneLine(text string) string {
	var kept strings.Builder
	inString, escaped := false, false
	for _, char := range []byte(text) {
		if inString || !strings.ContainsRune(" \t\r\n", rune(char)) {
			kept.WriteByte(char)
		}
		if char == '"' && !escaped {
			inString = !inString
		}
		escaped = inString && char == '\\' && !escaped
	}
	return kept.String()
}

// quoted is a JSON string as short as can be: Go's own escapes more.
func quoted(text string) string {
	short := map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}
	var out strings.Builder
	for _, char := range text {
		switch {
		case short[char] != "":
			out.WriteString(short[char])
		case char < ' ':
			fmt.Fprintf(&out, `\u%04x`, char)
		default:
			out.WriteRune(char)
		}
	}
	return `"` + out.String() + `"`
}

func answer(text []byte, replay *countermark.Replay) string {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		panic(err)
	}
	said, err := judge(l, replay)
	var why skipped
	var own verdict
	var failure *countermark.Error
	switch {
	case err == nil:
	case errors.As(err, &why):
		return "skipped: " + string(why)
	case errors.As(err, &own):
		said = fmt.Sprintf(`"status":"%s","code":%d,"stage":"caller","failed":["%s"]`, own.name, own.code, own.name)
	case errors.As(err, &failure):
		said = fmt.Sprintf(`"status":"%s","code":%d,"stage":"%s","failed":["%s"]`, failure.Name, failure.Status, failure.Stage, strings.Join(failure.Failed, `","`))
		if failure.Similarity >= 0 {
			said += fmt.Sprintf(`,"similarity":%d`, failure.Similarity)
		}
	default:
		panic(err)
	}
	return `{"id":` + quoted(l.ID) + "," + said + "}"
}

func main() {
	replay, err := countermark.NewReplay(10_000)
	if err != nil {
		panic(err)
	}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<20)
	for input.Scan() {
		fmt.Println(answer(input.Bytes(), replay))
	}
	if input.Err() != nil {
		panic(input.Err())
	}
}
