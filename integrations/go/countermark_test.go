package countermark

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

const secret = "a secret of at least thirty-two bytes"

// The token of the README's quick start.
const token = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIiwiZXhwIjoyMDAwMDAwMDAwLCJzdWIiOiJhbGljZSJ9.Bhz3uM33ZOz3QDEpKfO3zC2rsGIyDtlLHMSoBaUBS6Y"

// The same without exp.
const eternal = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIiwic3ViIjoiYWxpY2UifQ.qCYTA9j6rf5ljhLU8yZpsO_i6iH0StFjKopLtGgh28Y"

var now, late = time.Unix(1_900_000_000, 0), time.Unix(2_000_000_000, 0)

func verifierOf(change func(*Policy)) (*Verifier, error) {
	keys, err := NewKeys("", 1)
	if err != nil {
		return nil, err
	}
	if err := keys.AddSecret("HS256", []byte(secret), ""); err != nil {
		return nil, err
	}
	policy := Policy{Audiences: []string{"https://api.example"}}
	if change != nil {
		change(&policy)
	}
	return NewVerifier(policy, nil, keys)
}

func made(t *testing.T, change func(*Policy)) *Verifier {
	t.Helper()
	verifier, err := verifierOf(change)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func subject(t *testing.T, verifier *Verifier) string {
	t.Helper()
	accepted, err := verifier.Verify(token, now, nil)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct{ Sub string }
	if err := accepted.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	return claims.Sub
}

// wants fails unless the error is the library's, of this name; "": an error of the package's own.
func wants(t *testing.T, err error, name string) *Error {
	t.Helper()
	var found *Error
	if is := errors.As(err, &found); err == nil || is != (name != "") || is && found.Name != name {
		t.Fatalf("wanted %q, got %v", name, err)
	}
	return found
}

func TestTheQuickStartsToken(t *testing.T) {
	if subject(t, made(t, nil)) != "alice" {
		t.Fatal("not alice")
	}
}

func TestClaimsAreACopy(t *testing.T) {
	accepted, err := made(t, nil).Verify(token, now, nil)
	for turn := 0; turn < 20; turn++ {
		subject(t, made(t, nil))
		runtime.GC()
	}
	if err != nil || !strings.Contains(string(accepted.JSON), `"sub":"alice"`) {
		t.Fatal(err, string(accepted.JSON))
	}
}

func TestKeysAndTextsLiveAsLongAsTheVerifier(t *testing.T) {
	alice := strings.Join([]string{"al", "ice"}, "")
	verifier := made(t, func(p *Policy) { p.Subject, p.AnyOf = &alice, map[string][]string{"sub": {alice, "bob"}} })
	for turn := 0; turn < 50; turn++ {
		made(t, nil)
		runtime.GC()
	}
	if subject(t, verifier) != "alice" {
		t.Fatal("not alice")
	}
}

func TestGoroutinesShareAVerifier(t *testing.T) {
	verifier := made(t, nil)
	var group sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for turn := 0; turn < 300; turn++ {
				if _, err := verifier.Verify(token, now, nil); err != nil {
					t.Error(err)
				}
				if _, err := verifier.Verify(token, late, nil); err == nil {
					t.Error("accepted after exp")
				}
			}
		}()
	}
	group.Wait()
}

func TestARejectionNamesEveryFailedCheck(t *testing.T) {
	bob := "bob"
	_, err := made(t, func(p *Policy) { p.Subject = &bob }).Verify(token, late, nil)
	found := wants(t, err, "SUBJECT")
	if strings.Join(found.Failed, " ") != "SUBJECT EXPIRED" || found.Stage != "policy" || found.HTTP != 401 {
		t.Fatal(found)
	}
	if !strings.Contains(found.Challenge("Bearer", "api", ""), `error="invalid_token"`) {
		t.Fatal(found.Challenge("Bearer", "api", ""))
	}
}

func TestTheAuthorizationField(t *testing.T) {
	if text, scheme, err := Authorization("Bearer abc.def.ghi"); text != "abc.def.ghi" || scheme != "Bearer" || err != nil {
		t.Fatal(text, scheme, err)
	}
	_, _, err := Authorization("")
	wants(t, err, "CREDENTIALS_MISSING")
	_, _, err = Authorization("Bearer a b")
	wants(t, err, "CREDENTIALS_MALFORMED")
	_, _, err = Authorization()
	wants(t, err, "CREDENTIALS_MISSING")
	_, _, err = Authorization("Bearer abc.def.ghi", "Bearer a.b.c")
	if wants(t, err, "CREDENTIALS_REPEATED").HTTP != 400 {
		t.Fatal(err)
	}
}

func TestTokensThatAreNone(t *testing.T) {
	verifier := made(t, nil)
	for text, name := range map[string]string{"": "TOKEN_EMPTY", strings.Repeat("a", 70_000): "TOKEN_TOO_LARGE", token + "\x00": "SIGNATURE"} {
		_, err := verifier.Verify(text, now, nil)
		wants(t, err, name)
	}
	_, err := OpenEnvelope(token)
	wants(t, err, "TOKEN_NOT_COMPACT")
}

func TestExpIsAskedFor(t *testing.T) {
	_, err := made(t, func(p *Policy) { p.Require = []string{"sub"} }).Verify(eternal, now, nil)
	wants(t, err, "EXPIRY_MISSING")
	if _, err := made(t, func(p *Policy) { p.Require, p.AllowMissingExp = []string{"sub"}, true }).Verify(eternal, now, nil); err != nil {
		t.Fatal(err)
	}
}

func TestAnEmptySubjectIsAskedFor(t *testing.T) {
	nobody := ""
	_, err := made(t, func(p *Policy) { p.Subject = &nobody }).Verify(token, now, nil)
	wants(t, err, "SUBJECT")
}

func TestKeysThatDoNotFit(t *testing.T) {
	keys, err := NewKeys("", 1)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, keys.AddSecret("HS256", []byte("short"), ""), "KEY_TOO_SHORT")
	for number := 0; err == nil && number < 20; number++ {
		err = keys.AddSecret("HS256", []byte(secret), strings.Repeat("k", number+1))
	}
	wants(t, err, "REGION_TOO_SMALL")
	swapped := keys.AddSecret(secret, []byte("HS256"), "")
	if wants(t, swapped, ""); strings.Contains(swapped.Error(), secret) {
		t.Fatal("the error repeats the secret")
	}
}

func TestWrongUseIsAnError(t *testing.T) {
	for name, change := range map[string]func(*Policy){
		"holder":    func(p *Policy) { p.Holder = "nobody" },
		"replay":    func(p *Policy) { p.Holder = "dpop" },
		"shape":     func(p *Policy) { p.Shape = "round" },
		"algorithm": func(p *Policy) { p.Algorithms = []string{"HS1"} },
		"preset":    func(p *Policy) { p.Sketch = &Sketch{Preset: "x", Pepper: make([]byte, 16)} },
		"component": func(p *Policy) { p.Sketch = &Sketch{Weights: map[string]uint32{"x": 1}, Pepper: make([]byte, 16)} },
	} {
		verifier, err := verifierOf(change)
		if wants(t, err, ""); verifier != nil {
			t.Fatal(name)
		}
	}
	_, err := verifierOf(func(p *Policy) { p.Sketch = &Sketch{Pepper: make([]byte, 15)} })
	wants(t, err, "PEPPER_TOO_SHORT")
	_, err = made(t, nil).Verify(token, now, &Evidence{Scheme: "Basic"})
	wants(t, err, "")
	// A proof says under which scheme the token came; where there is none it may be left out.
	_, err = made(t, nil).Verify(token, now, &Evidence{Proofs: []string{"a.b.c"}})
	wants(t, err, "")
	if _, err = made(t, nil).Verify(token, now, &Evidence{Method: "GET"}); err != nil {
		t.Fatal(err)
	}
	// The time that nobody set is long before any exp.
	_, err = made(t, nil).Verify(token, time.Time{}, nil)
	wants(t, err, "")
}

func TestKeysThatAVerifierHasAreNotChanged(t *testing.T) {
	keys, err := NewKeys("", 2)
	if err == nil {
		_, err = NewVerifier(Policy{}, nil, keys)
	}
	if err != nil {
		t.Fatal(err)
	}
	wants(t, keys.AddSecret("HS256", []byte(secret), ""), "")
}
