// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// demoCommand is `minga demo`: three invented federations in one process, which
// follow each other through real HTTP, signatures and queues. With --data-dir
// the data stays there, else a temporary folder is used and removed.
type demoCommand struct {
	Metrics bool `help:"Serve metrics of the first instance on the admin address."`
	Empty   bool `help:"Make accounts, memberships and follows, but publish nothing."`
}

// demoPorts are taken unless something else has them.
var demoPorts = []string{"8081", "8082", "8083"}

// demo is what runs.
type demo struct {
	t         *terminal
	instances []*demoInstance
	seed      seeds
	loops     sync.WaitGroup
	failed    chan error
}

// demoInstance is one of the three.
type demoInstance struct {
	*instance
	seed      seedInstance
	listeners []net.Listener
	accounts  []demoAccount
}

// demoAccount is somebody to act as.
type demoAccount struct {
	Handle   string `json:"handle"`
	Kind     string `json:"kind"`
	URI      string `json:"uri"`
	Token    string `json:"token"`
	Password string `json:"password,omitempty"`
}

// demoLine is one instance as --json prints it.
type demoLine struct {
	Name     string        `json:"name"`
	URL      string        `json:"url"`
	Handle   string        `json:"federation"`
	Accounts []demoAccount `json:"accounts"`
}

// Run starts, seeds, prints and waits for the end.
func (a demoCommand) Run(t *terminal) (err error) {
	dir, clean, err := a.dataDir(t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clean()) }()
	ctx, stop := context.WithCancel(t.ctx)
	defer stop()
	seed, err := loadSeed()
	if err != nil {
		return err
	}
	d := &demo{t: t, seed: seed, failed: make(chan error, len(demoPorts))}
	if err := d.start(ctx, dir, seed.Instance, a.Metrics); err != nil {
		stop()
		d.loops.Wait()
		return errors.Join(err, d.close())
	}
	err = d.plant(ctx, a.Empty)
	if err == nil {
		err = d.introduce()
		d.explain()
	}
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-d.failed:
		}
	}
	stop()
	d.loops.Wait()
	if t.ctx.Err() != nil {
		err = nil // Ctrl-C is how a demonstration ends
	}
	return errors.Join(err, d.close())
}

// dataDir is where the three keep their data, and how that is cleaned up.
func (demoCommand) dataDir(t *terminal) (string, func() error, error) {
	if dir := t.settings.DataDir; dir != nil {
		return *dir, func() error { return nil }, os.MkdirAll(*dir, 0o700)
	}
	dir, err := os.MkdirTemp("", "minga-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("folder for the demonstration: %w", err)
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}

// start opens and runs all three at once: most of the time goes into their keys.
func (d *demo) start(ctx context.Context, dir string, seeds []seedInstance, metrics bool) error {
	for n, seed := range seeds {
		listeners, err := d.port(ctx, demoPorts[n])
		if err != nil {
			return err
		}
		d.instances = append(d.instances, &demoInstance{seed: seed, listeners: listeners})
	}
	ready := make(chan error, len(seeds))
	for n, one := range d.instances {
		config, err := one.configure(filepath.Join(dir, one.seed.Host), metrics && n == 0)
		if err != nil {
			return err
		}
		d.loops.Go(func() {
			i, err := newInstance(ctx, config, config.newLogger(d.t.err), d.t.now, d.t.from.newRSA)
			if err != nil {
				ready <- err
				return
			}
			one.instance = i
			if err := one.run(ctx, one.listeners, func() { ready <- nil }); err != nil {
				d.failed <- err
			}
		})
	}
	var errs []error
	for range seeds {
		errs = append(errs, <-ready)
	}
	return errors.Join(errs...)
}

// port listens on the usual port, or on a free one and says so.
func (d *demo) port(ctx context.Context, port string) ([]net.Listener, error) {
	listeners, err := listen(ctx, "localhost:"+port)
	if err == nil {
		return listeners, nil
	}
	listeners, err = listen(ctx, "localhost:0")
	if err != nil {
		return nil, err
	}
	d.t.talk("port %s is taken; using %d instead", port, listeners[0].Addr().(*net.TCPAddr).Port)
	return listeners, nil
}

// configure makes the configuration that the seed asks for.
func (one *demoInstance) configure(dir string, metrics bool) (*Config, error) {
	host := fmt.Sprintf("%s.localhost:%d", one.seed.Host, one.listeners[0].Addr().(*net.TCPAddr).Port)
	set := map[string]string{
		"MINGA_HOST": host, "MINGA_SCHEME": "http", "MINGA_DEV": "1", "MINGA_DATA_DIR": dir, "MINGA_LOG_LEVEL": "error",
		"MINGA_FEDERATION_HANDLE": one.seed.Handle, "MINGA_FEDERATION_NAME": one.seed.Name, "MINGA_FEDERATION_FOLLOWS": "at-once",
		"MINGA_DEFAULT_LANGUAGE": one.seed.Language, "MINGA_TIMEZONE": one.seed.Zone, "MINGA_ADMIN_LISTEN": "", "MINGA_RATE_LIMIT": "off",
	}
	if metrics {
		set["MINGA_ADMIN_LISTEN"] = "127.0.0.1:9090"
	}
	config, err := loadConfig(&settingFlags{}, "", lookups{
		env:  func(key string) (string, bool) { v, ok := set[key]; return v, ok },
		read: func(string) ([]byte, error) { return nil, os.ErrNotExist },
	})
	if config != nil {
		config.Demo = true
	}
	return config, err
}

// introduce prints where to look and how to sign in.
func (d *demo) introduce() error {
	var lines []demoLine
	for _, one := range d.instances {
		lines = append(lines, demoLine{one.seed.Name, one.config.BaseURL(), "@" + one.seed.Handle + "@" + one.config.Host, one.accounts})
	}
	if d.t.json {
		line, err := json.Marshal(lines)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.t.out, "%s\n", line)
		return err
	}
	printDemo(d.t.out, lines)
	return nil
}

// explain says how to sign in as somebody, on stderr.
func (d *demo) explain() {
	for _, one := range d.instances {
		for _, a := range one.accounts {
			if a.Password == "" {
				continue
			}
			name, _, _ := strings.Cut(a.Handle, "@")
			d.t.talk("to sign in with a browser: %s/sign-in, name %s, password %s", one.config.BaseURL(), name, a.Password)
			d.t.talk("to sign in with a client of Mastodon's API that takes http: server %s, then the same name and password", one.config.Host)
			d.t.talk("for instance: toot login --disable-https --instance %s", one.config.Host)
			return
		}
	}
}

// printDemo is the same for people.
func printDemo(w io.Writer, lines []demoLine) {
	fmt.Fprintln(w, "Three invented federations; no co-op, person or job in them is real.")
	for _, line := range lines {
		fmt.Fprintf(w, "\n%s\n  %s   %s\n", line.URL, line.Name, line.Handle)
		for _, account := range line.Accounts {
			fmt.Fprintf(w, "    %-11s %-40s token %s", account.Kind, account.Handle, account.Token)
			if account.Password != "" {
				fmt.Fprintf(w, "   password %s", account.Password)
			}
			fmt.Fprintln(w)
		}
	}
	fmt.Fprintln(w, "\nCtrl-C ends it.")
}

// close ends what runs no longer.
func (d *demo) close() error {
	var errs []error
	for _, one := range d.instances {
		if one.instance != nil {
			errs = append(errs, one.instance.close())
			continue
		}
		for _, l := range one.listeners {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}
