// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// fakeLookups answers from two maps.
func fakeLookups(env, files map[string]string) lookups {
	return lookups{
		env: func(key string) (string, bool) { v, ok := env[key]; return v, ok },
		read: func(path string) ([]byte, error) {
			if text, ok := files[path]; ok {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		},
	}
}

func TestConfigCorners(t *testing.T) {
	for _, tt := range []struct {
		name    string
		env     map[string]string
		files   map[string]string
		flags   settingFlags
		problem string // empty: good
		check   func(*Config) bool
	}{
		{name: "without configuration it is development on localhost", check: func(c *Config) bool {
			return c.Dev && c.Scheme == "http" && c.Host == "localhost:8080" && c.Listen == "localhost:8080" && strings.HasPrefix(c.DatabaseURL, "sqlite:///")
		}},
		{name: "a host implies nothing", env: map[string]string{"MINGA_HOST": "coop.example"}, check: func(c *Config) bool {
			return !c.Dev && c.Scheme == "https" && c.AccountDomain == "coop.example"
		}},
		{name: "plain http needs development", env: map[string]string{"MINGA_HOST": "coop.example", "MINGA_SCHEME": "http"}, problem: "MINGA_DEV"},
		{name: "development on a public name is refused", env: map[string]string{"MINGA_HOST": "coop.org", "MINGA_DEV": "1"}, problem: "public name"},
		{name: "development under .test is fine", env: map[string]string{"MINGA_HOST": "a.test", "MINGA_DEV": "1", "MINGA_SCHEME": "http"}, check: func(c *Config) bool {
			return c.BaseURL() == "http://a.test"
		}},
		{
			name: "a flag beats the environment beats the file", flags: settingFlags{FederationName: ptr("flag")},
			env:   map[string]string{"MINGA_FEDERATION_NAME": "env", "MINGA_FEDERATION_HANDLE": "env", "MINGA_CONFIG": "c.toml"},
			files: map[string]string{"c.toml": "federation_name = \"file\"\nfederation_handle = \"file\"\njob_days = 30\n"},
			check: func(c *Config) bool {
				return c.FederationName == "flag" && c.FederationHandle == "env" && c.JobDays == 30
			},
		},
		{name: "a secret may come by a file", env: map[string]string{"MINGA_METRICS_TOKEN_FILE": "/run/token"}, files: map[string]string{"/run/token": "abc\n"}, check: func(c *Config) bool {
			return c.MetricsToken == "abc"
		}},
		{name: "an unknown key names the nearest", env: map[string]string{"MINGA_CONFIG": "c.toml"}, files: map[string]string{"c.toml": "databse_url = \"x\"\n"}, problem: "database_url"},
		{name: "an asked-for file must exist", env: map[string]string{"MINGA_CONFIG": "none.toml"}, problem: "none.toml"},
		{name: "a list of networks", env: map[string]string{"MINGA_ALLOW_NETS": "127.0.0.1/32, 127.0.0.2"}, check: func(c *Config) bool {
			return c.AllowNetsSet && len(c.AllowNets) == 2 && c.AllowNets[1].Bits() == 32
		}},
		{name: "no network", env: map[string]string{"MINGA_ALLOW_NETS": "here"}, problem: "allow_nets"},
		{name: "metrics elsewhere need a token", env: map[string]string{"MINGA_ADMIN_LISTEN": "0.0.0.0:9090"}, problem: "MINGA_METRICS_TOKEN"},
		{name: "a database nobody speaks to", env: map[string]string{"MINGA_DATABASE_URL": "mysql://x"}, problem: "database_url"},
		{name: "metrics off", env: map[string]string{"MINGA_ADMIN_LISTEN": ""}, check: func(c *Config) bool { return c.AdminListen == "" && c.AdminAsked }},
		{name: "nobody makes an account without mail", env: map[string]string{"MINGA_REGISTRATION": "open"}, problem: "registration=open needs a mail server"},
		{name: "nor by invitation", env: map[string]string{"MINGA_REGISTRATION": "invite"}, problem: "registration=invite needs a mail server"},
		{name: "registration is of four kinds", env: map[string]string{"MINGA_REGISTRATION": "all"}, problem: "registration"},
		{name: "more than 90 days is too long", env: map[string]string{"MINGA_JOB_DAYS": "91"}, problem: "job_days"},
		{name: "pages in two languages", env: map[string]string{"MINGA_LANGUAGES": "it, ca"}, check: func(c *Config) bool {
			return strings.Join(c.Languages, " ") == "it ca" && c.Language == "it"
		}},
		{name: "pages in all, English for the others", check: func(c *Config) bool { return len(c.Languages) == 5 && c.Language == "en" }},
		{name: "a language nobody wrote", env: map[string]string{"MINGA_LANGUAGES": "es,de"}, problem: "languages"},
		{name: "a language twice", env: map[string]string{"MINGA_LANGUAGES": "es es"}, problem: "languages"},
		{name: "no language", env: map[string]string{"MINGA_LANGUAGES": " , "}, problem: "languages"},
		{name: "a usual language that is not offered", env: map[string]string{"MINGA_LANGUAGES": "es", "MINGA_DEFAULT_LANGUAGE": "en"}, problem: "default_language"},
		{name: "a mode nobody knows", env: map[string]string{"MINGA_FEDERATION_MODE": "maybe"}, problem: "federation_mode"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := loadConfig(&tt.flags, "", fakeLookups(tt.env, tt.files))
			switch {
			case tt.problem == "" && err != nil:
				t.Fatal(err)
			case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)):
				t.Fatalf("error %v, want one about %s", err, tt.problem)
			case tt.problem != "" && exitCode(err) != exitUsage:
				t.Errorf("exit code %d, want %d", exitCode(err), exitUsage)
			case tt.check != nil && !tt.check(c):
				t.Errorf("configuration is %+v", c)
			}
		})
	}
}

func TestPublicName(t *testing.T) {
	for host, public := range map[string]bool{
		"localhost": false, "localhost:8080": false, "a.localhost:1": false, "127.0.0.1:80": false, "[::1]:80": false,
		"10.1.2.3": false, "x.home.arpa": false, "coop.example": false, "coop.org": true, "8.8.8.8": true, "localhost.org": true,
	} {
		if publicName(host) != public {
			t.Errorf("publicName(%q) = %v", host, !public)
		}
	}
}

// TestFlagsAndKeysAgree keeps the three names of a setting alike.
func TestFlagsAndKeysAgree(t *testing.T) {
	var cli struct {
		settingFlags `embed:""`
	}
	parser, err := kong.New(&cli)
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]bool{}
	for _, f := range parser.Model.Flags {
		flags[strings.ReplaceAll(f.Name, "-", "_")] = true
	}
	for _, key := range settingKeys() {
		if !flags[key] {
			t.Errorf("key %s has no flag of the same name", key)
		}
	}
	if want := reflect.TypeFor[settingFlags]().NumField() + 1; len(flags) != want {
		t.Errorf("%d flags, want %d with --help", len(flags), want)
	}
}

func ptr[T any](v T) *T { return &v }
