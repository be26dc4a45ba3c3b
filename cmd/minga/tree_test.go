// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The tests of imports_test.go and source_test.go read the program as text: a
// rule about what may be written where cannot be checked by running it.

// module is the import path of the repository's root.
const module = "minga"

// sourceFile is one Go file as the rules see it.
type sourceFile struct {
	path    string // slashes, from the repository's root: storage/job.go
	fset    *token.FileSet
	syntax  *ast.File
	imports map[string]string // name in this file → import path
	pkg     []*sourceFile     // the files of its package, tests left out
}

// dir is the folder of the file, from the repository's root.
func (f *sourceFile) dir() string { return path.Dir(f.path) }

// isTest tells whether the file is no part of the program: a test, or a package
// that exists for tests (storage/storagetest).
func (f *sourceFile) isTest() bool {
	return strings.HasSuffix(f.path, "_test.go") || strings.HasSuffix(f.dir(), "test")
}

// line is the line of a position in the file.
func (f *sourceFile) line(pos token.Pos) int { return f.fset.Position(pos).Line }

// parseSource reads one file; src is its text.
func parseSource(t *testing.T, name string, src any) *sourceFile {
	t.Helper()
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		t.Fatalf("parse %s: %v", name, err)
	}
	f := &sourceFile{path: name, fset: fset, syntax: syntax, imports: map[string]string{}}
	f.pkg = []*sourceFile{f}
	for _, spec := range syntax.Imports {
		f.imports[importName(spec)] = importPath(spec)
	}
	return f
}

// importPath is the path of an import without its quotes.
func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return p
}

// importName is the name by which the file calls the package. Without types the
// last element of the path must do, but for versions: math/rand/v2 is rand.
func importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	p := importPath(spec)
	base := path.Base(p)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(p))
	}
	return base
}

// repositoryRoot is the folder of go.mod.
func repositoryRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}

// goFiles parses every Go file of the repository and makes the files of a package
// known to each other.
func goFiles(t *testing.T) []*sourceFile {
	t.Helper()
	root := repositoryRoot(t)
	var files []*sourceFile
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipFolder(root, name, entry.Name())
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		files = append(files, parseSource(t, filepath.ToSlash(rel), src))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	joinPackages(files)
	return files
}

// skipFolder leaves out what the go tool leaves out too.
func skipFolder(root, name, base string) error {
	hidden := strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
	if name != root && (hidden || base == "testdata" || base == "vendor" || base == "node_modules") {
		return filepath.SkipDir
	}
	return nil
}

// joinPackages tells each file which others are of its package.
func joinPackages(files []*sourceFile) {
	byDir := map[string][]*sourceFile{}
	for _, f := range files {
		if !f.isTest() {
			byDir[f.dir()] = append(byDir[f.dir()], f)
		}
	}
	for _, f := range files {
		f.pkg = byDir[f.dir()]
	}
}

// under tells whether a file or folder is the place, or lies in it.
func under(name, place string) bool {
	return name == place || strings.HasPrefix(name, place+"/")
}
