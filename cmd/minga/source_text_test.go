// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"slices"
	"strings"
)

// texts follows a piece of text back to where it was written, through variables,
// parameters, results and fields of one package. A text is fixed when the program
// itself says all of it: literals, constants, numbers of placeholders. What comes
// by a field that others fill, by an exported function, or out of another package's
// call is a value. It goes by names: two methods of one name are one to it, and a
// text is fixed only if it is so for both.
type texts struct {
	pkg   []*sourceFile
	funcs map[string][]*ast.FuncDecl // by name, of every receiver
	owner map[ast.Node]*sourceFile   // of functions
	known map[any]bool               // what was judged
	why   map[any]string             // and what was to blame
	under map[any]int                // what is being judged, with its depth
	rests int                        // the least depth that the judgement rests on
	blame string                     // where the first value came from
}

func newTexts(f *sourceFile) *texts {
	t := &texts{pkg: f.pkg, funcs: map[string][]*ast.FuncDecl{}, owner: map[ast.Node]*sourceFile{}, known: map[any]bool{}, why: map[any]string{}, under: map[any]int{}}
	for _, f := range t.pkg {
		for _, decl := range f.syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				t.funcs[fn.Name.Name] = append(t.funcs[fn.Name.Name], fn)
				t.owner[fn] = f
			}
		}
	}
	return t
}

// text is an expression as it is written, for messages.
func (f *sourceFile) text(e ast.Expr) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, f.fset, e); err != nil {
		return "?"
	}
	return b.String()
}

// isFixed judges an expression, and notes the innermost one that is not.
func (t *texts) isFixed(f *sourceFile, e ast.Expr) bool {
	fixed := t.judge(f, e)
	if !fixed && t.blame == "" {
		t.blame = fmt.Sprintf("%s (%s:%d)", f.text(e), f.path, f.line(e.Pos()))
	}
	return fixed
}

func (t *texts) judge(f *sourceFile, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.ParenExpr:
		return t.isFixed(f, e.X)
	case *ast.UnaryExpr:
		return t.isFixed(f, e.X)
	case *ast.StarExpr:
		return t.isFixed(f, e.X)
	case *ast.SliceExpr:
		return t.isFixed(f, e.X)
	case *ast.IndexExpr:
		return t.isFixed(f, e.X)
	case *ast.BinaryExpr:
		return t.isFixed(f, e.X) && t.isFixed(f, e.Y)
	case *ast.KeyValueExpr:
		return t.isFixed(f, e.Value)
	case *ast.CompositeLit:
		return t.allFixed(f, e.Elts)
	case *ast.Ident:
		return t.isFixedName(f, e)
	case *ast.SelectorExpr:
		// Another package's constant is code; a field is judged by who fills it.
		return packageName(f, e) != "" || t.isFixedField(typeOf(e.X), e.Sel.Name)
	case *ast.FuncLit: // a function is what it gives
		return t.returnsFixed(f, e.Body, 0)
	case *ast.CallExpr:
		return t.isFixedCall(f, e)
	}
	return false
}

func (t *texts) allFixed(f *sourceFile, list []ast.Expr) bool {
	return !slices.ContainsFunc(list, func(e ast.Expr) bool { return !t.isFixed(f, e) })
}

// once judges what may come back to itself; on the way back it adds nothing. A
// judgement is kept, unless it rests on one that is still open.
func (t *texts) once(key any, judge func() bool) bool {
	if fixed, known := t.known[key]; known {
		if !fixed && t.blame == "" {
			t.blame = t.why[key]
		}
		return fixed
	}
	if depth, open := t.under[key]; open {
		t.rests = min(t.rests, depth)
		return true
	}
	depth, before := len(t.under), t.rests
	t.under[key], t.rests = depth, depth
	fixed := judge()
	delete(t.under, key)
	if !fixed || t.rests >= depth {
		t.known[key], t.why[key] = fixed, t.blame
		t.rests = before
	} else {
		t.rests = min(t.rests, before)
	}
	return fixed
}

// isFixedName judges a constant, a variable or a parameter.
func (t *texts) isFixedName(f *sourceFile, id *ast.Ident) bool {
	if isConstName(f, id) || id.Name == "nil" || id.Name == "true" || id.Name == "false" {
		return true
	}
	obj, file := id.Obj, f
	for i := 0; obj == nil && i < len(t.pkg); i++ {
		obj, file = t.pkg[i].syntax.Scope.Lookup(id.Name), t.pkg[i]
	}
	if obj == nil || obj.Kind != ast.Var {
		return false
	}
	return t.once(obj, func() bool {
		if field, ok := obj.Decl.(*ast.Field); ok {
			if fixed, isParameter := t.isFixedParameter(file, obj, field); isParameter && !fixed {
				return false
			}
		}
		return t.isFixedVariable(file, obj)
	})
}

// isFixedVariable judges every value that a variable is given in its file.
func (t *texts) isFixedVariable(f *sourceFile, obj *ast.Object) bool {
	fixed := true
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && (id.Obj == obj || id.Obj == nil && f.syntax.Scope.Lookup(id.Name) == obj)
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if is(left) || isElementOf(left, is) {
					fixed = fixed && t.isFixedResult(f, n.Rhs, i)
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if is(name) && len(n.Values) > 0 {
					fixed = fixed && t.isFixedResult(f, n.Values, i)
				}
			}
		case *ast.RangeStmt:
			if n.Value != nil && is(n.Value) {
				fixed = fixed && t.isFixed(f, n.X)
			}
		case *ast.CallExpr:
			fixed = fixed && t.isFixedWrite(f, n, is)
		}
		return fixed
	})
	return fixed
}

// isElementOf tells whether an expression is x[i] of the variable.
func isElementOf(e ast.Expr, is func(ast.Expr) bool) bool {
	index, ok := e.(*ast.IndexExpr)
	return ok && is(index.X)
}

// isFixedWrite judges what a call writes into a variable that builds text.
func (t *texts) isFixedWrite(f *sourceFile, call *ast.CallExpr, is func(ast.Expr) bool) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return true
	}
	if is(sel.X) && strings.HasPrefix(sel.Sel.Name, "Write") {
		return t.allFixed(f, call.Args)
	}
	into := func(e ast.Expr) bool {
		and, ok := e.(*ast.UnaryExpr)
		return ok && and.Op == token.AND && is(and.X)
	}
	if packageName(f, sel) == "fmt" && len(call.Args) > 1 && (is(call.Args[0]) || into(call.Args[0])) {
		return t.isFixedFormat(f, call.Args[1:])
	}
	return true
}

// isFixedResult judges the i-th value of an assignment.
func (t *texts) isFixedResult(f *sourceFile, right []ast.Expr, i int) bool {
	if i < len(right) {
		return t.isFixed(f, right[i])
	}
	call, ok := right[0].(*ast.CallExpr)
	return ok && t.isFixedReturn(calledName(call), i)
}

// isFixedParameter judges what all callers of the package give for a parameter.
// Others may call an exported function with anything.
func (t *texts) isFixedParameter(f *sourceFile, obj *ast.Object, field *ast.Field) (fixed, isParameter bool) {
	if name, typ := literalOf(f, field); typ != nil {
		at, variadic := parameterIndex(typ, obj)
		return name != "" && at >= 0 && t.isFixedArgument(name, at, variadic), true
	}
	for _, decl := range f.syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || field.Pos() < fn.Pos() || field.Pos() > fn.End() {
			continue
		}
		at, variadic := parameterIndex(fn.Type, obj)
		switch {
		case fn.Type.Results != nil && slices.Contains(fn.Type.Results.List, field):
			return true, false // judged by what it is given
		case at < 0 || fn.Name.IsExported():
			return false, true // a receiver, or anybody's
		}
		return t.isFixedArgument(fn.Name.Name, at, variadic), true
	}
	return true, false
}

// parameterIndex finds a parameter by its object.
func parameterIndex(fn *ast.FuncType, obj *ast.Object) (index int, variadic bool) {
	for _, field := range fn.Params.List {
		_, variadic := field.Type.(*ast.Ellipsis)
		for _, name := range field.Names {
			if name.Obj == obj {
				return index, variadic
			}
			index++
		}
	}
	return -1, false
}

// literalOf finds the function literal that a parameter belongs to, and the name
// that the literal was given, if any.
func literalOf(f *sourceFile, field *ast.Field) (name string, typ *ast.FuncType) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, right := range n.Rhs {
				if lit, ok := right.(*ast.FuncLit); ok && slices.Contains(lit.Type.Params.List, field) {
					name = lastName(n.Lhs[i])
				}
			}
		case *ast.FuncLit:
			if slices.Contains(n.Type.Params.List, field) {
				typ = n.Type
			}
		}
		return typ == nil
	})
	return name, typ
}

// isFixedArgument judges one argument of every call by a function's name.
func (t *texts) isFixedArgument(name string, at int, variadic bool) bool {
	fixed := true
	for _, f := range t.pkg {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || calledName(call) != name || len(call.Args) <= at {
				return fixed
			}
			given := call.Args[at : at+1]
			if variadic {
				given = call.Args[at:]
			}
			fixed = fixed && t.allFixed(f, given)
			return fixed
		})
	}
	return fixed
}
