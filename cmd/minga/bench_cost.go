// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// bareSignatures times the four operations that everything rests on.
func bareSignatures(rsaKey *rsa.PrivateKey, edKey ed25519.PrivateKey, digest []byte) (found limits, err error) {
	rsaText, err := rsa.SignPKCS1v15(nil, rsaKey, crypto.SHA256, digest)
	if err != nil {
		return found, err
	}
	edText := ed25519.Sign(edKey, digest)
	edPublic, ok := edKey.Public().(ed25519.PublicKey)
	if !ok {
		return found, errors.New("no Ed25519 key")
	}
	for _, one := range []struct {
		to *float64
		do signSign
	}{
		{&found.RSASign, func() error { _, err := rsa.SignPKCS1v15(nil, rsaKey, crypto.SHA256, digest); return err }},
		{&found.RSAVerify, func() error { return rsa.VerifyPKCS1v15(&rsaKey.PublicKey, crypto.SHA256, digest, rsaText) }},
		{&found.Ed25519Sign, func() error { ed25519.Sign(edKey, digest); return nil }},
		{&found.Ed25519Verify, func() error {
			if !ed25519.Verify(edPublic, digest, edText) {
				return errors.New("a good signature was refused")
			}
			return nil
		}},
	} {
		if *one.to, err = per1000(one.do); err != nil {
			return found, err
		}
	}
	return found, nil
}

// clockTicks is how many ticks a second /proc counts in (USER_HZ).
const clockTicks = 100

// processCPU is the CPU time, user and system, that a process has used, in
// seconds (proc(5), stat fields 14 and 15).
func processCPU(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("process %d: %w", pid, err)
	}
	// The name in brackets may hold anything; the fields after it are numbers.
	_, rest, ok := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 13 {
		return 0, fmt.Errorf("process %d: unreadable figures", pid)
	}
	user, err1 := strconv.ParseFloat(fields[11], 64)
	system, err2 := strconv.ParseFloat(fields[12], 64)
	return (user + system) / clockTicks, errors.Join(err1, err2)
}

// processesCPU adds up several processes, such as an instance and its database.
func processesCPU(pids []int) (float64, error) {
	sum := 0.0
	for _, pid := range pids {
		cpu, err := processCPU(pid)
		if err != nil {
			return 0, err
		}
		sum += cpu
	}
	return sum, nil
}

// childrenCPU is what the children of a process have used, in seconds: the
// server processes of a database. What cannot be read counts nothing.
func childrenCPU(parent int) float64 {
	if parent == 0 {
		return 0
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0
	}
	sum := 0.0
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || parentOf(pid) != parent {
			continue
		}
		if cpu, err := processCPU(pid); err == nil {
			sum += cpu
		}
	}
	return sum
}

// parentOf is the parent of a process (proc(5), stat field 4), or 0.
func parentOf(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return 0
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return parent
}

// processRSS is the memory that a process holds, in bytes.
func processRSS(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err == nil {
				return kb << 10
			}
		}
	}
	return 0
}
