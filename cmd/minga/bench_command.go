// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"syscall"
	"time"

	"minga/federation/signature"
)

// benchCommand is `minga bench`: it plays the rest of the fediverse towards a
// running instance and counts what the instance's process spends. scripts/bench
// starts that instance and calls it.
type benchCommand struct {
	Limits  benchLimits  `cmd:"" help:"What one signature costs on this machine."`
	Fanout  benchFanout  `cmd:"" help:"Publish to many inbox hosts and measure."`
	Inbox   benchInbox   `cmd:"" help:"Send many signed activities and measure."`
	Fill    benchFill    `cmd:"" help:"Make a large instance of a new one."`
	Clients benchClients `cmd:"" help:"Read and write on the large instance as apps do, and measure."`
	Streams benchStreams `cmd:"" help:"Open many streams and measure how long a post takes to reach them."`
	Board   benchBoard   `cmd:"" help:"Fill the board of a new instance and measure searches."`
}

// limits are the costs that everything is divided by, in CPU seconds for 1,000.
type limits struct {
	RSASign       float64 `json:"rsa_sign_cpu"`
	RSAVerify     float64 `json:"rsa_verify_cpu"`
	Ed25519Sign   float64 `json:"ed25519_sign_cpu"`
	Ed25519Verify float64 `json:"ed25519_verify_cpu"`
}

// benchLimits is `minga bench limits`.
type benchLimits struct{}

// Run prints the limits.
func (benchLimits) Run(t *terminal) error {
	found, err := measureLimits()
	if err != nil {
		return err
	}
	return t.result(found)
}

// result prints a measurement as one line of JSON: it is for programs.
func (t *terminal) result(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s\n", line)
	return err
}

// measureLimits times bare signatures in this process, on one core.
func measureLimits() (limits, error) {
	rsaKey, err := signature.GenerateRSA()
	if err != nil {
		return limits{}, err
	}
	edKey, err := signature.GenerateEd25519()
	if err != nil {
		return limits{}, err
	}
	body := sha256.Sum256([]byte("minga"))
	return bareSignatures(rsaKey, edKey, body[:])
}

// signSign is what a bench of signatures repeats.
type signSign func() error

// per1000 is the CPU time of 1,000 calls, from as many as fit into a quarter of
// a second of it.
func per1000(do signSign) (float64, error) {
	begun, err := ownCPU()
	if err != nil {
		return 0, err
	}
	for count := 0; ; {
		for range 20 {
			if err := do(); err != nil {
				return 0, err
			}
		}
		count += 20
		now, err := ownCPU()
		if err != nil {
			return 0, err
		}
		if spent := now - begun; spent >= 0.25 {
			return spent / float64(count) * 1000, nil
		}
	}
}

// ownCPU is the CPU time, user and system, that this process has used, in seconds.
func ownCPU() (float64, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0, fmt.Errorf("own CPU time: %w", err)
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(used.Utime) + seconds(used.Stime), nil
}

// benchRow is what the two benches print: what was done, what it cost, and the
// limit of the same run.
type benchRow struct {
	Name         string  `json:"name"`
	Units        int     `json:"units"`
	CPU          float64 `json:"cpu_seconds_per_1000"`
	Limit        float64 `json:"limit_cpu_seconds_per_1000"`
	Ratio        float64 `json:"ratio"`
	DatabaseCPU  float64 `json:"database_cpu_seconds_per_1000"`
	WithDatabase float64 `json:"ratio_with_database"`
	Seconds      float64 `json:"seconds"`
	RSS          int64   `json:"rss_bytes"`
	P50          float64 `json:"p50_ms,omitempty"`
	P99          float64 `json:"p99_ms,omitempty"`
	Failures     int     `json:"failures"`
}

// newBenchRow divides.
func newBenchRow(name string, units int, cpu, database, limit float64, took time.Duration) benchRow {
	per, perDatabase := cpu/float64(units)*1000, database/float64(units)*1000
	return benchRow{
		Name: name, Units: units, CPU: per, Limit: limit, Ratio: per / limit, Seconds: took.Seconds(),
		DatabaseCPU: perDatabase, WithDatabase: (per + perDatabase) / limit,
	}
}

// progress tells a person how far it is, at most every ten seconds.
type progress struct {
	w    io.Writer
	last time.Time
}

// say prints a line when the last is old enough.
func (p *progress) say(format string, args ...any) {
	if time.Since(p.last) < 10*time.Second {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.w, format+"\n", args...)
}
