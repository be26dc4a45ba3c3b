// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"unicode"
)

// The finders of source_test.go. They read syntax without types: a name is a
// package's when the file imports it so and nothing local hides it.

// inspect collects what the visitor reports about each node of a file.
func inspect(f *sourceFile, visit func(n ast.Node) string) []finding {
	var all []finding
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if n == nil {
			return false
		}
		if what := visit(n); what != "" {
			all = append(all, finding{n.Pos(), what})
		}
		return true
	})
	return all
}

// packageName resolves X.Sel to the import path of X, empty when X is no package.
func packageName(f *sourceFile, sel *ast.SelectorExpr) string {
	x, ok := sel.X.(*ast.Ident)
	if !ok || x.Obj != nil {
		return ""
	}
	return f.imports[x.Name]
}

// findNames reports each use of a listed name of a listed package.
func findNames(names map[string][]string) func(*sourceFile) []finding {
	return func(f *sourceFile) []finding {
		return inspect(f, func(n ast.Node) string {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return ""
			}
			path := packageName(f, sel)
			if path == "" || !slices.Contains(names[path], sel.Sel.Name) {
				return ""
			}
			return path + "." + sel.Sel.Name
		})
	}
}

// findImports reports the import of a listed package.
func findImports(paths ...string) func(*sourceFile) []finding {
	return func(f *sourceFile) []finding {
		return inspect(f, func(n ast.Node) string {
			spec, ok := n.(*ast.ImportSpec)
			if !ok || !slices.Contains(paths, importPath(spec)) {
				return ""
			}
			return "import of " + importPath(spec)
		})
	}
}

// findAny joins finders to one.
func findAny(finders ...func(*sourceFile) []finding) func(*sourceFile) []finding {
	return func(f *sourceFile) []finding {
		var all []finding
		for _, find := range finders {
			all = append(all, find(f)...)
		}
		return all
	}
}

// findIdentifier reports a name wherever it stands.
func findIdentifier(name string) func(*sourceFile) []finding {
	return func(f *sourceFile) []finding {
		return inspect(f, func(n ast.Node) string {
			if id, ok := n.(*ast.Ident); ok && id.Name == name {
				return name
			}
			return ""
		})
	}
}

// findBuiltins reports calls of functions of the language itself.
func findBuiltins(names ...string) func(*sourceFile) []finding {
	return func(f *sourceFile) []finding {
		return inspect(f, func(n ast.Node) string {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return ""
			}
			if id, ok := call.Fun.(*ast.Ident); ok && id.Obj == nil && slices.Contains(names, id.Name) {
				return "call of " + id.Name
			}
			return ""
		})
	}
}

// findGo reports go statements.
func findGo(f *sourceFile) []finding {
	return inspect(f, func(n ast.Node) string {
		if _, ok := n.(*ast.GoStmt); ok {
			return "go statement"
		}
		return ""
	})
}

// findPanics reports calls that end the program, but in functions named Must.
func findPanics(f *sourceFile) []finding {
	ends := findAny(findBuiltins("panic"), findNames(map[string][]string{
		"log": {"Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln"},
		"os":  {"Exit"}, "runtime": {"Goexit"},
	}))
	return slices.DeleteFunc(ends(f), func(found finding) bool { return inMust(f, found.pos) })
}

// inMust tells whether a position lies in a function named must… or Must…, or in
// main, which ends the program with its exit code.
func inMust(f *sourceFile, pos token.Pos) bool {
	for _, decl := range f.syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || pos < fn.Pos() || pos > fn.End() {
			continue
		}
		name := strings.ToLower(fn.Name.Name)
		return strings.HasPrefix(name, "must") || name == "main" && f.syntax.Name.Name == "main"
	}
	return false
}

// lastName is the name an expression ends with: s.store.dialect is dialect.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.ParenExpr:
		return lastName(e.X)
	case *ast.StarExpr:
		return lastName(e.X)
	case *ast.SliceExpr:
		return lastName(e.X)
	case *ast.IndexExpr:
		return lastName(e.X)
	case *ast.CallExpr:
		if len(e.Args) == 1 { // a conversion: string(secret)
			return lastName(e.Args[0])
		}
	}
	return ""
}

// secretWords are last words of names that hold what nobody may guess.
var secretWords = []string{"secret", "token", "password", "passwd", "digest", "mac", "hmac", "signature", "csrf", "nonce", "verifier"}

// isSecret judges a name by its last word: csrfToken is one, tokenType is not.
func isSecret(name string) bool {
	start := 0
	for i, r := range name {
		if !unicode.IsUpper(r) || i == 0 {
			continue
		}
		lowerNext := i+1 < len(name) && unicode.IsLower(rune(name[i+1]))
		if !unicode.IsUpper(rune(name[i-1])) || lowerNext {
			start = i
		}
	}
	return slices.Contains(secretWords, strings.ToLower(name[start:])) || slices.Contains(secretWords, strings.ToLower(name))
}

// findSecretCompares reports == and its kin between a secret and what is no
// constant.
func findSecretCompares(f *sourceFile) []finding {
	return inspect(f, func(n ast.Node) string {
		x, y := compared(f, n)
		if x == nil || isFixed(f, x) || isFixed(f, y) {
			return ""
		}
		for _, e := range []ast.Expr{x, y} {
			if name := lastName(e); isSecret(name) {
				return "comparison of " + name
			}
		}
		return ""
	})
}

// compared gives both sides of a comparison, nil for any other node.
func compared(f *sourceFile, n ast.Node) (x, y ast.Expr) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			return n.X, n.Y
		}
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || len(n.Args) != 2 {
			return nil, nil
		}
		switch packageName(f, sel) + "." + sel.Sel.Name {
		case "bytes.Equal", "bytes.Compare", "strings.EqualFold", "strings.Compare", "slices.Equal", "reflect.DeepEqual":
			return n.Args[0], n.Args[1]
		}
	}
	return nil, nil
}

// isFixed tells whether one side is a literal, nil, a constant or a name of
// another package, so that the comparison gives away nothing.
func isFixed(f *sourceFile, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false" || isConstName(f, e)
	case *ast.SelectorExpr:
		return packageName(f, e) != ""
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		return ok && packageName(f, sel) != "" // json.Delim('{'), subtle.…
	}
	return false
}

// isConstName tells whether a name is a constant, of the function or the package.
func isConstName(f *sourceFile, id *ast.Ident) bool {
	if id.Obj != nil {
		return id.Obj.Kind == ast.Con
	}
	return slices.ContainsFunc(f.pkg, func(other *sourceFile) bool {
		obj := other.syntax.Scope.Lookup(id.Name)
		return obj != nil && obj.Kind == ast.Con
	})
}

// answers are the methods by which gin writes to a client.
var answers = []string{"JSON", "IndentedJSON", "PureJSON", "AsciiJSON", "SecureJSON", "JSONP", "String", "HTML", "XML", "YAML", "AbortWithStatusJSON", "AbortWithError"}

// findErrorAnswers reports an error's text on its way to a client.
func findErrorAnswers(f *sourceFile) []finding {
	return inspect(f, func(n ast.Node) string {
		call, ok := n.(*ast.CallExpr)
		if !ok || !isAnswer(f, call) || !slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return holdsError(f, arg) }) {
			return ""
		}
		return "an error's own text as an answer"
	})
}

// isAnswer tells whether a call writes to a client: a method of gin's context,
// http.Error, or a print into a variable that is called w.
func isAnswer(f *sourceFile, call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch packageName(f, sel) {
	case "net/http":
		return sel.Sel.Name == "Error"
	case "fmt":
		return strings.HasPrefix(sel.Sel.Name, "Fprint") && len(call.Args) > 0 && lastName(call.Args[0]) == "w" && !under(f.path, "cmd")
	case "":
		return slices.Contains(answers, sel.Sel.Name) && len(call.Args) >= 2
	}
	return false
}

// holdsError tells whether an argument holds err or err.Error(). What respond makes
// of an error is meant for strangers.
func holdsError(f *sourceFile, arg ast.Expr) bool {
	holds := false
	ast.Inspect(arg, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			return !ok || !strings.HasSuffix(packageName(f, sel), "/web/respond")
		case *ast.Ident:
			holds = holds || n.Name == "err"
		case *ast.SelectorExpr:
			holds = holds || n.Sel.Name == "Error" && lastName(n.X) == "err"
		}
		return true
	})
	return holds
}
