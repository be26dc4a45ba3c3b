// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fuzzed is what reads the words of strangers, with its target.
var fuzzed = map[string]string{
	"the Signature header":             "federation/signature.FuzzSignatureHeader",
	"the fields of RFC 9421":           "federation/signature.FuzzRFC9421Fields",
	"the shape of a document":          "federation/document.FuzzCheck",
	"the reader of documents":          "federation/document.FuzzRead",
	"what a document becomes":          "inbox.FuzzRead",
	"the type of a document":           "federation/vocabulary.FuzzRecognise",
	"actors":                           "federation/document.FuzzActor",
	"WebFinger":                        "federation.FuzzParseJRD",
	"host-meta":                        "federation.FuzzParseHostMeta",
	"NodeInfo":                         "federation.FuzzNodeInfo",
	"addresses of documents":           "federation/origin.FuzzParse",
	"names of hosts":                   "federation/origin.FuzzNormalizeHost",
	"addresses that are dialled":       "federation.FuzzAddressPredicate",
	"the sanitiser":                    "federation/sanitize.FuzzHTML",
	"Markdown":                         "outbox/text.FuzzMarkdown",
	"plain text":                       "outbox/text.FuzzTyped",
	"Multikeys":                        "federation/signature.FuzzParseMultikey",
	"public keys":                      "federation/signature.FuzzParsePublicPEM",
	"proofs":                           "federation/signature.FuzzProof",
	"canonical JSON":                   "federation/signature.FuzzCanonical",
	"cursors":                          "storage.FuzzReadCursor",
	"forms, multipart and nested keys": "web/mastodon/input.FuzzRead",
	"CSV":                              "coop/carry.FuzzRead",
	"folders of Markdown":              "coop/carry.FuzzReadArticle",
	"files of jobs":                    "coop/carry.FuzzReadJobs",
	"exports of WordPress":             "coop/carry.FuzzWordPress",
	"HTML that becomes Markdown":       "coop/carry.FuzzMarkdownOf",
	"addresses of mail":                "coop.FuzzValidMail",
	"heads of pictures":                "storage/media.FuzzReadHeader",
	"GIF":                              "storage/media.FuzzRewriteGIF",
	"Exif":                             "storage/media.FuzzExifOrientation",
	"what a file is":                   "storage/media.FuzzSniff",
	"the JobPosting of a page":         "inbox.FuzzJobPage",
	"a job in a post":                  "coop/jobtext.FuzzParse",
	"searches of the job board":        "coop.FuzzJobQuery",
	"searches in words":                "coop.FuzzTextQuery",
	"X-Forwarded-For":                  "web.FuzzForwardedAddress",
}

// TestEveryReaderIsFuzzed: each of them has its target, and no target is unknown.
func TestEveryReaderIsFuzzed(t *testing.T) {
	tests, _ := testsOf(goFiles(t))
	named := map[string]bool{}
	for what, target := range fuzzed {
		named[target] = true
		if !tests[target] {
			t.Errorf("%s: there is no %s", what, target)
		}
	}
	for name, is := range tests {
		if _, target, _ := strings.Cut(name, "."); is && strings.HasPrefix(target, "Fuzz") && !named[name] {
			t.Errorf("%s fuzzes something that the table does not name", name)
		}
	}
}

// TestFuzzCorporaHaveTheirTargets: what lies in testdata/fuzz is played by a target that is
// there, and is small.
func TestFuzzCorporaHaveTheirTargets(t *testing.T) {
	root, kept := repositoryRoot(t), 0
	tests, _ := testsOf(goFiles(t))
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, "/testdata/fuzz/") {
			return err
		}
		name, _ := filepath.Rel(root, path)
		folder, entry, _ := strings.Cut(filepath.ToSlash(name), "/testdata/fuzz/")
		if !tests[folder+"."+filepath.Dir(entry)] {
			t.Errorf("%s is played by no target", name)
		}
		info, err := os.Stat(path)
		if err == nil && info.Size() > 16<<10 {
			t.Errorf("%s has %d bytes", name, info.Size())
		}
		kept++
		return err
	})
	if err != nil || kept < 20 {
		t.Errorf("%d inputs are kept, %v", kept, err)
	}
}
