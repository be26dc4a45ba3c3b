// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"minga/coop"
)

// Lists of servers go from instance to instance as Mastodon's file of blocked domains,
// column for column, or as a text with a host a line.

// MaxPeerBytes is the largest list of servers.
const MaxPeerBytes = 16 << 20

// peerColumns are those of Mastodon's file, in its order.
var peerColumns = []string{"#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate"}

// PeerFile is what was found in a list of servers.
type PeerFile struct {
	Rows  []coop.PeerListRow // Host, Policy, PublicReason; each host once, the first counts
	Wrong []BadLine
}

// What is wrong with a line of a list of servers.
const (
	BadHost   Problem = "bad_host"   // no name of a server, or one with letters left out
	BadSuffix Problem = "bad_suffix" // a name below which registries sell names
	BadOwn    Problem = "own_host"   // this instance itself
	BadPolicy Problem = "bad_policy" // a severity that decides nothing
)

// ReadPeers reads a list of servers; policy is that of lines that say none. Host writes
// the name of a server the one way, or gives an error; own tells our own names. More than
// [MaxPeerBytes] or [coop.MaxPeerListRows] give [coop.ErrTooLarge], what is no text or
// names no server at all a *[coop.InvalidError] of field file. A bad line keeps no other
// out.
func ReadPeers(data []byte, policy coop.PeerPolicy, host func(string) (string, error), own func(string) bool) (*PeerFile, error) {
	if len(data) > MaxPeerBytes {
		return nil, fmt.Errorf("list of %d bytes: %w", len(data), coop.ErrTooLarge)
	}
	text, ok := decode(data)
	if !ok {
		return nil, &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "this is no text file"}
	}
	r := &peerReading{policy: policy, host: host, own: own, seen: map[string]bool{}}
	if err := r.all(text); err != nil {
		return nil, err
	}
	if len(r.file.Rows) == 0 {
		return &r.file, &coop.InvalidError{Field: "file", Code: coop.CodeRequired, Problem: "the file names no server"}
	}
	return &r.file, nil
}

// peerReading is a list on its way.
type peerReading struct {
	policy  coop.PeerPolicy
	host    func(string) (string, error)
	own     func(string) bool
	columns []string // nil: the first is the host
	seen    map[string]bool
	file    PeerFile
}

// all reads every line.
func (r *peerReading) all(text string) error {
	lines := csv.NewReader(strings.NewReader(text))
	lines.FieldsPerRecord, lines.LazyQuotes, lines.TrimLeadingSpace = -1, true, true
	for {
		record, err := lines.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
			r.bad(broken.StartLine, record, BadQuotes)
			continue
		case err != nil:
			return &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "this file cannot be read"}
		}
		number, _ := lines.FieldPos(0)
		r.line(number, record)
		if len(r.file.Rows)+len(r.file.Wrong) > coop.MaxPeerListRows {
			return fmt.Errorf("more than %d servers: %w", coop.MaxPeerListRows, coop.ErrTooLarge)
		}
	}
}

// line takes one line in.
func (r *peerReading) line(number int, record []string) {
	for i, cell := range record {
		record[i] = unguard(strings.TrimSpace(cell))
	}
	first := strings.ToLower(record[0])
	switch {
	case empty(record):
		return
	case first == "#domain" || first == "domain":
		r.columns = make([]string, len(record))
		for i, cell := range record {
			r.columns[i] = "#" + strings.TrimPrefix(strings.ToLower(cell), "#")
		}
		return
	case strings.HasPrefix(first, "#"):
		return // a remark
	}
	row, wrong := r.row(record)
	switch {
	case wrong != "":
		r.bad(number, record, wrong)
	case !r.seen[row.Host]:
		r.seen[row.Host] = true
		r.file.Rows = append(r.file.Rows, row)
	}
}

// row reads a host and what is to be done with it.
func (r *peerReading) row(record []string) (coop.PeerListRow, Problem) {
	host, err := r.host(strings.TrimPrefix(strings.ToLower(record[0]), "*."))
	switch {
	case err != nil || strings.ContainsAny(host, "*/ "):
		return coop.PeerListRow{}, BadHost
	case r.own(host):
		return coop.PeerListRow{}, BadOwn
	case manyOwners(host):
		return coop.PeerListRow{}, BadSuffix
	}
	row := coop.PeerListRow{Host: host, Policy: r.policy, PublicReason: coop.CleanText(r.cell(record, "#public_comment"), 1000)}
	switch severity := strings.ToLower(r.cell(record, "#severity")); severity {
	case "", string(r.policy):
	case "suspend", "block":
		row.Policy = coop.PolicyBlock
	case "silence", "limit":
		row.Policy = coop.PolicyLimit
	case "allow":
		row.Policy = coop.PolicyAllow
	case "noop":
		if r.cell(record, "#reject_media") != "true" && r.cell(record, "#reject_media") != "True" {
			return row, BadPolicy
		}
		row.Policy = coop.PolicyLimit // the nearest that we have: its files are not shown
	default:
		return row, BadPolicy
	}
	return row, ""
}

// manyOwners tells a name below which registries sell names: org, com.ar. Blocked with all
// that is below it, it would cut a country off. Names below which a company lends names
// are not meant: such do stand on lists, for good reasons.
func manyOwners(host string) bool {
	if !strings.ContainsAny(host, ".:") {
		return true
	}
	suffix, registry := publicsuffix.PublicSuffix(host)
	return registry && suffix == host
}

// cell is what stands in a column; empty where there is none.
func (r *peerReading) cell(record []string, column string) string {
	if i := slices.Index(r.columns, column); i >= 0 && i < len(record) {
		return record[i]
	}
	return ""
}

// bad notes a line that was not understood.
func (r *peerReading) bad(number int, record []string, problem Problem) {
	cells := make([]string, 0, 1)
	for _, cell := range record[:min(1, len(record))] {
		cells = append(cells, coop.CleanLine(cell, maxBadCell))
	}
	r.file.Wrong = append(r.file.Wrong, BadLine{number, cells, problem})
}

// WritePeers writes servers as Mastodon's file: blocked ones are suspended, limited ones
// silenced; allowed ones stand in their own file, which names hosts alone.
func WritePeers(w io.Writer, policy coop.PeerPolicy, peers []*coop.Peer) error {
	out := &Writer{out: csv.NewWriter(w)}
	columns := peerColumns
	if policy == coop.PolicyAllow {
		columns = peerColumns[:1]
	}
	if err := out.out.Write(columns); err != nil {
		return fmt.Errorf("write a list of servers: %w", err)
	}
	for _, p := range peers {
		cells := []string{p.Host, "suspend", "true", "true", p.PublicReason, "false"}
		if p.Policy == coop.PolicyLimit {
			cells = []string{p.Host, "silence", "true", "false", p.PublicReason, "false"}
		}
		if err := out.line(cells[:len(columns)]...); err != nil {
			return err
		}
	}
	return out.Close()
}
