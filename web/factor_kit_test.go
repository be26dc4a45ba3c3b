// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

// eachHouseAt runs a test on both databases, under a clock that the test moves.
func eachHouseAt(t *testing.T, change func(*Options), test func(h *house, clock *storagetest.Clock)) {
	t.Helper()
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) {
		test(newHouseOn(t, s, func(o *Options) {
			o.RateLimit, o.Now = false, clock.Now
			if change != nil {
				change(o)
			}
		}), clock)
	})
}

// send opens a page and sends one of its forms to an address.
func (s *surfer) send(page, to string, pairs ...string) *httptest.ResponseRecorder {
	s.Helper()
	w := s.open(page, nil)
	if w.Code != http.StatusOK {
		s.Fatalf("%s answers %d, leads to %s", page, w.Code, w.Header().Get("Location"))
	}
	form := url.Values{auth.FormField: {s.found(formToken, w.Body.String())}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return s.open(to, form)
}

// factors are the page where second factors are set up.
const factors = "/settings/security/factors"

var (
	shownSeed  = regexp.MustCompile(`class="seed"[^>]*>([A-Z2-7 ]+)<`)
	shownPaper = regexp.MustCompile(`<li><code>([A-Z2-7-]+)</code>`)
	passkeyRow = regexp.MustCompile(`value="passkey-end"><input type="hidden" name="id" value="(\d+)"`)
)

// setUpCodes switches codes on and gives the seed and the codes on paper. The clock
// stands two steps later, so that the code of now is a new one.
func (s *surfer) setUpCodes(clock *storagetest.Clock) (seed string, paper []string) {
	s.Helper()
	s.send(factors, factors, "act", "codes-begin")
	seed = strings.ReplaceAll(s.found(shownSeed, s.open(factors, nil).Body.String()), " ", "")
	w := s.send(factors, factors, "act", "codes", "code", codeAt(s.T, seed, clock.Now()))
	for _, m := range shownPaper.FindAllStringSubmatch(w.Body.String(), -1) {
		paper = append(paper, m[1])
	}
	if w.Code != http.StatusOK || len(paper) != coop.RecoveryCodes {
		s.Fatalf("codes answer %d with %d codes on paper: %s", w.Code, len(paper), w.Body)
	}
	clock.Advance(time.Minute)
	return seed, paper
}

// codeAt is the code of a seed at a time.
func codeAt(t *testing.T, seed string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(seed, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// softKey is a passkey in memory.
type softKey struct {
	key        *ecdsa.PrivateKey
	id, handle []byte
	signs      uint32
	origin, rp string
	flags      byte
}

// The flags of what a key signs (WebAuthn §6.1).
const (
	userPresent  = 0x01
	userVerified = 0x04
	withKey      = 0x40
)

// newKey is a key that does all right.
func newKey(t *testing.T) *softKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &softKey{key: key, id: []byte(rand.Text()), origin: "https://coop.example", rp: "coop.example", flags: userPresent | userVerified}
}

// challenge is what a page gets to ask a browser's keys with.
type challenge struct {
	Ceremony  string `json:"ceremony"`
	PublicKey struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
		Verification string `json:"userVerification"`
		Allow        []any  `json:"allowCredentials"`
		Selection    struct {
			Verification string `json:"userVerification"`
			Resident     string `json:"residentKey"`
		} `json:"authenticatorSelection"`
	} `json:"publicKey"`
}

// begin asks for a challenge as the script of a page does.
func (s *surfer) begin(page, path string) (ch challenge) {
	s.Helper()
	w := s.send(page, path)
	if err := json.Unmarshal(w.Body.Bytes(), &ch); err != nil || w.Code != http.StatusOK || ch.Ceremony == "" {
		s.Fatalf("%s answers %d %s", path, w.Code, w.Body)
	}
	return ch
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// data is what a key signs about itself, and client what the browser says.
func (k *softKey) data(flags byte) []byte {
	hash := sha256.Sum256([]byte(k.rp))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), k.signs)
}

func (k *softKey) client(kind string, ch challenge) []byte {
	text, _ := json.Marshal(map[string]any{"type": kind, "challenge": ch.PublicKey.Challenge, "origin": k.origin, "crossOrigin": false})
	return text
}

// create answers the challenge for a new key.
func (k *softKey) create(ch challenge) string {
	k.handle, _ = base64.RawURLEncoding.DecodeString(ch.PublicKey.User.ID)
	public, _ := k.key.PublicKey.Bytes() // 4, X, Y
	data := append(k.data(k.flags|withKey), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(k.id))), k.id...)
	data = append(data, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20)
	data = append(append(append(data, public[1:33]...), 0x22, 0x58, 0x20), public[33:]...)
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(data)))
	return k.answer(map[string]string{"clientDataJSON": b64(k.client("webauthn.create", ch)), "attestationObject": b64(append(object, data...))})
}

// sign answers the challenge for any key.
func (k *softKey) sign(ch challenge) string {
	k.signs++
	client, data := k.client("webauthn.get", ch), k.data(k.flags)
	said := sha256.Sum256(client)
	digest := sha256.Sum256(append(data[:len(data):len(data)], said[:]...))
	signature, _ := ecdsa.SignASN1(rand.Reader, k.key, digest[:])
	return k.answer(map[string]string{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(k.handle)})
}

func (k *softKey) answer(response map[string]string) string {
	text, _ := json.Marshal(map[string]any{"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	return string(text)
}

// addKey adds a passkey on the page, and gives what that answers.
func (s *surfer) addKey(k *softKey, name string) *httptest.ResponseRecorder {
	s.Helper()
	ch := s.begin(factors, factors+"/passkey")
	return s.send(factors, factors, "act", "passkey", "name", name, "ceremony", ch.Ceremony, "credential", k.create(ch))
}

// byKey signs in with a passkey alone.
func (s *surfer) byKey(k *softKey, next string) *httptest.ResponseRecorder {
	s.Helper()
	ch := s.begin("/sign-in", "/sign-in/passkey/begin")
	return s.send("/sign-in", "/sign-in/passkey", "next", next, "ceremony", ch.Ceremony, "credential", k.sign(ch))
}

// fresh is another browser.
func (h *house) fresh() *surfer { return &surfer{h, map[string]string{}} }

// in tells whether the browser is signed in.
func (s *surfer) in() bool {
	s.Helper()
	return s.open("/settings/security", nil).Code == http.StatusOK
}
