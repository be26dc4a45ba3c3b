// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
)

// calledName is the name of the function or method that a call calls.
func calledName(call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	case *ast.IndexExpr:
		return lastName(fun.X)
	}
	return ""
}

// numbers give nothing but digits; shapers give what they were given.
var (
	numbers = []string{"strconv.Itoa", "strconv.FormatInt", "strconv.FormatUint"}
	shapers = []string{"strings.Join", "strings.Repeat", "strings.TrimSpace", "strings.TrimSuffix", "strings.TrimPrefix", "strings.TrimRight", "strings.TrimLeft", "strings.ReplaceAll", "strings.Replace", "slices.Concat", "slices.Clone", "slices.Sorted", "maps.Keys"}
)

// isFixedCall judges what a call gives.
func (t *texts) isFixedCall(f *sourceFile, call *ast.CallExpr) bool {
	name := calledName(call)
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		if path := packageName(f, sel); path != "" {
			return t.isFixedForeign(f, path+"."+name, call)
		}
		if name == "String" && t.funcs[name] == nil {
			return t.isFixed(f, sel.X) // of a strings.Builder
		}
	}
	if id, ok := call.Fun.(*ast.Ident); ok && id.Obj != nil && id.Obj.Kind == ast.Var {
		return t.isFixedName(f, id)
	}
	if id, ok := call.Fun.(*ast.Ident); ok && id.Obj == nil && t.funcs[name] == nil {
		return (name == "append" || name == "string" || name == "make" || name == "len") && (name == "make" || name == "len" || t.allFixed(f, call.Args))
	}
	return t.isFixedReturn(name, 0)
}

// isFixedForeign judges a call of another package.
func (t *texts) isFixedForeign(f *sourceFile, name string, call *ast.CallExpr) bool {
	switch {
	case name == "fmt.Sprintf" || name == "fmt.Sprint":
		return t.isFixedFormat(f, call.Args)
	case slices.Contains(numbers, name):
		return true
	case name == "strings.Repeat":
		return t.isFixed(f, call.Args[0])
	}
	return slices.Contains(shapers, name) && t.allFixed(f, call.Args)
}

var verb = regexp.MustCompile(`\$?%[-+# 0]*\d*[a-zA-Z]`)

// isFixedFormat judges a format and its arguments; $%d is a placeholder's number.
func (t *texts) isFixedFormat(f *sourceFile, args []ast.Expr) bool {
	format, ok := literal(args[0])
	if !ok {
		return t.allFixed(f, args)
	}
	verbs := verb.FindAllString(strings.ReplaceAll(format, "%%", ""), -1)
	for i, arg := range args[1:] {
		number := i < len(verbs) && verbs[i] == "$%d"
		if !number && !t.isFixed(f, arg) {
			return false
		}
	}
	return true
}

// isFixedReturn judges the i-th result of every function of a name.
func (t *texts) isFixedReturn(name string, i int) bool {
	decls := t.funcs[name]
	if len(decls) == 0 {
		return false
	}
	return t.once([2]any{name, i}, func() bool {
		return !slices.ContainsFunc(decls, func(fn *ast.FuncDecl) bool { return fn.Body == nil || !t.returnsFixed(t.owner[fn], fn.Body, i) })
	})
}

// returnsFixed judges the return statements of one function, those of function
// literals in it left out.
func (t *texts) returnsFixed(f *sourceFile, body *ast.BlockStmt, i int) bool {
	fixed := true
	ast.Inspect(body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) > 0 {
			fixed = fixed && t.isFixedResult(f, ret.Results, i)
		}
		return fixed
	})
	return fixed
}
