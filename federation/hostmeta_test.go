// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import "testing"

func TestOurHostMeta(t *testing.T) {
	const template = "https://minga.example/.well-known/webfinger?resource={uri}"
	for name, write := range map[string]func(string) ([]byte, error){"XRD": HostMetaXRD, "JSON": HostMetaJSON} {
		body, err := write("https://minga.example")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseHostMeta(body); err != nil || got != template {
			t.Errorf("%s: %q, %v\n%s", name, got, err, body)
		}
	}
	for _, bad := range []string{"", "{}", "{", "<XRD/>", "<html>", `<!DOCTYPE x [<!ENTITY a "b">]><XRD><Link rel="lrdd" template="&a;"/></XRD>`, `{"links":[{"rel":"lrdd"}]}`, `{"links":"x"}`} {
		if got, err := ParseHostMeta([]byte(bad)); err == nil {
			t.Errorf("%s: %q", bad, got)
		}
	}
}

func FuzzParseHostMeta(f *testing.F) {
	xrd, _ := HostMetaXRD("https://minga.example")
	f.Add(xrd)
	f.Add([]byte(`{"links":[{"rel":"lrdd","template":"x{uri}"}]}`))
	f.Fuzz(func(_ *testing.T, body []byte) { _, _ = ParseHostMeta(body) })
}
